import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript without types
import { build } from '../../../scripts/build.mjs';
// @ts-expect-error plain JavaScript without types
import { bundledPackages, notices } from '../../../scripts/lib/notices.mjs';

const root = join(import.meta.dirname, '../../..');
const nameOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string }).name;

describe('what a release is bundled from', () => {
  it('is named with its licence, each part of it, and heeds no variable that leads to other code or answers dialogs', {
    timeout: 120_000,
  }, async () => {
    const into = mkdtempSync(join(tmpdir(), 'sampo-release-'));
    await (build as (options: object) => Promise<string>)({ force: true, release: true, into });
    const inputs = JSON.parse(readFileSync(join(into, '.inputs.json'), 'utf8')) as readonly string[];
    const bundled = (bundledPackages as (inputs: readonly string[], root: string) => readonly string[])(inputs, root);
    expect(bundled.map(nameOf)).toEqual(
      expect.arrayContaining(['react', 'react-dom', '@mui/material', 'zod', '@huggingface/jinja']),
    );
    const text = (notices as (folders: readonly string[]) => string)(bundled);
    for (const folder of bundled) expect(text).toContain(`${nameOf(folder)} `);
    expect(text).toMatch(/MIT License|Permission is hereby granted/);
    for (const file of ['main.cjs', 'cli.cjs']) {
      const code = readFileSync(join(into, file), 'utf8');
      expect(code).toMatch(/isRelease = [^\n]*true/);
    }
  });
});
