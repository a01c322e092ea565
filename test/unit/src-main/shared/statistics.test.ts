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
    // x: mean 3, deviations -2 -1 0 1 2; y: mean 4, deviations -2 0 -1 2 1: xy = 4 + 0 + 0 + 2 + 2 = 8, xx = 10, yy =
    // 10
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

describe('the edges of what can be said', () => {
  it('two points have a correlation and a line, one has none', () => {
    expect(pearson([1, 2], [5, 3])).toBe(-1);
    expect(pearson([1, 2, 4], [2, 4, 8])).toBe(1);
    expect(linearFit([1, 2], [5, 3])).toEqual({ slope: -2, intercept: 7, r2: 1 });
    expect(linearFit([1], [5])).toBeNull();
    expect(linearFit([1, 2], [3, 3])).toEqual({ slope: 0, intercept: 3, r2: 0 });
    expect(pearson([1, 2], [0.5, 0.5])).toBeNull();
    expect(pearson([0, 1], [-1, 1])).toBe(1); // sums of squares may be 1 or less
    expect(pearson([0, 1, 2], [0, 1, 0])).toBe(0);
  });
  it('is never beyond one, whatever the digits', () => {
    const x = Array.from({ length: 7 }, (_, i) => 0.1 * i + 1e-3);
    const r = pearson(
      x,
      x.map((v) => 3 * v),
    );
    expect(r).toBeLessThanOrEqual(1);
    expect(r).toBeCloseTo(1, 12);
    expect(
      pearson(
        x,
        x.map((v) => -3 * v),
      ),
    ).toBeGreaterThanOrEqual(-1);
  });
  it('series of different length are a fault of the caller', () =>
    expect(() => pearson([1, 2], [1])).toThrow('both series need the same length, got 2 and 1'));
  it('ranks share theirs in groups of any size', () => {
    expect(ranks([])).toEqual([]);
    expect(ranks([3])).toEqual([1]);
    expect(ranks([2, 2, 2])).toEqual([2, 2, 2]);
    expect(ranks([1, 2, 2, 2, 2, 9])).toEqual([1, 3.5, 3.5, 3.5, 3.5, 6]);
    expect(ranks([1, 1, 2, 2])).toEqual([1.5, 1.5, 3.5, 3.5]);
  });
  it('four points are the fewest with an interval, which has ends for a perfect link too', () => {
    expect(correlationInterval(0.5, 3)).toBeNull();
    // atanh(0.5) ± 1.959964 / √1
    const [low, high] = correlationInterval(0.5, 4)!;
    expect([low, high]).toEqual([
      expect.closeTo(Math.tanh(0.549306 - 1.959964), 5),
      expect.closeTo(Math.tanh(0.549306 + 1.959964), 5),
    ]);
    for (const r of [1, -1]) {
      const [from, to] = correlationInterval(r, 103)!;
      expect(
        [Math.abs(from), Math.abs(to)].every((end) => end > 0.9999 && end < 1),
        String(r),
      ).toBe(true);
    }
  });
  it('Student’s quantiles are those of the table, to three digits', () => {
    // scipy.stats.t.ppf(0.975, n)
    const table = [
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
    ];
    table.forEach((quantile, i) => expect(studentQuantile(i + 1), String(i + 1)).toBeCloseTo(quantile, 3));
    expect(studentQuantile(11)).toBeCloseTo(2.20099, 3);
    expect(studentQuantile(15)).toBeCloseTo(2.13145, 3);
    expect(studentQuantile(30)).toBeCloseTo(2.04227, 4);
  });
  it('two differences are the fewest with an interval', () => {
    expect(meanInterval([])).toBeNull();
    expect(meanInterval([3])).toBeNull();
    expect(meanInterval([1, 3])).toEqual({
      mean: 2,
      low: expect.closeTo(2 - 12.706, 9),
      high: expect.closeTo(2 + 12.706, 9),
    });
    expect(meanInterval([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2 });
  });
});
