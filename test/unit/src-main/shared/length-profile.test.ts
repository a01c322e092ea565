import { describe, expect, it } from 'vitest';
import { datasetVerdict, lengthProfile, lengthTells } from '../../../../src-main/shared/length-profile';
import { wilson } from '../../../../src-main/shared/statistics';

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
      'Length gives the preference away: chosen is longer in 70 % of 1000 pairs (median 30 against 20 tokens); always picking the longer response would be right in 70 % (interval 67 % to 73 %). DPO can learn length from these data.',
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
