import { describe, expect, it } from 'vitest';
import type { AnswerGrowth } from '../../../../../src-main/shared/length/answer-growth';
import {
  conditionalAccuracy,
  lengthCorrelation,
  type LengthCorrelation,
} from '../../../../../src-main/shared/length/length-bias';
import {
  accuracyVerdict,
  answerVerdict,
  leadVerdict,
  lengthThresholds,
  rewardVerdict,
  runVerdicts,
} from '../../../../../src-main/shared/length/length-verdicts';
import { correlationInterval } from '../../../../../src-main/shared/statistics';
import { pairPoint } from '../../../support/pair-points';

const correlation = (
  pairs: number,
  margin: number | null,
  more: Partial<LengthCorrelation> = {},
): LengthCorrelation => ({
  pairs,
  margin,
  interval: margin === null ? null : correlationInterval(margin, pairs),
  fullMargin: margin,
  marginRank: margin,
  chosenLonger: 0.5,
  ...more,
});
const kindOf = (pairs: number, margin: number | null, interval?: readonly [number, number]): string =>
  rewardVerdict(correlation(pairs, margin, interval ? { interval } : {}), 'eval').kind;

describe('rewardVerdict', () => {
  it('waits for enough pairs', () => {
    expect(kindOf(19, 0.9)).toBe('too-few-pairs');
    expect(kindOf(20, 0.9)).toBe('follows-longer');
  });
  it('says when nothing can be measured', () => expect(kindOf(50, null)).toBe('no-spread'));
  it('rules a link out only where the whole interval is small', () => {
    expect(kindOf(500, 0, [-0.2, 0.2])).toBe('does-not-follow');
    expect(kindOf(500, 0, [-0.201, 0.2])).toBe('uncertain');
    expect(kindOf(500, 0, [-0.2, 0.201])).toBe('uncertain');
    expect(rewardVerdict(correlation(36, 0.02), 'eval').text).toBe(
      'Too few pairs to say whether the reward follows length (r = 0.02, interval −0.31 to 0.35, 36 held-out pairs).',
    );
    expect(kindOf(96, 0)).toBe('too-few-pairs'); // even no link at all has ±0.201
    expect(kindOf(97, 0)).toBe('does-not-follow');
    expect(rewardVerdict(correlation(400, 0.03), 'train').text).toBe(
      'The reward does not follow length (r = 0.03, interval −0.07 to 0.13, 400 training pairs).',
    );
    expect(rewardVerdict(correlation(400, 0.03), 'train').level).toBe('good');
  });
  it('says that the interval is too wide where the pairs would have been enough', () => {
    const verdict = rewardVerdict(correlation(150, 0.12), 'eval');
    expect(verdict.kind).toBe('uncertain');
    expect(verdict.text).toContain('the interval is too wide (r = 0.12, interval −0.04 to 0.27, 150 held-out pairs)');
  });
  it('claims a link only where the interval leaves out zero', () => {
    expect(kindOf(300, 0.3, [0, 0.5])).toBe('uncertain');
    expect(kindOf(300, 0.3, [0.001, 0.5])).toBe('follows-longer');
    expect(kindOf(300, -0.3, [-0.5, 0])).toBe('uncertain');
    expect(kindOf(300, -0.3, [-0.5, -0.001])).toBe('follows-shorter');
  });
  it('calls a real link that is small hardly one', () => {
    const verdict = rewardVerdict(correlation(2000, 0.1), 'eval');
    expect(verdict.kind).toBe('does-not-follow');
    expect(verdict.text).toContain('hardly follows length (r = 0.10, interval 0.06 to 0.14');
  });
  it('says strongly only where even the near end is strong', () => {
    expect(rewardVerdict(correlation(300, 0.6, { interval: [0.5, 0.7] }), 'eval').text).toMatch(
      /^The reward strongly follows length: longer answers win larger margins \(r = 0\.60, interval 0\.50 to 0\.70, 300 held-out pairs\)\./,
    );
    expect(rewardVerdict(correlation(300, 0.6, { interval: [0.49, 0.7] }), 'eval').text).toMatch(
      /^The reward follows length/,
    );
    expect(rewardVerdict(correlation(300, -0.6, { interval: [-0.7, -0.5] }), 'eval').text).toMatch(
      /^The reward strongly follows length: shorter answers/,
    );
  });
  it('never warns by itself, and says what a link may be owed to', () => {
    const deserved = rewardVerdict(correlation(300, 0.6, { chosenLonger: 0.71 }), 'eval');
    expect(deserved.level).toBe('neutral');
    expect(deserved.text).toContain('Chosen is longer in 71 % of them, so part of this may be deserved.');
    for (const [margin, chosenLonger] of [
      [0.6, 0.5],
      [0.6, 0.3],
      [-0.6, 0.5],
      [-0.6, 0.7],
    ] as const)
      expect(rewardVerdict(correlation(300, margin, { chosenLonger }), 'eval').text).toContain(
        'The same margin for every pair would give 0.',
      );
    expect(rewardVerdict(correlation(300, -0.6, { chosenLonger: 0.3 }), 'eval').text).toContain(
      'Chosen is longer in 30 % of them',
    );
  });
  it('names what all tokens would give where that is another number', () => {
    expect(rewardVerdict(correlation(500, 0.02, { fullMargin: 0.61 }), 'eval').text).toContain(
      'With all tokens, as DPO sees them, r would be 0.61.',
    );
    expect(rewardVerdict(correlation(500, 0.02, { fullMargin: 0.069 }), 'eval').text).not.toContain('With all tokens');
    expect(rewardVerdict(correlation(500, 0.02, { fullMargin: null }), 'eval').text).not.toContain('With all tokens');
  });
  it('never prints a minus zero', () =>
    expect(rewardVerdict(correlation(500, -0.001), 'eval').text).toContain('r = 0.00, interval −0.09 to 0.09'));
});

/** `longer` and `shorter`: right pairs of how many. */
const accuracy = (
  longer: readonly [number, number],
  shorter: readonly [number, number],
): ReturnType<typeof conditionalAccuracy> =>
  conditionalAccuracy([
    ...Array.from({ length: longer[1] }, (_, i) =>
      pairPoint({ row: i, chosenTokens: 20, rejectedTokens: 10, margin: i < longer[0] ? 1 : -1 }),
    ),
    ...Array.from({ length: shorter[1] }, (_, i) =>
      pairPoint({ row: 1000 + i, chosenTokens: 10, rejectedTokens: 20, margin: i < shorter[0] ? 1 : -1 }),
    ),
  ]);

describe('accuracyVerdict', () => {
  it.each([
    [accuracy([90, 100], [40, 100]), 'prefers-longer', 'warning'],
    [accuracy([40, 100], [90, 100]), 'prefers-shorter', 'warning'],
    [accuracy([400, 500], [390, 500]), 'even', 'good'],
    [accuracy([9, 9], [1, 100]), 'too-few-pairs', 'neutral'],
    [accuracy([100, 100], [0, 9]), 'too-few-pairs', 'neutral'],
    [accuracy([100, 100], [0, 0]), 'too-few-pairs', 'neutral'],
    [accuracy([38, 43], [12, 17]), 'too-few-pairs', 'neutral'], // 88 against 71 %, interval −3 to +43
    [accuracy([85, 100], [74, 100]), 'uncertain', 'neutral'], // +11 points, interval −0 to +22
  ] as const)('%#: %s', (input, kind, level) => expect(accuracyVerdict(input, 'eval')).toMatchObject({ kind, level }));
  it('speaks in shares of so many, with the interval', () => {
    expect(accuracyVerdict(accuracy([90, 100], [40, 100]), 'eval').text).toBe(
      'It leans to the longer answer: where chosen is shorter 40 % of 100 held-out pairs right, against 90 % of ' +
        '100 where it is longer (gap +50 points, interval +38 to +60).',
    );
    expect(accuracyVerdict(accuracy([100, 100], [0, 0]), 'train').text).toBe(
      'Too few pairs to say whether accuracy depends on length (0 with the shorter answer chosen, 100 with the ' +
        'longer).',
    );
  });
  it('says nearly where a small gap is real', () => {
    expect(accuracyVerdict(accuracy([900, 1000], [850, 1000]), 'eval').text).toContain('It is right nearly as often');
    const even = accuracyVerdict(accuracy([900, 1000], [895, 1000]), 'eval');
    expect(even.text).toContain('It is right about as often');
    expect(even.text).toMatch(/of 1\u202f000 held-out pairs right, against 90 % of 1\u202f000 where/);
    expect(even.basis).toMatch(/on 1\u202f000 held-out pairs with the shorter and 1\u202f000 with the longer/);
  });
});

const growth = (
  before: number,
  after: number,
  low: number,
  high: number,
  more: Partial<AnswerGrowth> = {},
): AnswerGrowth => ({
  probes: 24,
  step: 40,
  before,
  after,
  ratio: after / before,
  difference: { mean: after - before, low, high },
  cutBefore: 0,
  cutAfter: 0,
  cutEither: 0,
  unchanged: 0,
  limit: null,
  trained: null,
  ...more,
});

describe('answerVerdict', () => {
  it('says as long as before only where the whole interval is small', () => {
    expect(answerVerdict(growth(59, 61, -6, 9)).text).toBe(
      'Answers are about as long as before training (61 against 59 tokens, +3 %, interval −6.0 to +9.0 tokens).',
    );
    expect(answerVerdict(growth(50, 50, -10, 10)).kind).toBe('about-as-long');
    expect(answerVerdict(growth(50, 50, -10.1, 10)).kind).toBe('no-visible-difference');
    expect(answerVerdict(growth(50, 50, -10, 10.1)).kind).toBe('no-visible-difference');
  });
  it('says grew and by how much', () => {
    const verdict = answerVerdict(growth(59, 98, 25, 53), 'DPO’s answers');
    expect(verdict).toMatchObject({
      kind: 'grew',
      level: 'warning',
      text: 'DPO’s answers grew by 66 % (98 against 59 tokens, interval +25 to +53 tokens).',
    });
    expect(answerVerdict(growth(60, 30, -40, -20))).toMatchObject({
      kind: 'shrank',
      level: 'warning',
      text: 'Answers shrank by 50 % (30 against 60 tokens, interval −40 to −20 tokens).',
    });
  });
  it('a real change that is small is no warning', () =>
    expect(answerVerdict(growth(50, 54, 1, 7))).toMatchObject({ kind: 'about-as-long', level: 'good' }));
  it('claims nothing when the interval includes zero, or on two probes', () => {
    expect(answerVerdict(growth(59, 80, -5, 47)).kind).toBe('no-visible-difference');
    expect(answerVerdict(growth(59, 80, 0, 47)).kind).toBe('no-visible-difference');
    expect(answerVerdict(growth(59, 80, 0.1, 47)).kind).toBe('grew');
    expect(answerVerdict(growth(59, 98, 25, 53, { probes: 2 }))).toMatchObject({
      kind: 'too-few-probes',
      text: 'Too few probes to say whether answers grew (2; 98 against 59 tokens, +66 %).',
    });
    expect(answerVerdict(growth(59, 98, 25, 53, { probes: 3 })).kind).toBe('grew');
    expect(answerVerdict({ ...growth(59, 98, 25, 53), difference: null }).kind).toBe('too-few-probes');
  });
  it('answers that were cut before and after measure nothing', () => {
    const cut = answerVerdict(
      growth(62, 63, -2, 4, { cutBefore: 0.83, cutAfter: 1, cutEither: 1, limit: 64 }),
      'DPO’s answers',
    );
    expect(cut).toMatchObject({ kind: 'limit-too-short', level: 'neutral' });
    expect(cut.text).toBe(
      'DPO’s answers cannot be compared: 83 % before training and 100 % now ran into the limit of 64 tokens, too ' +
        'short a limit to see their length.',
    );
    expect(answerVerdict(growth(50, 50, -1, 1, { cutAfter: 0.25, cutEither: 0.25, limit: 64 })).kind).toBe(
      'about-as-long',
    );
    expect(answerVerdict(growth(50, 50, -1, 1, { cutAfter: 0.26, cutEither: 0.26, limit: 64 })).kind).toBe(
      'limit-too-short',
    );
  });
  it('growth into the limit is at least so much', () => {
    expect(answerVerdict(growth(20, 60, 30, 50, { cutAfter: 0.5, cutEither: 0.5, limit: 64 })).text).toBe(
      'Answers grew by at least 200 % (60 against 20 tokens, interval +30 to +50 tokens). 50 % of those after ran into ' +
        'the limit of 64 tokens, so it is more.',
    );
    expect(answerVerdict(growth(60, 20, -50, -30, { cutBefore: 0.5, cutEither: 0.5, limit: 64 })).text).toContain(
      'shrank by at least 67 %',
    );
  });
  it('warns when some answers hit the limit', () =>
    expect(answerVerdict(growth(59, 61, -6, 9, { cutAfter: 0.125, cutEither: 0.125, limit: 96 })).text).toContain(
      '13 % of them ran into the limit of 96 tokens, so they may be longer still.',
    ));
  it('says in its basis how many prompts were trained on', () => {
    expect(answerVerdict(growth(59, 61, -6, 9)).basis).toBe(
      'mean tokens of 24 fixed prompts, answered greedily before training and at step 40',
    );
    expect(answerVerdict(growth(59, 61, -6, 9, { trained: 20 })).basis).toContain(
      '24 fixed prompts (20 of them trained on), answered',
    );
    expect(answerVerdict(growth(59, 61, -6, 9, { trained: 24 })).basis).toContain(
      '24 fixed prompts that were trained on, answered',
    );
    expect(answerVerdict(growth(59, 61, -6, 9, { trained: 0 })).basis).toContain(
      '24 fixed prompts that training never saw, answered',
    );
  });
  it('has nothing to say without probes', () =>
    expect(answerVerdict(null)).toMatchObject({ kind: 'no-probes', level: 'neutral' }));
});

describe('a run’s verdicts', () => {
  const pairs = Array.from({ length: 300 }, (_, i) =>
    pairPoint({
      row: i,
      split: 'eval',
      chosenTokens: i % 10 < 7 ? 20 + (i % 5) : 10,
      rejectedTokens: i % 10 < 7 ? 10 : 20,
      margin: (i % 10 < 7 ? 1 : 0.1) + (i % 3) / 10,
    }),
  );
  it('lead with answers, then accuracy by side, then the correlation', () => {
    const verdicts = runVerdicts({ pairs, split: 'eval', growth: growth(59, 61, -6, 9) }, 'SamPO’s answers');
    expect(verdicts.map((v) => v.kind)).toEqual(['about-as-long', 'even', 'follows-longer']);
    expect(verdicts[0]!.text).toMatch(/^SamPO’s answers are/);
    expect(leadVerdict(verdicts)).toBe(verdicts[0]);
    expect(rewardVerdict(lengthCorrelation(pairs), 'eval').text).toBe(verdicts[2]!.text);
  });
  it('lead with the first that can tell', () => {
    const short = { cutBefore: 1, cutAfter: 1, cutEither: 1, limit: 64 };
    expect(leadVerdict(runVerdicts({ pairs, split: 'eval', growth: growth(64, 64, 0, 0, short) }))!.kind).toBe('even');
    expect(
      leadVerdict(runVerdicts({ pairs: pairs.slice(0, 10), split: 'eval', growth: growth(64, 64, 0, 0, short) }))!.kind,
    ).toBe('limit-too-short');
    expect(leadVerdict(runVerdicts({ pairs, split: 'eval', growth: growth(59, 80, -5, 47) }))!.kind).toBe(
      'no-visible-difference',
    ); // measured, and said
    expect(leadVerdict(runVerdicts({ pairs, split: 'eval', growth: null }))!.kind).toBe('even');
    expect(leadVerdict(runVerdicts({ pairs: [], split: 'train', growth: null }))).toBeNull();
  });
  it('keep the thresholds that they speak of', () =>
    expect(lengthThresholds).toMatchObject({ weakCorrelation: 0.2, conditionalGap: 0.2, answerGrowth: 0.2 }));
});

describe('every verdict', () => {
  it('says what it rests on', () => {
    const pairs = (count: number, margin: number | null, interval?: readonly [number, number]): string =>
      rewardVerdict(correlation(count, margin, interval ? { interval } : {}), 'eval').basis;
    const all = [pairs(5, 0.1), pairs(50, null), pairs(500, 0), pairs(500, 0.6), pairs(150, 0.12)];
    for (const [i, count] of [5, 50, 500, 500, 150].entries()) expect(all[i]).toContain(`${count} held-out pairs`);
    const sides = [
      accuracy([9, 9], [1, 100]),
      accuracy([100, 100], [0, 0]),
      accuracy([400, 500], [390, 500]),
      accuracy([90, 100], [40, 100]),
      accuracy([40, 100], [90, 100]),
      accuracy([85, 100], [74, 100]),
    ];
    for (const one of sides)
      expect(accuracyVerdict(one, 'train').basis).toMatch(
        /^accuracy on \d+ training pairs? with the shorter and \d+ with the longer answer chosen$/,
      );
    const answers = [
      growth(59, 61, -6, 9),
      growth(59, 98, 25, 53),
      growth(60, 30, -40, -20),
      growth(59, 80, -5, 47),
      growth(59, 98, 25, 53, { probes: 2 }),
      growth(62, 63, -2, 4, { cutAfter: 1, cutEither: 1 }),
      growth(59, 59, 0, 0),
      growth(59, 59, 0, 0, { unchanged: 24 }),
    ];
    for (const one of answers) expect(answerVerdict(one).basis).toMatch(/^mean tokens of \d+ fixed prompts, answered/);
  });
  it('of answers that stayed', () => {
    expect(answerVerdict(growth(59, 59, 0, 0, { unchanged: 24 }))).toMatchObject({
      kind: 'same-answers',
      level: 'neutral',
      text: 'Answers are word for word the same as before training (59 tokens each on average).',
    });
    expect(
      answerVerdict(growth(9.5, 9.5, 0, 0, { unchanged: 24, cutBefore: 0.5, cutAfter: 0.5, cutEither: 0.5, limit: 1 }))
        .text,
    ).toContain('(9.5 tokens each on average, 50 % of them cut at the limit of 1 token)');
    expect(answerVerdict(growth(59, 59, 0, 0, { unchanged: 23 }))).toMatchObject({
      kind: 'about-as-long',
      level: 'good',
      text: 'Answers are in other words, but each has as many tokens as before training (59 on average).',
    });
  });
  it('of three probes is one, of two none', () => {
    expect(answerVerdict(growth(50, 50, -1, 1, { probes: 3 })).kind).toBe('about-as-long');
    expect(answerVerdict(growth(50, 50, -1, 1, { probes: 2 })).kind).toBe('too-few-probes');
    expect(answerVerdict({ ...growth(50, 50, -1, 1), difference: null }, 'DPO’s answers').text).toMatch(
      /^Too few probes to say whether DPO’s answers grew/,
    );
  });
  it('of shrinking says whose were cut', () =>
    expect(
      answerVerdict(growth(60, 20, -50, -30, { cutBefore: 0.5, cutAfter: 0.1, cutEither: 0.5, limit: 64 })).text,
    ).toContain('50 % of those before ran into the limit of 64 tokens, so it is more.'));
  it('of accuracy begins at ten pairs a side', () => {
    expect(accuracyVerdict(accuracy([100, 100], [0, 10]), 'eval')).toMatchObject({ kind: 'prefers-longer' });
    expect(accuracyVerdict(accuracy([100, 100], [0, 9]), 'eval')).toMatchObject({ kind: 'too-few-pairs' });
    expect(accuracyVerdict(accuracy([0, 10], [100, 100]), 'eval').text).toMatch(/^It leans to the shorter answer: /);
    expect(accuracyVerdict(accuracy([0, 0], [1, 1]), 'eval').text).toMatch(
      /\(1 with the shorter answer chosen, 0 with/,
    );
  });
  it('names another r of all tokens from 0.05 on', () => {
    const at = (fullMargin: number): string => rewardVerdict(correlation(500, 0, { fullMargin }), 'eval').text;
    expect(at(0.05)).toContain('With all tokens, as DPO sees them, r would be 0.05.');
    expect(at(-0.05)).toContain('r would be −0.05.');
    expect(at(0.049)).not.toContain('With all tokens');
  });
  it('without intervals or spread does not go on', () => {
    expect(rewardVerdict({ ...correlation(50, 0.5), interval: null }, 'eval').kind).toBe('no-spread');
    expect(rewardVerdict({ ...correlation(50, 0.6), chosenLonger: null }, 'eval').text).toContain('would give 0.');
  });
  it('that cannot tell gives way to one that can', () => {
    const good = { kind: 'even', text: '', basis: '', level: 'good' } as const;
    for (const kind of [
      'no-probes',
      'limit-too-short',
      'too-few-probes',
      'too-few-pairs',
      'no-spread',
      'uncertain',
    ] as const) {
      const unsure = { kind, text: '', basis: '', level: 'neutral' } as const;
      expect(leadVerdict([unsure, good])).toBe(good);
      expect(leadVerdict([unsure, { ...unsure }])).toBe(unsure);
    }
    for (const kind of ['same-answers', 'no-visible-difference', 'does-not-follow', 'grew'] as const) {
      const sure = { kind, text: '', basis: '', level: 'neutral' } as const;
      expect(leadVerdict([sure, good])).toBe(sure);
    }
  });
});
