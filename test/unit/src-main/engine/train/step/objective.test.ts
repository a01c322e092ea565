import { describe, expect, it } from 'vitest';
import { isSupervised, noReference, objectiveOf } from '../../../../../../src-main/engine/train/step/objective';
import type { TokenizedPair } from '../../../../../../src-main/engine/batch/types';
import { specOf } from '../fixture';

const ids = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i + 1);
const pair = (row: number, chosen: number, rejected: number): TokenizedPair => ({
  row,
  promptIds: [1],
  chosenIds: ids(chosen),
  rejectedIds: ids(rejected),
  cut: { prompt: 0, chosen: 0, rejected: 0 },
});
const objective = (seed = 42, sampling: 'shared' | 'independent' = 'shared') =>
  objectiveOf(specOf({ method: { id: 'sampo', sampling }, training: { seed } }));
const drawn = (row: number, epoch: number, seed = 42): readonly number[] => {
  const one = pair(row, 12, 5);
  return [...objective(seed).trainWeights(one, epoch, noReference(one), null).chosenPolicy];
};

describe('SamPO’s draw of tokens', () => {
  it('depends on seed, epoch and row, and on nothing else', () => {
    expect(drawn(7, 3)).toEqual(drawn(7, 3));
    const all = [drawn(7, 3), drawn(7, 4), drawn(8, 3), drawn(7, 3, 43)].map((weights) => weights.join(''));
    expect(new Set(all).size).toBe(4);
  });

  it('keeps each token once, as many as the shorter side has, in every epoch', () => {
    for (let epoch = 0; epoch < 50; epoch++) {
      const weights = drawn(1, epoch);
      expect(weights.filter((w) => w === 1)).toHaveLength(5);
      expect(weights.filter((w) => w === 0)).toHaveLength(7);
    }
  });

  // without replacement, the statistic times (n − 1) / (n − m) is chi-square with n − 1 degrees of freedom; 31.26: 11
  // degrees, p = 0.001
  const statistic = (counts: readonly number[], draws: number): number => {
    const expected = (draws * 5) / 12;
    return (counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) * 11) / 7;
  };
  it.each([
    ['epochs of one pair', (i: number) => drawn(3, i)],
    ['pairs of one epoch', (i: number) => drawn(i + 1, 0)],
    ['seeds', (i: number) => drawn(3, 0, i)],
  ])('includes every position equally often over %s', (_what, draw) => {
    const counts = new Array<number>(12).fill(0);
    for (let i = 0; i < 4000; i++) draw(i).forEach((weight, t) => (counts[t]! += weight));
    expect(statistic(counts, 4000)).toBeLessThan(31.26);
  });

  it('of policy and reference is one, unless it is independent', () => {
    const one = pair(1, 12, 5);
    const shared = objective().trainWeights(one, 0, noReference(one), null);
    expect(shared.chosenReference).toBe(shared.chosenPolicy);
    const apart = objective(42, 'independent').trainWeights(one, 0, noReference(one), null);
    expect([...apart.chosenReference]).not.toEqual([...apart.chosenPolicy]);
  });

  it('is replaced by its mean on held-out pairs', () => {
    const one = pair(1, 12, 5);
    expect([...objective().evalWeights(one, noReference(one), null).chosenPolicy]).toEqual(
      new Array(12).fill(Math.fround(5 / 12)),
    );
  });
});

describe('what is kept by its log-ratio', () => {
  it('are the tokens that moved most from the reference, under the present weights', () => {
    const one = pair(1, 4, 2);
    const reference = { chosen: Float32Array.of(-9, -1, -5, -3), rejected: Float32Array.of(-1, -1) };
    const scores = { chosen: Float32Array.of(-8, -4, -1, -1), rejected: Float32Array.of(-1, -1) };
    const topk = objectiveOf(specOf({ method: { id: 'sampo', sampling: 'topk' } }));
    // log-ratios 1, −3, 4, 2
    for (const weights of [topk.trainWeights(one, 0, reference, scores), topk.evalWeights(one, reference, scores)])
      expect([[...weights.chosenPolicy], weights.keptTokens]).toEqual([[0, 0, 1, 1], 2]);
    expect(() => topk.trainWeights(one, 0, reference, null)).toThrow('topk needs log-ratios');
  });
  it('of the rejected answer where that is longer', () => {
    const one = pair(1, 1, 3);
    const reference = { chosen: Float32Array.of(-1), rejected: Float32Array.of(-5, -2, -1) };
    const scores = { chosen: Float32Array.of(-1), rejected: Float32Array.of(-5, -9, -0.5) };
    const { rejectedPolicy } = objectiveOf(specOf({ method: { id: 'sampo', sampling: 'topk' } })).trainWeights(
      one,
      0,
      reference,
      scores,
    );
    expect([...rejectedPolicy]).toEqual([0, 0, 1]); // log-ratios 0, −7, 0.5
  });
});

it.each([
  ['supervised', 'dpo', true],
  ['preference', 'sft', true],
  ['preference', 'dpo', false],
  ['supervised', 'sft', true],
] as const)('%s with method %s: supervised is %s', (objective, id, supervised) => {
  expect(isSupervised({ objective, method: specOf({ method: { id } }).method })).toBe(supervised);
});
