import type { PairText } from '../../src-main/shared/data/dataset';

/**
 * Places in a dataset worth looking at, found from the characters of its first rows: cheap enough without a tokenizer.
 */
export interface ScannedRow {
  readonly index: number; // 0-based among usable pairs
  readonly row: number;
  readonly chars: number; // prompt plus the longer answer
  readonly difference: number; // chosen − rejected
}

export type Jump = 'longest' | 'most-different' | 'cut';

export const scanRow = (index: number, row: PairText): ScannedRow => ({
  index,
  row: row.row,
  chars: row.prompt.length + Math.max(row.chosen.length, row.rejected.length),
  difference: row.chosen.length - row.rejected.length,
});

export const byLength = (rows: readonly ScannedRow[]): readonly ScannedRow[] =>
  [...rows].sort((a, b) => b.chars - a.chars);

export function jumpTarget(rows: readonly ScannedRow[], jump: Exclude<Jump, 'cut'>): ScannedRow | null {
  if (jump === 'longest') return byLength(rows)[0] ?? null;
  return [...rows].sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))[0] ?? null;
}
