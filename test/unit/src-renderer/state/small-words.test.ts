import { describe, expect, it } from 'vitest';
import { parseNumber } from '../../../../src-renderer/components/number-field';
import { rowList } from '../../../../src-renderer/state/dataset-words';
import { exportProblem, folderNameFor, loadingCode } from '../../../../src-renderer/state/export-words';
import { jumpTarget, scanRow } from '../../../../src-renderer/state/pair-index';
import { longRunName, run } from '../harness/fake-data';

describe('problems of a dataset', () => {
  it('name rows, not all of them', () => {
    expect(rowList([1, 2, 3], 3, 2)).toBe('1, 2 and 1 more');
    expect(rowList([1, 2, 3], 900)).toBe('1, 2, 3 and 897 more'); // the first of many
    expect(rowList([1, 2, 3])).toBe('1, 2, 3');
    expect(rowList([7])).toBe('7');
  });
});

describe('export', () => {
  const fine = { hasFolder: true, name: 'model', estimatedBytes: 10, diskFreeBytes: 100 };
  it('says why it cannot start', () => {
    expect(exportProblem(fine)).toBeNull();
    expect(exportProblem({ ...fine, hasFolder: false })).toBe('Choose a folder first.');
    expect(exportProblem({ ...fine, name: 'a/b' })).toMatch(/has \/ in it/);
    expect(exportProblem({ ...fine, name: '../x' })).toMatch(/begins with a dot/);
    expect(exportProblem({ ...fine, name: '..' })).toMatch(/is not a name/);
    expect(exportProblem({ ...fine, name: ' ' })).toMatch(/a name/);
    expect(exportProblem({ ...fine, estimatedBytes: 1e9, diskFreeBytes: 2e6 })).toBe(
      'Needs 1.0 GB, but only 2.0 MB are free.',
    );
  });
  it('proposes a name for any file system', () => {
    expect(folderNameFor(run({ id: 'r', name: 'β = 0.5 / try "2"' }))).toBe('starter-llama-0.5-try-2');
    expect(folderNameFor(run({ id: 'r', name: longRunName })).length).toBeLessThanOrEqual(80);
  });
  it('gives Python that survives Windows paths', () => {
    expect(loadingCode({ form: 'merged', path: 'C:\\m\\"x"' })).toContain('from_pretrained("C:\\\\m\\\\\\"x\\"")');
    expect(loadingCode({ form: 'adapter', path: '/m' })).toContain('peft');
    expect(loadingCode({ form: 'merged', path: '/m' }).split('\n')).toHaveLength(3);
  });
});

describe('numbers as people type them', () => {
  it('are read, or refused', () => {
    expect(['1e-5', '0.1', '0,1', '.5', '10 000', ' 7 ', '−3', '5.'].map((text) => parseNumber(text, false))).toEqual([
      1e-5, 0.1, 0.1, 0.5, 10000, 7, -3, 5,
    ]);
    for (const text of ['', 'abc', '1e', '1.2.3', '0x10', 'Infinity']) expect(parseNumber(text, false), text).toBeNaN();
    expect(parseNumber('1.5', true)).toBeNaN();
  });
});

describe('pairs worth a look', () => {
  const rows = [
    scanRow(0, { row: 1, prompt: 'p', chosen: 'aaaa', rejected: 'a' }),
    scanRow(1, { row: 3, prompt: 'pppppppp', chosen: 'a', rejected: 'a' }),
  ];
  it('are found by characters', () => {
    expect([
      jumpTarget(rows, 'longest')?.row,
      jumpTarget(rows, 'most-different')?.row,
      jumpTarget([], 'longest'),
    ]).toEqual([3, 1, null]);
  });
});
