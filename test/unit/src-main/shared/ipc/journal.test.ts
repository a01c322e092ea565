import { describe, expect, it } from 'vitest';
import {
  firstSeqOf,
  journalFolder,
  journalWriter,
  segmentName,
  segmentsOf,
} from '../../../../../src-main/shared/ipc/journal';

describe('a journal’s files', () => {
  it('carry the number of their first report', () => {
    expect(segmentName(7)).toBe('000000000007.ndjson');
    expect(segmentName(123_456_789_012)).toBe('123456789012.ndjson');
    expect(firstSeqOf(segmentName(40))).toBe(40);
    for (const other of [
      '7.ndjson',
      '0000000000070.ndjson',
      '000000000007.ndjson~',
      '000000000007.json',
      journalWriter,
    ])
      expect(firstSeqOf(other)).toBeNull();
  });
  it('are in order, each up to the next, whatever else lies there', () =>
    expect(segmentsOf([segmentName(100), journalWriter, segmentName(1), segmentName(20)])).toEqual([
      { name: segmentName(1), first: 1, next: 20 },
      { name: segmentName(20), first: 20, next: 100 },
      { name: segmentName(100), first: 100, next: Infinity },
    ]));
  it('lie where a run that began in an earlier version has them', () =>
    expect([journalFolder, journalWriter]).toEqual(['journal', 'writer']));
});
