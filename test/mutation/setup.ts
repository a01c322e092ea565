import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

// Before each test file: which mutant is on. Number −1 is none; the first run writes which mutants a file's tests come
// across.
const folder = process.env['SAMPO_MUTATION']!;
const active = Number(readFileSync(join(folder, `active-${process.env['SAMPO_MUTATION_LANE']}`), 'utf8'));
const hits = new Set<number>();
(globalThis as unknown as { __mut: (n: number) => boolean }).__mut =
  active < 0
    ? (n) => {
        hits.add(n);
        return false;
      }
    : (n) => n === active;

if (active < 0) {
  afterAll(() => {
    const { testPath } = expect.getState();
    mkdirSync(join(folder, 'hits'), { recursive: true });
    writeFileSync(join(folder, 'hits', `${testPath!.replaceAll(/[\\/]/g, '~')}.json`), JSON.stringify([...hits]));
  });
}
