import { describe, expect, it } from 'vitest';
import { bucketOf, chooseBuckets, roundTokens } from '../../../../../src-main/engine/batch/buckets';
import type { PairSize } from '../../../../../src-main/engine/batch/layout';
import { sizeOf } from '../../../../../src-main/engine/batch/layout';
import { microBatches } from '../../../../../src-main/engine/batch/micro-batches';
import type { TokenizedPair } from '../../../../../src-main/engine/batch/types';
import { Random } from '../../../../../src-main/shared/random';

/** Lengths as real preference sets have them: log-normal. */
function logNormal(count: number, median: number, spread: number, limit: number, seed: number): readonly PairSize[] {
  const random = Random.keyed(seed);
  return Array.from({ length: count }, () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    const tokens = Math.max(4, Math.min(limit, Math.round(median * Math.exp(spread * normal))));
    return { tokens, completions: Math.max(2, Math.floor(tokens * (0.4 + 0.4 * random.next()))) };
  });
}
const padding = (sizes: readonly PairSize[], buckets: ReturnType<typeof chooseBuckets>): number => {
  const used = sizes.reduce((sum, s) => sum + s.tokens, 0);
  const given = sizes.reduce((sum, s) => sum + buckets[bucketOf(s, buckets)]!.tokens, 0);
  return 1 - used / given;
};
const pairOf = (size: PairSize, row: number): TokenizedPair => {
  const chosen = Math.ceil(size.completions / 2);
  const rejected = size.completions - chosen;
  const prompt = size.tokens - (chosen - 1) - Math.max(0, rejected - 1);
  return {
    row,
    promptIds: new Array<number>(prompt).fill(1),
    chosenIds: new Array<number>(chosen).fill(2),
    rejectedIds: new Array<number>(rejected).fill(3),
    cut: { prompt: 0, chosen: 0, rejected: 0 },
  };
};

describe('chooseBuckets', () => {
  it.each([
    [logNormal(299, 300, 0.5, 900, 1), 4, 0.12],
    [logNormal(2000, 150, 0.6, 1000, 2), 8, 0.17], // lengths over two orders of magnitude
    [logNormal(500, 40, 0.3, 100, 3), 8, 0.17], // short rows share calls, which is worth more than their padding
    [logNormal(64, 700, 0.2, 1000, 4), 2, 0.06],
  ] as const)('%#: at most eight, little padding, everything fits', (sizes, pairsPerStep, mostPadding) => {
    const buckets = chooseBuckets(sizes, { pairsPerStep, microBatchPairs: 'auto', steps: 1000 });
    expect(buckets.length).toBeLessThanOrEqual(8);
    expect(padding(sizes, buckets)).toBeLessThan(mostPadding);
    for (const { rows, tokens } of buckets) {
      expect(rows).toBeLessThanOrEqual(pairsPerStep);
      if (rows > 1) expect(rows * tokens).toBeLessThanOrEqual(1024);
    }
    for (const size of sizes) expect(bucketOf(size, buckets)).toBeGreaterThanOrEqual(0);
  });
  it('is one exact bucket for pairs of one length', () => {
    const sizes = Array.from({ length: 20 }, () => ({ tokens: 96, completions: 40 }));
    expect(chooseBuckets(sizes, { pairsPerStep: 4, microBatchPairs: 'auto', steps: 1000 })).toEqual([
      { rows: 4, tokens: 96, completions: 160 },
    ]);
  });
  it('takes fewer shapes for a short run, since each costs its first calls', () => {
    const sizes = logNormal(200, 300, 0.5, 900, 1);
    const count = (steps: number): number =>
      chooseBuckets(sizes, { pairsPerStep: 4, microBatchPairs: 'auto', steps }).length;
    expect([count(1), count(40), count(2000)]).toEqual([1, expect.any(Number), 8]);
    expect(count(40)).toBeGreaterThan(1);
    expect(count(40)).toBeLessThan(6);
  });
  it('takes a fixed micro-batch as it is', () => {
    const buckets = chooseBuckets(logNormal(100, 100, 0.5, 500, 5), {
      pairsPerStep: 8,
      microBatchPairs: 2,
      steps: 1000,
    });
    expect(buckets.every((b) => b.rows === 2)).toBe(true);
  });
  it('rounds in steps of about 5 %', () => expect([3, 60, 100, 300].map(roundTokens)).toEqual([8, 64, 104, 304]));
});

describe('microBatches', () => {
  const sizes = logNormal(200, 60, 0.6, 400, 6);
  const buckets = chooseBuckets(sizes, { pairsPerStep: 8, microBatchPairs: 'auto', steps: 1000 });
  it('takes every pair once, never beyond rows, tokens or slots', () => {
    const pairs = sizes.map((s, i) => pairOf(s, i + 1));
    const random = Random.keyed(7);
    for (let step = 0; step < 50; step++) {
      random.shuffleInPlace(pairs);
      const chosen = pairs.slice(0, 8);
      const batches = microBatches(chosen, buckets);
      expect(batches.flatMap((b) => b.pairs.map((p) => p.row)).sort()).toEqual(chosen.map((p) => p.row).sort());
      for (const { bucket, pairs: inside } of batches) {
        const shape = buckets[bucket]!;
        expect(inside.length).toBeLessThanOrEqual(shape.rows);
        for (const p of inside) expect(sizeOf(p).tokens).toBeLessThanOrEqual(shape.tokens);
        expect(inside.reduce((sum, p) => sum + sizeOf(p).completions, 0)).toBeLessThanOrEqual(shape.completions);
      }
    }
  });
  it('fills free rows of a longer bucket with shorter pairs', () => {
    const shapes = [
      { rows: 2, tokens: 16, completions: 100 },
      { rows: 2, tokens: 64, completions: 100 },
    ];
    const batches = microBatches(
      [pairOf({ tokens: 10, completions: 4 }, 1), pairOf({ tokens: 60, completions: 4 }, 2)],
      shapes,
    );
    expect(batches.map((b) => [b.bucket, b.pairs.map((p) => p.row)])).toEqual([[1, [2, 1]]]);
  });
});

describe('shapes by hand', () => {
  const size = (tokens: number, completions: number, count = 1): readonly PairSize[] =>
    Array.from({ length: count }, () => ({ tokens, completions }));
  const options = { pairsPerStep: 2, microBatchPairs: 1, steps: 1000 } as const;

  it.each([
    [1, 8],
    [8, 8],
    [9, 16],
    [120, 120],
    [121, 128],
    [128, 128],
    [129, 144],
    [512, 512],
    [513, 544],
    [544, 544],
  ])('a row of %i tokens has %i places', (tokens, places) => expect(roundTokens(tokens)).toBe(places));

  it('are as long as their longest pair, with slots for the most completion tokens that can meet', () => {
    const sizes = [...size(20, 3), ...size(24, 5), ...size(140, 17), ...size(138, 30)];
    expect(chooseBuckets(sizes, options)).toEqual([
      { rows: 1, tokens: 24, completions: 8 },
      { rows: 1, tokens: 144, completions: 32 },
    ]);
    expect(chooseBuckets(sizes, { ...options, microBatchPairs: 2 })).toEqual([
      { rows: 2, tokens: 24, completions: 8 }, // 5 + 3
      { rows: 2, tokens: 144, completions: 48 }, // 30 + 17
    ]);
    // short pairs may fill the rows of the long shape, so their completions count there too
    const wide = [...size(20, 19), ...size(24, 18), ...size(140, 5), ...size(138, 4)];
    expect(chooseBuckets(wide, { ...options, microBatchPairs: 2 })[1]).toEqual({
      rows: 2,
      tokens: 144,
      completions: 40,
    });
    // no more rows than pairs in a step
    expect(chooseBuckets(sizes, { ...options, microBatchPairs: 9 })[1]!.rows).toBe(2);
  });

  it('cost a step: one shape more pays when it saves more than its first calls take', () => {
    // half of the pairs have 8 tokens, half 128, no slots; a step has one pair: 176 tokens in one shape, (56 + 176) / 2
    // in two
    const sizes = [...size(8, 0, 50), ...size(128, 0, 50)];
    const count = (steps: number): number =>
      chooseBuckets(sizes, { pairsPerStep: 1, microBatchPairs: 1, steps, slotCost: 0 }).length;
    // 60 tokens a step against 3,000 for a shape, and 8 slots are free
    expect([count(49), count(51)]).toEqual([1, 2]);
  });
  it('cost their slots too', () => {
    // the same, with slots: 0.5 · 80 more in the long shape, 0.5 · 8 in the short one: 60 + (40 − 4) / 2 = 78 a step
    const sizes = [...size(8, 8, 50), ...size(128, 80, 50)];
    const count = (steps: number): number =>
      chooseBuckets(sizes, { pairsPerStep: 1, microBatchPairs: 1, steps, slotCost: 0.5 }).length;
    expect([count(38), count(39)]).toEqual([1, 2]); // 3,000 / 78 = 38.5
  });

  it('take the rows that cost least: a call’s own cost against padding rows', () => {
    // 4 pairs a step of 200 tokens: calls of 4 rows cost 848, of 2 rows 2 · 448, of 1 row 4 · 248
    expect(chooseBuckets(size(200, 0, 9), { ...options, pairsPerStep: 4, microBatchPairs: 'auto' })[0]!.rows).toBe(4);
    // 5 a step of 200: 5 rows 1,048 tokens are 24 too many for a call... 1,024 / 208 = 4 rows at most
    expect(chooseBuckets(size(208, 0, 9), { ...options, pairsPerStep: 8, microBatchPairs: 'auto' })[0]!.rows).toBe(4);
    expect(chooseBuckets(size(1000, 0, 9), { ...options, pairsPerStep: 8, microBatchPairs: 'auto' })[0]!.rows).toBe(1);
    expect(chooseBuckets(size(2000, 0, 9), { ...options, pairsPerStep: 8, microBatchPairs: 'auto' })[0]!.rows).toBe(1);
    // 4 rows fit; 6 pairs a step: 2 calls of 3 rows (2 · 672) before 3 of 2 (3 · 464) and 2 of 4 (2 · 880)
    expect(chooseBuckets(size(208, 0, 9), { ...options, pairsPerStep: 6, microBatchPairs: 'auto' })[0]!.rows).toBe(3);
    // 5 pairs a step: 5 of 1 (5 · 256) before 2 of 3, where a row is padding
    expect(chooseBuckets(size(208, 0, 9), { ...options, pairsPerStep: 5, microBatchPairs: 'auto' })[0]!.rows).toBe(1);
  });

  it('are no more than asked for, and need a pair', () => {
    const sizes = Array.from({ length: 40 }, (_, i) => ({ tokens: 8 * (i + 1), completions: 4 }));
    const count = (maxBuckets?: number): number =>
      chooseBuckets(sizes, { ...options, steps: 1e6, ...(maxBuckets === undefined ? {} : { maxBuckets }) }).length;
    expect([count(1), count(3), count()]).toEqual([1, 3, 8]);
    expect(() => chooseBuckets([], options)).toThrow('buckets need at least one pair');
  });

  it('divide lengths where least is wasted', () => {
    // two shapes for 8 (many), 16 and 120: 16 joins 8 (8 tokens of padding a pair), not 120 (104)
    const sizes = [...size(8, 0, 10), ...size(16, 0, 10), ...size(120, 0, 10)];
    const limits = chooseBuckets(sizes, { ...options, steps: 1e6, maxBuckets: 2 }).map(({ tokens }) => tokens);
    expect(limits).toEqual([16, 120]);
  });
  it.each([
    [1, 32],
    [2, 56],
    [3, 72],
    [4, 80],
  ])('of %i rows have slots for so many of the largest answers, in whatever order they come', (rows, completions) => {
    const sizes = [...size(10, 10), ...size(11, 30), ...size(12, 20), ...size(13, 2), ...size(14, 15)];
    const given = { pairsPerStep: rows, microBatchPairs: rows, steps: 1 };
    expect(chooseBuckets(sizes, given)).toEqual([{ rows, tokens: 16, completions }]);
  });
  it('count what slots cost: pairs with long answers go together', () => {
    const sizes = [...size(8, 0, 10), ...size(16, 400, 10), ...size(120, 400, 10)];
    const limits = (slotCost: number): readonly number[] =>
      chooseBuckets(sizes, { ...options, steps: 1e6, maxBuckets: 2, slotCost }).map(({ tokens }) => tokens);
    // 16 with 8: 10 · (8 + 400 c) more; 16 with 120: 10 · 104 more
    expect([limits(0.2), limits(0.25), limits(1)]).toEqual([
      [16, 120],
      [8, 120],
      [8, 120],
    ]);
  });

  it.each([
    [8, 0],
    [9, 1],
    [16, 1],
  ])('a pair of %i tokens goes to shape %i', (tokens, index) => {
    const shapes = [8, 16].map((limit) => ({ rows: 1, tokens: limit, completions: 8 }));
    expect(bucketOf({ tokens, completions: 0 }, shapes)).toBe(index);
    expect(() => bucketOf({ tokens: 17, completions: 0 }, shapes)).toThrow('a pair of 17 tokens fits no bucket');
  });
});
