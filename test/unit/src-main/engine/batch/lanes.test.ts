import { describe, expect, it } from 'vitest';
import { chooseBuckets } from '../../../../../src-main/engine/batch/buckets';
import { divideAmongLanes, laneCounts, oneLane, stepCost } from '../../../../../src-main/engine/batch/lanes';
import { sizeOf } from '../../../../../src-main/engine/batch/layout';
import type { Bucket, TokenizedPair } from '../../../../../src-main/engine/batch/types';

const lanes = (count: number): { readonly count: number; readonly slotCost: number } => ({ count, slotCost: 0 });
const bucket = (tokens: number, completions = 8): Bucket => ({ rows: 1, tokens, completions });
// with what a call costs by itself: 200, 400, 500, 1000
const buckets = [bucket(152), bucket(352), bucket(452), bucket(952)];

const pair = (row: number, tokens: number): TokenizedPair => {
  const half = Math.floor((tokens - 10) / 2);
  return {
    row,
    promptIds: Array<number>(10).fill(1),
    chosenIds: Array<number>(half).fill(2),
    rejectedIds: Array<number>(half).fill(3),
    cut: { prompt: 0, chosen: 0, rejected: 0 },
  };
};
const choose = (pairs: readonly TokenizedPair[], pairsPerStep: number, processors: number): readonly number[] =>
  laneCounts(pairs, pairsPerStep, 0.25, processors, (count) =>
    chooseBuckets(
      pairs.map((p) => sizeOf(p)),
      { pairsPerStep: Math.ceil(pairsPerStep / count), microBatchPairs: 'auto', steps: 1000 },
    ),
  );

describe('divideAmongLanes', () => {
  it('gives the dearest call first, each to the lane with least to do; every other lane runs its cheapest first', () => {
    const batches = [0, 2, 3, 1, 2].map((index) => ({ bucket: index }));
    expect(divideAmongLanes(batches, buckets, lanes(2)).map((lane) => lane.map((b) => b.bucket))).toEqual([
      [3, 1],
      [0, 2, 2],
    ]);
    expect(divideAmongLanes(batches, buckets, oneLane).map((lane) => lane.map((b) => b.bucket))).toEqual([
      [3, 2, 2, 1, 0],
    ]);
  });
  it('leaves no call out and keeps the order of equals, so that a resumed run divides alike', () => {
    const batches = Array.from({ length: 7 }, (_, i) => ({ bucket: 1, i }));
    expect(divideAmongLanes(batches, buckets, lanes(3)).map((lane) => lane.map(({ i }) => i))).toEqual([
      [0, 3, 6],
      [4, 1],
      [2, 5],
    ]);
    expect(divideAmongLanes(batches.slice(0, 1), buckets, lanes(2)).map((lane) => lane.length)).toEqual([1, 0]);
  });
  it('counts completion slots at what the head costs', () => {
    const [short, long] = [bucket(400, 2000), bucket(600, 0)];
    expect(
      divideAmongLanes([{ bucket: 0 }, { bucket: 1 }, { bucket: 1 }], [short, long], { count: 2, slotCost: 0.5 }).map(
        (lane) => lane.map((b) => b.bucket),
      ),
    ).toEqual([[0], [1, 1]]);
  });
});

describe('stepCost', () => {
  const even = Array.from({ length: 8 }, (_, i) => pair(i + 1, 300));
  it('is the busiest lane’s, on its share of the processors', () => {
    const shapes = [bucket(304)];
    expect(stepCost(even, 4, shapes, lanes(2), 2)).toBe(2 * 352);
    // two processors do a call 1.6 times as fast as one
    expect(stepCost(even, 4, shapes, oneLane, 2)).toBe((4 * 352 * 5) / 8);
    expect(stepCost(even, 3, shapes, lanes(2), 2)).toBe(2 * 352); // the third pair's call alone
  });
  it('looks at steps from all over a file that is sorted by length', () => {
    const sorted = [100, 100, 900, 900].map((tokens, i) => pair(i + 1, tokens));
    expect(stepCost(sorted, 2, [bucket(112), bucket(912)], lanes(2), 2)).toBe(912 + 48);
  });
});

describe('laneCounts', () => {
  const varied = Array.from({ length: 64 }, (_, i) => pair(i + 1, 80 + ((i * 37) % 64) * 5));
  it('takes lanes where steps have calls enough to divide, one lane last', () => {
    expect(choose(varied, 4, 2)).toEqual([2, 1]);
    expect(choose(varied, 16, 16)).toEqual([4, 2, 1]); // no more than four: each holds a call's activations
  });
  it('takes one where there is one pair a step, one processor, or one pair that outweighs the rest', () => {
    expect(choose(varied, 1, 2)).toEqual([1]);
    expect(choose(varied, 4, 1)).toEqual([1]);
    const lopsided = Array.from({ length: 32 }, (_, i) => pair(i + 1, i < 16 ? 60 : 1500));
    expect(choose(lopsided, 2, 2)).toEqual([1]);
  });
});

describe('costs by hand', () => {
  it('a step of every pair where the file has fewer than a step wants', () => {
    const three = [100, 200, 300].map((tokens, i) => pair(i + 1, tokens));
    const shapes = [bucket(104), bucket(208), bucket(304)];
    expect(stepCost(three, 8, shapes, oneLane, 1)).toBe(104 + 208 + 304 + 3 * 48);
    expect(stepCost(three, 8, shapes, lanes(2), 2)).toBe(152 + 256); // 352 in the other lane
    expect(stepCost(three, 3, shapes, { count: 1, slotCost: 0.5 }, 1)).toBe(104 + 208 + 304 + 3 * (48 + 4));
  });
  it('the mean of steps, each with pairs from all over the file', () => {
    // 6 pairs, 2 a step: steps {1, 4}, {2, 5}, {3, 6}
    const tokens = [100, 100, 300, 100, 300, 300];
    const pairs = tokens.map((n, i) => pair(i + 1, n));
    const cost = (2 * 152 + (152 + 352) + 2 * 352) / 3;
    expect(stepCost(pairs, 2, [bucket(104), bucket(304)], oneLane, 1)).toBeCloseTo(cost, 9);
  });
  it('processors that a lane has for itself', () => {
    const even = Array.from({ length: 4 }, (_, i) => pair(i + 1, 300));
    const at = (processors: number): number => stepCost(even, 4, [bucket(304)], oneLane, processors) / (4 * 352);
    expect([at(1), at(2), at(4)]).toEqual([1, 0.25 + 0.75 / 2, 0.25 + 0.75 / 4]);
    expect(stepCost(even, 4, [bucket(304)], lanes(2), 3)).toBe(2 * 352); // half of three is one
  });
  it('rows and slots of a shape count, whatever is in them', () => {
    const [one] = [pair(1, 50)];
    expect(stepCost([one!], 1, [{ rows: 3, tokens: 56, completions: 40 }], { count: 1, slotCost: 0.25 }, 1)).toBe(
      48 + 3 * 56 + 10,
    );
  });
  it.each([
    [1, 8, [1]],
    [2, 8, [2, 1]],
    [3, 8, [2, 1]],
    [4, 8, [4, 2, 1]],
    [8, 2, [2, 1]],
    [8, 3, [1]], // two of three at work are as fast as three on one call after the other
    [8, 4, [4, 2, 1]],
    [8, 1, [1]],
    [16, 16, [4, 2, 1]],
  ])('%i even pairs a step on %i processors: lanes %j', (pairsPerStep, processors, counts) => {
    const even = Array.from({ length: 64 }, (_, i) => pair(i + 1, 1000));
    const found = laneCounts(even, pairsPerStep, 0, processors, () => [bucket(1000)]);
    expect(found.toSorted((a, b) => b - a)).toEqual(counts);
    expect(found.at(-1)).toBe(1);
  });
});
