import { describe, expect, it } from 'vitest';
import {
  conditionalAccuracy,
  lengthCorrelation,
  rewardByLength,
  rewardLength,
  verdictPairs,
} from '../../../../../src-main/shared/length/length-bias';
import type { PairPoint } from '../../../../../src-main/shared/metrics/reports';
import { correlationInterval, shareDifference } from '../../../../../src-main/shared/statistics';
import { pairPoint } from '../../../support/pair-points';

const point = (
  chosenTokens: number,
  rejectedTokens: number,
  chosenReward: number,
  rejectedReward: number,
  fullMargin = 0,
): PairPoint => ({
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
    const points = [
      point(10, 5, 1, 0),
      point(10, 5, 0, 0),
      point(5, 10, 1, 0),
      point(5, 10, 0, 1),
      point(5, 10, 0, 1),
      point(5, 10, 0, 1),
      point(7, 7, 1, 0),
    ];
    expect(conditionalAccuracy(points)).toEqual({
      chosenLonger: { pairs: 2, right: 1, accuracy: 0.5 },
      chosenShorter: { pairs: 4, right: 1, accuracy: 0.25 },
      equal: { pairs: 1, right: 1, accuracy: 1 },
      gap: 0.25,
      gapInterval: shareDifference([1, 2], [1, 4]),
    });
  });
  it('has no gap without pairs on both sides', () =>
    expect(conditionalAccuracy([point(10, 5, 1, 0)])).toMatchObject({
      gap: null,
      gapInterval: null,
      chosenShorter: { pairs: 0, accuracy: null },
    }));
});

describe('lengthCorrelation', () => {
  it('correlates both margins with Δ length', () => {
    // Δ = 1 2 3 4 5 against margins 2 4 3 6 5 (0.8) and full margins 1 2 3 4 5 (1)
    const points = [2, 4, 3, 6, 5].map((margin, i) => point(10 + i + 1, 10, margin, 0, i + 1));
    const { pairs, margin, interval, fullMargin, marginRank, chosenLonger } = lengthCorrelation(points);
    expect(pairs).toBe(5);
    expect(margin).toBeCloseTo(0.8, 12);
    expect(fullMargin).toBeCloseTo(1, 12);
    expect(marginRank).toBeCloseTo(0.8, 12);
    expect(interval).toEqual(correlationInterval(margin!, 5));
    expect(chosenLonger).toBe(1);
  });
});

describe('rewardLength', () => {
  it('pools both sides', () => {
    const points = [point(10, 20, 1, 2), point(30, 40, 3, 4)];
    expect(rewardLength(points).fit).toEqual({
      slope: expect.closeTo(0.1, 12),
      intercept: expect.closeTo(0, 12),
      r2: expect.closeTo(1, 12),
    });
    expect(rewardLength(points, 'chosen').fit!.slope).toBeCloseTo(0.1, 12);
    expect(rewardLength([], 'both')).toEqual({ pearson: null, spearman: null, fit: null, expectedR2: null });
  });
  it('says what length would explain for rewards that only knew which response is chosen', () => {
    const even = [point(10, 20, 0, 0), point(20, 10, 0, 0)];
    expect(rewardLength(even).expectedR2).toBeCloseTo(0, 12);
    const longer = [point(20, 10, 5, 5), point(20, 10, 5, 5)];
    expect(rewardLength(longer).expectedR2).toBeCloseTo(1, 12); // whoever knows the label seems to follow length
  });
});

describe('rewardByLength', () => {
  it('keeps empty buckets inside the range', () => {
    const buckets = rewardByLength([point(5, 25, 1, 5), point(8, 26, 3, 0)], 10);
    expect(buckets.map((b) => [b.fromTokens, b.toTokens, b.chosen.count, b.rejected.count])).toEqual([
      [0, 10, 2, 0],
      [10, 20, 0, 0],
      [20, 30, 0, 2],
    ]);
    expect(buckets[0]!.chosen.reward).toBe(2);
    expect(buckets[0]!.chosen.rewardPerToken).toBeCloseTo((1 / 5 + 3 / 8) / 2, 12);
    expect(buckets[1]!.chosen.reward).toBeNull();
    expect(rewardByLength([], 10)).toEqual([]);
  });
});

describe('verdictPairs', () => {
  const held = (row: number, step: number, margin = 0): PairPoint => pairPoint({ row, step, margin, split: 'eval' });
  const trained = (row: number, step: number, margin = 0): PairPoint => pairPoint({ row, step, margin });
  it('are those of the last evaluation, never training pairs in their stead', () => {
    const points = [
      held(1, 50),
      held(2, 50),
      trained(3, 99),
      held(1, 100, 7),
      trained(4, 100),
      trained(5, 101),
      trained(6, 102),
    ];
    // one pair is few, but the only honest one
    expect(verdictPairs(points)).toEqual({ split: 'eval', pairs: [held(1, 100, 7)] });
  });
  it('without any held-out pair are the newest training pairs, each once by its newest values', () => {
    const points = [trained(1, 1, 5), trained(2, 2), trained(1, 3, 9)];
    expect(verdictPairs(points)).toEqual({ split: 'train', pairs: [trained(2, 2), trained(1, 3, 9)] });
    const many = Array.from({ length: 400 }, (_, i) => trained(i, i));
    expect(verdictPairs(many).pairs.map((p) => p.row)).toEqual(Array.from({ length: 256 }, (_, i) => 144 + i));
    expect(verdictPairs([])).toEqual({ split: 'train', pairs: [] });
  });
});
