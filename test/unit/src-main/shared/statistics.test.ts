import { describe, expect, it } from 'vitest';
import {
  correlationInterval,
  excludesZero,
  isWithin,
  linearFit,
  meanInterval,
  pearson,
  ranks,
  shareDifference,
  spearman,
  studentQuantile,
  wilson,
} from '../../../../src-main/shared/statistics';

describe('correlation', () => {
  it('is worked out by hand', () => {
    // x: mean 3, deviations -2 -1 0 1 2; y: mean 4, deviations -2 0 -1 2 1: xy = 4 + 0 + 0 + 2 + 2 = 8, xx = 10, yy = 10
    expect(pearson([1, 2, 3, 4, 5], [2, 4, 3, 6, 5])).toBeCloseTo(0.8, 12);
  });
  it('is undefined without spread or with too few points', () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(pearson([1], [2])).toBeNull();
    expect(pearson([], [])).toBeNull();
  });
  it('keeps its digits beside a large mean', () => {
    const x = [1, 2, 3, 4, 5].map((v) => v + 1e9);
    expect(pearson(x, [2, 4, 3, 6, 5])).toBeCloseTo(0.8, 6);
  });
  it('ranks ties alike', () => {
    expect(ranks([10, 20, 20, 5])).toEqual([2, 3.5, 3.5, 1]);
    expect(spearman([1, 2, 3, 4], [1, 8, 27, 64])).toBeCloseTo(1, 12);
  });
  it('has the interval of Fisher', () => {
    // r = 0.5, n = 28: atanh 0.549306 ± 1.959964 / 5 -> tanh(0.157313), tanh(0.941299) = 0.156028, 0.735818
    const [low, high] = correlationInterval(0.5, 28)!;
    expect(low).toBeCloseTo(0.156028, 5);
    expect(high).toBeCloseTo(0.735818, 5);
  });
});

describe('linearFit', () => {
  it('finds slope, intercept and the share of variance', () => {
    expect(linearFit([1, 2, 3, 4, 5], [2, 4, 3, 6, 5])).toEqual({
      slope: expect.closeTo(0.8, 12),
      intercept: expect.closeTo(1.6, 12),
      r2: expect.closeTo(0.64, 12),
    });
  });
  it('is undefined when x does not vary', () => expect(linearFit([2, 2], [1, 3])).toBeNull());
});

describe('meanInterval', () => {
  it('is Student’s: differences 1 2 3, sd 1, t(2) = 4.303', () => {
    const interval = meanInterval([1, 2, 3])!;
    expect(interval.mean).toBe(2);
    expect(interval.high - interval.mean).toBeCloseTo(4.303 / Math.sqrt(3), 6);
  });
  it('knows the quantiles beyond its table', () => {
    expect(studentQuantile(11)).toBeCloseTo(2.201, 2);
    expect(studentQuantile(23)).toBeCloseTo(2.069, 2);
    expect(studentQuantile(1000)).toBeCloseTo(1.962, 3);
  });
});

describe('intervals of shares', () => {
  it('are Wilson’s: 7 of 10, textbook 0.3968 to 0.8922', () => {
    expect(wilson(7, 10)[0]).toBeCloseTo(0.3968, 4);
    expect(wilson(7, 10)[1]).toBeCloseTo(0.8922, 4);
    expect(wilson(0, 5)[0]).toBeCloseTo(0, 12);
    expect(wilson(5, 5)[1]).toBeCloseTo(1, 12);
  });
  it('of a difference are Newcombe’s: 56/70 against 48/80 is 0.2, from 0.0524 to 0.3339 (his table II)', () => {
    const [low, high] = shareDifference([56, 70], [48, 80])!;
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
    expect(shareDifference([0, 0], [1, 2])).toBeNull();
    expect(shareDifference([1, 2], [0, 0])).toBeNull();
  });
  it('leave out zero, or lie within a size, ends included', () => {
    expect([excludesZero([0, 1]), excludesZero([-1, 0]), excludesZero([0.1, 1]), excludesZero([-1, -0.1])]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect([isWithin([-0.2, 0.2], 0.2), isWithin([-0.21, 0], 0.2), isWithin([0, 0.21], 0.2)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
