import { describe, expect, it } from 'vitest';
import { datasetVerdict, lengthProfile, lengthTells } from '../../../../../src-main/shared/length/length-profile';
import { wilson } from '../../../../../src-main/shared/statistics';

/** `longer` of `pairs` have the longer answer chosen, the others the shorter one. */
const profile = (longer: number, pairs: number) =>
  lengthProfile(
    Array.from({ length: pairs }, (_, i) => ({
      prompt: 3,
      chosen: i < longer ? 30 : 20,
      rejected: i < longer ? 20 : 30,
    })),
    'tokens',
    0,
  )!;
const tells = (low: number, high: number): string => lengthTells({ lengthOnlyInterval: [low, high] });

describe('what lengths tell', () => {
  it('goes by the ends of the interval', () => {
    expect(tells(0.55, 0.7)).toBe('tells');
    expect(tells(0.5499, 0.7)).toBe('hardly');
    expect(tells(0.51, 0.63)).toBe('hardly'); // gives nothing away
    expect(tells(0.5, 0.6)).toBe('silent');
    expect(tells(0.48, 0.6)).toBe('silent');
    expect(tells(0.48, 0.601)).toBe('too-few');
  });
  it('is said as measured, with the interval', () => {
    expect(datasetVerdict(profile(700, 1000))).toBe(
      'Length gives the preference away: chosen is longer in 70 % of 1\u202f000 pairs (median 30 against 20 ' +
        'tokens); always picking the longer response would be right in 70 % (interval 67 % to 73 %). DPO can learn ' +
        'length from these data.',
    );
    expect(datasetVerdict(profile(300, 1000))).toContain('always picking the shorter response would be right in 70 %');
    expect(datasetVerdict(profile(570, 1000))).toMatch(
      /^Length hardly tells which response is preferred: .* 57 % \(interval 54 % to 60 %\)\.$/,
    );
    expect(datasetVerdict(profile(505, 1000))).toMatch(/^Length does not tell which response is preferred: /);
    expect(datasetVerdict(profile(20, 36))).toMatch(
      /^Too few pairs to say whether length tells which response is preferred \(36\): /,
    );
    expect(datasetVerdict(profile(1, 1))).toContain('of 1 pair (');
    expect(datasetVerdict(null)).toBe('No usable pair, so nothing can be said about length.');
  });
  it('rests on Wilson’s interval of the better rule', () =>
    expect(profile(300, 1000).lengthOnlyInterval).toEqual(wilson(700, 1000)));
});

describe('a length profile', () => {
  const of = (...pairs: readonly (readonly [chosen: number, rejected: number])[]) =>
    lengthProfile(
      pairs.map(([chosen, rejected], i) => ({ prompt: i, chosen, rejected })),
      'words',
      2,
    )!;
  it('has mean, median and ends of each part', () => {
    expect(of([4, 1], [10, 2], [1, 3])).toMatchObject({
      unit: 'words',
      pairs: 3,
      prompt: { mean: 1, median: 1, min: 0, max: 2 },
      chosen: { mean: 5, median: 4, min: 1, max: 10 },
      rejected: { mean: 2, median: 2, min: 1, max: 3 },
      chosenLonger: 2 / 3,
      equal: 0,
      duplicatePrompts: 2,
    });
    expect(of([4, 1], [1, 2]).chosen.median).toBe(2.5);
    expect(lengthProfile([], 'words', 0)).toBeNull();
  });
  it('counts pairs of one length half for either rule', () => {
    expect(of([2, 1], [1, 1], [1, 1], [1, 2])).toMatchObject({
      chosenLonger: 1 / 4,
      equal: 1 / 2,
      lengthOnlyRule: 'longer',
      lengthOnlyAccuracy: 1 / 2,
    });
    expect(of([1, 1], [1, 1], [1, 2], [1, 2])).toMatchObject({ lengthOnlyRule: 'shorter', lengthOnlyAccuracy: 3 / 4 });
    expect(of([1, 1], [2, 1], [3, 2])).toMatchObject({ lengthOnlyRule: 'longer', lengthOnlyAccuracy: 5 / 6 });
  });
  it('has a bar for every length of either answer, one wide up to 30', () => {
    expect(of([0, 3], [3, 1], [3, 3]).histogram).toEqual({
      binWidth: 1,
      chosen: [1, 0, 0, 2],
      rejected: [0, 1, 0, 2],
    });
    expect(of([5, 1]).histogram.rejected).toEqual([0, 1, 0, 0, 0, 0]);
  });
  it.each([
    [30, 1, 31],
    [31, 2, 16],
    [60, 2, 31],
    [61, 5, 13],
    [150, 5, 31],
    [151, 10, 16],
    [301, 20, 16],
    [3000, 100, 31],
    [3001, 200, 16],
  ])('with lengths up to %d has bars of %d, %d of them', (longest, width, bars) => {
    const { histogram } = of([longest, 1], [1, 1]);
    expect([histogram.binWidth, histogram.chosen.length, histogram.rejected.length]).toEqual([width, bars, bars]);
    expect([histogram.chosen[width === 1 ? 1 : 0], histogram.chosen.at(-1)]).toEqual([1, 1]);
  });
  it('has bars for the differences, from the smallest on', () => {
    expect(of([1, 4], [4, 1], [1, 1], [2, 1]).deltaHistogram).toEqual({
      binWidth: 1,
      start: -3,
      counts: [1, 0, 0, 1, 1, 0, 1],
    });
    expect(of([5, 2], [9, 2]).deltaHistogram).toEqual({ binWidth: 1, start: 3, counts: [1, 0, 0, 0, 1] });
    // differences from −33 to 34 are 67 apart: bars of 5, on multiples of 5
    expect(of([1, 34], [35, 1]).deltaHistogram).toEqual({
      binWidth: 5,
      start: -35,
      counts: [1, ...new Array<number>(12).fill(0), 1],
    });
  });
});
