import { describe, expect, it } from 'vitest';
import type { AnswerGrowth, ConditionalAccuracy, LengthCorrelation } from '../../../../src-main/shared/length-bias';
import { accuracyVerdict, answerVerdict, comparisonVerdict, rewardVerdict, runVerdict } from '../../../../src-main/shared/length-verdicts';

const correlation = (pairs: number, margin: number | null, fullMargin: number | null = margin): LengthCorrelation => ({ pairs, margin, fullMargin, marginRank: margin });
const growth = (before: number, after: number, low: number, high: number, probes = 24, cutAfter = 0): AnswerGrowth => ({
  probes,
  step: 40,
  before,
  after,
  ratio: after / before,
  difference: { mean: after - before, low, high },
  cutAfter,
});

describe('rewardVerdict', () => {
  it('waits for enough pairs', () => expect(rewardVerdict(correlation(19, 0.9)).kind).toBe('too-few-pairs'));
  it('says when nothing can be measured', () => expect(rewardVerdict(correlation(50, null)).kind).toBe('no-spread'));
  it('says that the reward does not follow length, and what all tokens would give', () => {
    const verdict = rewardVerdict(correlation(164, 0.08, 0.61));
    expect(verdict.kind).toBe('does-not-follow');
    expect(verdict.text).toBe('The reward does not follow length (r = 0.08, 164 pairs). With all tokens, as DPO sees them, r would be 0.61.');
  });
  it('leaves the second number out where it is the same', () => expect(rewardVerdict(correlation(164, 0.08)).text).toBe('The reward does not follow length (r = 0.08, 164 pairs).'));
  it('doubts what the interval does not rule out', () => expect(rewardVerdict(correlation(20, 0.3)).kind).toBe('uncertain')); // ±0.44
  it('names the direction and the strength', () => {
    expect(rewardVerdict(correlation(200, 0.6)).text).toBe('The reward strongly follows length: longer answers win larger margins (r = 0.60, 200 pairs).');
    const shorter = rewardVerdict(correlation(200, -0.3));
    expect(shorter.kind).toBe('follows-shorter');
    expect(shorter.text).toContain('shorter answers win larger margins (r = −0.30');
    expect(shorter.level).toBe('warning');
  });
});

describe('accuracyVerdict', () => {
  const accuracy = (longer: number, shorter: number, pairs = 50): ConditionalAccuracy => ({
    chosenLonger: { pairs, accuracy: longer },
    chosenShorter: { pairs, accuracy: shorter },
    equal: { pairs: 0, accuracy: null },
    gap: longer - shorter,
  });
  it.each([
    [accuracy(0.9, 0.4), 'prefers-longer'],
    [accuracy(0.4, 0.9), 'prefers-shorter'],
    [accuracy(0.8, 0.7), 'even'],
    [accuracy(0.9, 0.1, 9), 'too-few-pairs'],
  ] as const)('%#: %s', (input, kind) => expect(accuracyVerdict(input).kind).toBe(kind));
  it('speaks in shares', () => expect(accuracyVerdict(accuracy(0.9, 0.4)).text).toBe('It leans to the longer answer: 90 % right when chosen is longer, 40 % when it is shorter.'));
});

describe('answerVerdict', () => {
  it('says as long as before', () => expect(answerVerdict(growth(59, 61, -6, 9)).text).toBe('Answers are about as long as before training (61 against 59 tokens, interval −6 to +9).'));
  it('says grew and by how much', () => {
    const verdict = answerVerdict(growth(59, 98, 25, 53), 'DPO’s answers');
    expect(verdict.kind).toBe('grew');
    expect(verdict.text).toBe('DPO’s answers grew by 66 % (98 against 59 tokens, interval +25 to +53).');
  });
  it('says shrank', () => expect(answerVerdict(growth(60, 30, -40, -20)).kind).toBe('shrank'));
  it('claims nothing when the interval includes zero, or on two probes', () => {
    expect(answerVerdict(growth(59, 80, -5, 47)).kind).toBe('no-visible-difference');
    expect(answerVerdict(growth(59, 98, 25, 53, 2)).kind).toBe('no-visible-difference');
  });
  it('warns when answers hit the limit', () => expect(answerVerdict(growth(59, 64, -6, 9, 24, 0.5)).text).toContain('50 % of them ran into the token limit'));
  it('has nothing to say without probes', () => expect(answerVerdict(null).kind).toBe('no-probes'));
});

describe('comparisonVerdict and runVerdict', () => {
  it('puts the runs in one sentence each and never calls one better', () => {
    const verdict = comparisonVerdict([
      { name: 'SamPO', growth: growth(59, 61, -6, 9), correlation: correlation(100, 0) },
      { name: 'DPO', growth: growth(59, 98, 25, 53), correlation: correlation(100, 0.6) },
    ]);
    expect(verdict.text).toBe('On 24 probes SamPO’s answers are about as long as before training (61 against 59 tokens, interval −6 to +9). DPO’s answers grew by 66 % (98 against 59 tokens, interval +25 to +53).');
    expect(verdict.level).toBe('warning');
    expect(verdict.text).not.toMatch(/better|worse/);
  });
  it('falls back to margins', () => {
    expect(comparisonVerdict([{ name: 'DPO', growth: null, correlation: correlation(200, 0.6) }]).text).toContain('DPO: the reward strongly follows length');
    expect(runVerdict(null, correlation(200, 0.6))!.text).toContain('strongly follows');
    expect(runVerdict(null, correlation(0, null))).toBeNull();
    expect(runVerdict(growth(59, 98, 25, 53), correlation(200, 0))!.text).toContain('grew by 66 %');
  });
});
