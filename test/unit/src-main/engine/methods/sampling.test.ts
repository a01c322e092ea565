import { describe, expect, it } from 'vitest';
import { drawSubset, everyToken, tokenWeights } from '../../../../../src-main/engine/methods/sampling';

/** A small generator for tests alone: the product's is shared/random.ts. */
const generator = (seed: number) => (): number => {
  seed = (seed * 1664525 + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const total = (weights: Float32Array): number => weights.reduce((a, b) => a + b, 0);

describe('token weights of SamPO', () => {
  it('keeps m tokens of the longer side and all of the shorter one', () => {
    const { chosenPolicy, rejectedPolicy, keptTokens } = tokenWeights('shared', 30, 12, generator(1));
    expect([
      chosenPolicy.length,
      total(chosenPolicy),
      rejectedPolicy.length,
      total(rejectedPolicy),
      keptTokens,
    ]).toEqual([30, 12, 12, 12, 12]);
    expect(new Set(chosenPolicy)).toEqual(new Set([0, 1]));
  });

  it('shares the draw between policy and reference, or draws twice', () => {
    const shared = tokenWeights('shared', 5, 50, generator(2));
    expect(shared.rejectedReference).toBe(shared.rejectedPolicy);
    const independent = tokenWeights('independent', 5, 50, generator(2));
    expect(total(independent.rejectedReference)).toBe(5);
    expect(Array.from(independent.rejectedReference)).not.toEqual(Array.from(independent.rejectedPolicy));
  });

  it('weighs m / n in expectation, and everything alike when lengths are equal', () => {
    const { chosenPolicy } = tokenWeights('expected', 8, 2, generator(3));
    expect(Array.from(chosenPolicy)).toEqual(new Array(8).fill(0.25));
    for (const mode of ['none', 'shared', 'independent', 'expected'] as const)
      expect(Array.from(tokenWeights(mode, 4, 4, generator(4)).chosenPolicy)).toEqual([1, 1, 1, 1]);
    expect(everyToken(3, 7).keptTokens).toBe(7);
  });

  it('includes every position equally often (chi-square, 9 degrees of freedom, p = 0.001)', () => {
    const draws = 6000;
    const counts = new Array<number>(10).fill(0);
    const random = generator(5);
    for (let i = 0; i < draws; i++) drawSubset(10, 3, random).forEach((kept, position) => (counts[position]! += kept));
    const expected = (draws * 3) / 10;
    // inclusion without replacement: the statistic times (n − 1) / (n − m) is chi-square with n − 1 degrees of freedom
    const statistic = (counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) * 9) / 7;
    expect(statistic).toBeLessThan(27.88);
  });
});
