import { describe, expect, it } from 'vitest';
import { bucketOf, chooseBuckets, roundTokens } from '../../../../../src-main/engine/train/buckets';
import type { PairSize } from '../../../../../src-main/engine/train/layout';
import { sizeOf } from '../../../../../src-main/engine/train/layout';
import { microBatches } from '../../../../../src-main/engine/train/micro-batches';
import type { TokenizedPair } from '../../../../../src-main/engine/train/types';
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
