import { describe, expect, it } from 'vitest';
import { answerGrowth, conditionalAccuracy, lengthCorrelation, rewardByLength, rewardLength } from '../../../../src-main/shared/length-bias';
import type { PairPoint, ProbeSample } from '../../../../src-main/shared/metrics';

const point = (chosenTokens: number, rejectedTokens: number, chosenReward: number, rejectedReward: number, fullMargin = 0): PairPoint => ({
  row: 1,
  step: 1,
  split: 'train',
  chosenTokens,
  rejectedTokens,
  keptTokens: Math.min(chosenTokens, rejectedTokens),
  chosenReward,
  rejectedReward,
  margin: chosenReward - rejectedReward,
  fullMargin,
});

describe('conditionalAccuracy', () => {
  it('splits by which side is longer and counts ties in reward as wrong', () => {
    const points = [point(10, 5, 1, 0), point(10, 5, 0, 0), point(5, 10, 1, 0), point(5, 10, 0, 1), point(5, 10, 0, 1), point(5, 10, 0, 1), point(7, 7, 1, 0)];
    expect(conditionalAccuracy(points)).toEqual({
      chosenLonger: { pairs: 2, accuracy: 0.5 },
      chosenShorter: { pairs: 4, accuracy: 0.25 },
      equal: { pairs: 1, accuracy: 1 },
      gap: 0.25,
    });
  });
  it('has no gap without pairs on both sides', () => expect(conditionalAccuracy([point(10, 5, 1, 0)]).gap).toBeNull());
});

describe('lengthCorrelation', () => {
  it('correlates both margins with Δ length', () => {
    // Δ = 1 2 3 4 5 against margins 2 4 3 6 5 (0.8) and full margins 1 2 3 4 5 (1)
    const points = [2, 4, 3, 6, 5].map((margin, i) => point(10 + i + 1, 10, margin, 0, i + 1));
    const { pairs, margin, fullMargin, marginRank } = lengthCorrelation(points);
    expect(pairs).toBe(5);
    expect(margin).toBeCloseTo(0.8, 12);
    expect(fullMargin).toBeCloseTo(1, 12);
    expect(marginRank).toBeCloseTo(0.8, 12);
  });
});

describe('rewardLength', () => {
  it('pools both sides', () => {
    const points = [point(10, 20, 1, 2), point(30, 40, 3, 4)];
    expect(rewardLength(points).fit).toEqual({ slope: expect.closeTo(0.1, 12), intercept: expect.closeTo(0, 12), r2: expect.closeTo(1, 12) });
    expect(rewardLength(points, 'chosen').fit!.slope).toBeCloseTo(0.1, 12);
  });
});

describe('rewardByLength', () => {
  it('keeps empty buckets inside the range', () => {
    const buckets = rewardByLength([point(5, 25, 1, 5), point(8, 26, 3, 0)], 10);
    expect(buckets.map((b) => [b.fromTokens, b.toTokens, b.chosen.count, b.rejected.count])).toEqual([[0, 10, 2, 0], [10, 20, 0, 0], [20, 30, 0, 2]]);
    expect(buckets[0]!.chosen.reward).toBe(2);
    expect(buckets[0]!.chosen.rewardPerToken).toBeCloseTo((1 / 5 + 3 / 8) / 2, 12);
    expect(buckets[1]!.chosen.reward).toBeNull();
    expect(rewardByLength([], 10)).toEqual([]);
  });
});

describe('answerGrowth', () => {
  const sample = (step: number, prompt: number, tokens: number, finish: ProbeSample['finish'] = 'eos'): ProbeSample => ({ step, prompt, promptText: '', text: '', tokens, finish });
  it('compares the newest complete round with step 0', () => {
    const growth = answerGrowth([sample(0, 0, 10), sample(0, 1, 20), sample(20, 0, 15), sample(20, 1, 45, 'length'), sample(40, 0, 99)])!;
    expect(growth).toMatchObject({ probes: 2, step: 20, before: 15, after: 30, ratio: 2, cutAfter: 0.5 });
    expect(growth.difference!.mean).toBe(15); // differences 5 and 25
  });
  it('needs a round before and one after', () => {
    expect(answerGrowth([sample(0, 0, 10)])).toBeNull();
    expect(answerGrowth([sample(20, 0, 10)])).toBeNull();
  });
});
