import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../../src-main/shared/extremes';
import { spreadArguments } from './support/spread-arguments';

const root = join(import.meta.dirname, '../..');

function filesUnder(folder: string): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.(ts|tsx|mjs|cjs|js)$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
    )
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

describe('no collection is spread into arguments', () => {
  it.each([
    ['src-main', true],
    ['src-renderer', true],
    ['scripts', false],
    ['test', false],
    ['resources', false],
  ])('in %s (extremes.ts, a loop or a list as one argument instead)', (folder, all) => {
    const files = filesUnder(folder);
    if (folder !== 'resources') expect(files.length).toBeGreaterThan(10);
    expect(files.flatMap((file) => spreadArguments(join(root, file), all))).toEqual([]);
  });

  it.each([
    'Math.max(...xs)',
    'Math.min(0, ...xs)',
    'list.push(...xs)',
    'list?.push(...xs)',
    'a.b.unshift(...xs)',
    'list.splice(0, 1, ...xs)',
    'String.fromCharCode(...xs)',
    'String.fromCodePoint(...xs)',
    'new Array(...xs)',
    '[].concat(...xs)',
    'Math.max.apply(null, xs)',
    'list.push(...xs.map((x) => x + 1))',
  ])('finds %s', (code) => {
    expect(spreadArguments('a.ts', false, `const y = ${code};`)).toHaveLength(1);
  });

  it('finds a spread into any function where all are asked for, and leaves literal lists and spread lists alone', () => {
    expect(spreadArguments('a.ts', true, 'f(...xs);\nnew F(1, ...xs);')).toEqual(['a.ts:1 f', 'a.ts:2 F']);
    expect(spreadArguments('a.ts', false, 'f(...xs)')).toEqual([]);
    expect(spreadArguments('a.ts', true, 'f([...xs], { ...y }); Math.max(...[a, b]); const z = [...xs];')).toEqual([]);
  });
});

describe('extremes', () => {
  it('of more values than a stack holds', () => {
    const values = Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003);
    expect(largest(values)).toBe(1_000_002);
    expect(smallest(values)).toBe(0);
    expect(largest(values, (x) => -x)).toBe(-0);
    expect(smallest(new Map(values.map((x, i) => [i, x])).values())).toBe(0);
  });

  it('of none are null; infinities count; a NaN anywhere is the answer', () => {
    expect([largest([]), smallest([])]).toEqual([null, null]);
    expect([largest([1, Infinity]), smallest([1, -Infinity])]).toEqual([Infinity, -Infinity]);
    expect([largest([-Infinity]), smallest([Infinity])]).toEqual([-Infinity, Infinity]);
    for (const values of [
      [NaN, 1],
      [1, NaN],
      [1, NaN, 2],
    ])
      expect([largest(values), smallest(values)]).toEqual([NaN, NaN]);
    expect([largest([-3, -2]), smallest([3, 2])]).toEqual([-2, 2]);
  });
});
