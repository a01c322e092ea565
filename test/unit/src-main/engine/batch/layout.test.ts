import { describe, expect, it } from 'vitest';
import { chosenOnly, packRows, sizeOf } from '../../../../../src-main/engine/batch/layout';
import type { TokenizedPair } from '../../../../../src-main/engine/batch/types';

const pair = (
  row: number,
  promptIds: readonly number[],
  chosenIds: readonly number[],
  rejectedIds: readonly number[],
): TokenizedPair => ({ row, promptIds, chosenIds, rejectedIds, cut: { prompt: 0, chosen: 0, rejected: 0 } });

describe('packRows', () => {
  const bucket = { rows: 2, tokens: 8, completions: 8 };
  const packed = packRows([pair(1, [10, 11, 12], [20, 21, 22], [30, 31]), pair(2, [13], [23], [])], bucket);
  const row = (name: string, b: number): readonly number[] => [
    ...(packed.feeds[name] as Int32Array).slice(b * 8, b * 8 + 8),
  ];

  it('shares the prompt and leaves out tokens that predict nothing', () => {
    expect(row('ids', 0)).toEqual([10, 11, 12, 20, 21, 30, 0, 0]);
    expect(row('segments', 0)).toEqual([0, 0, 0, 1, 1, 2, 3, 3]);
  });
  it('restarts positions at the prompt’s end for the rejected response', () =>
    expect(row('positions', 0)).toEqual([0, 1, 2, 3, 4, 3, 0, 0]));
  it('predicts the first token of either response from the prompt’s last', () => {
    // chosen 20 from index 2, 21 from 3, 22 from 4; rejected 30 from 2, 31 from 5; second pair 23 from its row's start
    expect([...packed.feeds['completionIndex']!]).toEqual([2, 3, 4, 2, 5, 8, 0, 0]);
    expect([...packed.feeds['targets']!]).toEqual([20, 21, 22, 30, 31, 23, 0, 0]);
    expect(packed.slots).toEqual([
      { chosen: 0, rejected: 3, prompt: 5 },
      { chosen: 5, rejected: 6, prompt: 6 },
    ]);
  });
  it('scores the prompt too where a method wants it, all but its first token', () => {
    const { feeds, slots } = packRows(
      [pair(1, [10, 11, 12], [20, 21], [30])],
      { rows: 1, tokens: 6, completions: 6 },
      true,
    );
    expect(slots).toEqual([{ chosen: 0, rejected: 2, prompt: 3 }]);
    expect([...feeds['completionIndex']!].slice(3, 5)).toEqual([0, 1]);
    expect([...feeds['targets']!].slice(3, 5)).toEqual([11, 12]);
    expect(sizeOf(pair(1, [10, 11, 12], [20, 21], [30]), true)).toEqual({ tokens: 4, completions: 5 });
  });
  it('counts what it needs', () => {
    expect(sizeOf(pair(1, [10, 11, 12], [20, 21, 22], [30, 31]))).toEqual({ tokens: 6, completions: 5 });
    expect(sizeOf(chosenOnly(pair(1, [10], [20, 21], [30, 31])))).toEqual({ tokens: 2, completions: 2 });
  });
  it('refuses what does not fit, with its row', () => {
    expect(() => packRows([pair(7, [1, 2, 3, 4, 5, 6, 7, 8], [9, 9], [9])], bucket)).toThrow(/row 7/);
    expect(() => packRows([pair(1, [1], [2], []), pair(2, [1], [2], []), pair(3, [1], [2], [])], bucket)).toThrow(
      /3 pairs/,
    );
  });
});
