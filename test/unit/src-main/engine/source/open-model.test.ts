import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeContent, writeFolder } from '../../../../../src-main/engine/export/output-folder';
import { openModel } from '../../../../../src-main/engine/source/open-model';

const starter = path.join(import.meta.dirname, '../../../../../resources/starter/model');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sampo-templates-'));
  cpSync(starter, path.join(folder, 'model'), { recursive: true });
  mkdirSync(path.join(folder, 'model/additional_chat_templates'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('carries templates by name into an export, in their own folder', async () => {
  writeFileSync(path.join(folder, 'model/chat_template.jinja'), 'one');
  writeFileSync(path.join(folder, 'model/additional_chat_templates/tool_use.jinja'), 'two');
  writeFileSync(path.join(folder, 'model/additional_chat_templates/notes.txt'), 'three');
  const source = await openModel(path.join(folder, 'model'));
  const files = await source.companionFiles();
  await source.close();
  const out = path.join(folder, 'out');
  const { files: written } = await writeFolder(out, (partial) =>
    Promise.all(files.map(({ name, content }) => writeContent(partial, name, content))),
  );
  expect(written.map(({ name }) => name)).toEqual([
    'tokenizer.json',
    'tokenizer_config.json',
    'chat_template.jinja',
    'additional_chat_templates/tool_use.jinja',
  ]);
  expect(readFileSync(path.join(out, 'additional_chat_templates/tool_use.jinja'), 'utf8')).toBe('two');
});

it('refuses a config.json that is nested too deeply, by its file', async () => {
  const file = path.join(folder, 'model/config.json');
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd().replace(/\}$/, `,"deep":${deep}}`));
  await expect(openModel(path.join(folder, 'model'))).rejects.toMatchObject({
    error: { code: 'bad-model', message: `${file} is nested too deeply.` },
  });
});
