import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dropJournal, dropStored, firstReport, readJournal } from '../../../../../src-main/app/runs/run-journal';
import { segmentName } from '../../../../../src-main/shared/ipc/journal';
import { temporaryFolder } from '../../../support/runs';

const line = (seq: number): string => JSON.stringify({ kind: 'problem', seq, message: `${seq}` });
/** A run's folder with these files in its journal, by the number that each begins with. */
function journal(files: Readonly<Record<number, readonly (number | string)[]>>): string {
  const runDir = temporaryFolder();
  mkdirSync(path.join(runDir, 'journal'));
  for (const [first, lines] of Object.entries(files))
    writeFileSync(
      path.join(runDir, 'journal', segmentName(Number(first))),
      lines.map((one) => (typeof one === 'number' ? line(one) : one)).join('\n'),
    );
  return runDir;
}
const read = (runDir: string, stored: number): unknown => {
  const { reports, lost } = readJournal(runDir, stored);
  return [reports.map(({ seq }) => seq), lost];
};

describe('a run’s journal', () => {
  const files = { 1: [1, 2], 3: [3, 4], 5: [5] };
  it.each([
    [0, [1, 2, 3, 4, 5]],
    [1, [2, 3, 4, 5]],
    [2, [3, 4, 5]],
    [4, [5]],
    [5, []],
  ])('gives what comes after report %i', (stored, expected) => {
    expect(read(journal(files), stored)).toEqual([expected, 0]);
  });

  it.each([
    ['torn at its end', { 1: [1, '{"kind":"pro'] }, [1], 0],
    ['torn, and its number was given again', { 1: [1, '{"kind":"pro', 2] }, [1, 2], 0],
    ['without some in the middle', { 1: [1, 'x', 'y', 4] }, [1, 4], 2],
    ['without its first', { 1: [3] }, [3], 2],
    ['of a number twice', { 1: [1, 1, 2] }, [1, 2], 0],
    ['of words without a number', { 1: ['{"kind":"ready"}', '{"kind":"problem","message":"x"}', 'null', 1] }, [1], 0],
    ['of kinds from tomorrow', { 1: [1, '{"kind":"tomorrow","seq":2}', 3] }, [1, 3], 1],
    ['that is empty', { 1: [] }, [], 0],
  ])('%s is read as far as it can be', (_what, lines, seqs, lost) => {
    expect(read(journal(lines), 0)).toEqual([seqs, lost]);
  });

  it('does not read files whose reports are all stored', () => {
    const runDir = journal({ 3: [3] });
    mkdirSync(path.join(runDir, 'journal', segmentName(1))); // a folder: reading it would fail
    expect(read(runDir, 2)).toEqual([[3], 0]);
    expect(() => readJournal(runDir, 1)).toThrow(/EISDIR/);
  });

  it.each([
    [1, [1, 3, 5]],
    [2, [3, 5]],
    [3, [3, 5]],
    [4, [5]],
    [9, [5]],
  ])('lets go of whole files once report %i is stored, never of the last', (stored, left) => {
    const runDir = journal(files);
    writeFileSync(path.join(runDir, 'journal', 'writer'), '1');
    dropStored(runDir, stored);
    expect(readdirSync(path.join(runDir, 'journal'))).toEqual([...left.map(segmentName), 'writer']);
  });

  it('begins with its first file’s number, or with 1', () => {
    expect(firstReport(journal({ 7: [7], 3: [3] }))).toBe(3);
    expect(firstReport(journal({}))).toBe(1);
  });

  it('may be missing; one that is no folder is a fault', () => {
    const runDir = temporaryFolder();
    expect(read(runDir, 0)).toEqual([[], 0]);
    dropStored(runDir, 9);
    dropJournal(runDir);
    expect(firstReport(runDir)).toBe(1);
    writeFileSync(path.join(runDir, 'journal'), '');
    expect(() => readJournal(runDir, 0)).toThrow(/ENOTDIR/);
    dropJournal(runDir);
    expect(readdirSync(runDir)).toEqual([]);
  });

  it('goes as a whole when its run has ended', () => {
    const runDir = journal(files);
    dropJournal(runDir);
    expect(readdirSync(runDir)).toEqual([]);
  });
});
