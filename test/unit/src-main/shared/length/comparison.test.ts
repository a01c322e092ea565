import { describe, expect, it } from 'vitest';
import { answerGrowth } from '../../../../../src-main/shared/length/answer-growth';
import {
  answerDifference,
  comparisonNotes,
  comparisonVerdict,
  distinctNames,
  type ComparedRun,
} from '../../../../../src-main/shared/length/comparison';
import { leadVerdict, runVerdicts } from '../../../../../src-main/shared/length/length-verdicts';
import type { PairPoint, ProbeSample } from '../../../../../src-main/shared/metrics/reports';
import type { RunView } from '../../../../../src-main/shared/views/run';
import { pairPoint } from '../../../support/pair-points';
import { anySpec } from '../../../support/runs';

const prompts = ['a', 'b', 'c', 'd', 'e'];
/** Before training every answer has 20 tokens; later each has `after`, in an order of its own. */
const probes = (
  after: readonly number[],
  texts: readonly string[] = prompts,
  more: Partial<ProbeSample> = {},
): readonly ProbeSample[] => [
  ...texts.map(
    (promptText, prompt): ProbeSample => ({ step: 0, prompt, promptText, text: 'x', tokens: 20, finish: 'eos' }),
  ),
  ...texts.map(
    (promptText, prompt): ProbeSample => ({
      step: 40,
      prompt,
      promptText,
      text: 'y',
      tokens: after[prompt % after.length]!,
      finish: 'eos',
      ...more,
    }),
  ),
];
const run = (name: string, samples: readonly ProbeSample[], more: Partial<ComparedRun> = {}): ComparedRun => ({
  name,
  probes: samples,
  growth: answerGrowth(samples),
  pairs: [],
  split: 'train',
  model: 'm',
  dataset: 'd',
  ...more,
});
const view = (run: ComparedRun, overrides: Record<string, unknown> = {}): RunView =>
  ({ name: run.name, modelName: run.model, datasetName: run.dataset, spec: anySpec(overrides) }) as RunView;

describe('comparisonVerdict', () => {
  const dpo = run('DPO', probes([38, 40, 42, 39, 41]));
  const sampo = run('SamPO', probes([20, 21, 19, 20, 20]));
  it('puts the runs in one sentence each, compares the two on their prompts, and never calls one better', () => {
    const verdict = comparisonVerdict([dpo, sampo]);
    expect(verdict.text).toBe(
      'On 5 probes DPO’s answers grew by 100 % (40 against 20 tokens, interval +18 to +22 tokens). SamPO’s answers are ' +
        'about as long as before training (20 against 20 tokens, 0 %, interval −0.9 to +0.9 tokens). On the 5 prompts they ' +
        'share DPO’s answers are 20.0 tokens longer than SamPO’s (interval +18 to +22 tokens).',
    );
    expect(verdict.level).toBe('warning');
    expect(verdict.text).not.toMatch(/better|worse/);
    expect(comparisonVerdict([sampo, dpo]).text).toContain(
      'DPO’s answers are 20.0 tokens longer than SamPO’s (interval +18 to +22 tokens).',
    );
    expect(comparisonVerdict([sampo, sampo]).level).toBe('good');
    expect(comparisonVerdict([sampo, run('other', probes([21, 20, 20, 19, 20]))]).text).toContain(
      'the two do not visibly differ (0.0 tokens apart',
    );
  });
  it('says where nothing differs instead of an interval of 0.0 to 0.0', () => {
    expect(comparisonVerdict([sampo, sampo]).text).toContain(
      'On the 5 prompts they share the two give the same answers, word for word.',
    );
    const others = run('other', probes([20, 21, 19, 20, 20], prompts, { text: 'z' }));
    expect(comparisonVerdict([sampo, others]).text).toContain(
      'On the 5 prompts they share the two give answers of the same lengths.',
    );
    const still = run('still', probes([20], prompts, { text: 'x' }));
    expect(comparisonVerdict([still, dpo]).text).toContain(
      'still’s answers are word for word the same as before training (20 tokens each on average).',
    );
    expect(comparisonVerdict([run('words', probes([20])), dpo]).text).toContain(
      'words’s answers are in other words, but each has as many tokens as before training (20 on average).',
    );
    for (const [a, b] of [
      [sampo, sampo],
      [sampo, others],
      [still, dpo],
    ] as const)
      expect(comparisonVerdict([a, b]).text).not.toContain('0.0 to 0.0');
  });
  it('says of each run what its own page says', () => {
    for (const one of [dpo, sampo])
      expect(comparisonVerdict([dpo, sampo]).text).toContain(
        leadVerdict(runVerdicts(one, `${one.name}’s answers`))!.text,
      );
  });
  it('pairs answers by prompt, whatever their place', () => {
    const turned = [...prompts].reverse();
    const reversed = run('SamPO', probes([25, 24, 23, 22, 21], turned));
    const straight = run('DPO', probes([31, 32, 33, 34, 35]));
    const { shared, difference } = answerDifference(straight.probes, reversed.probes);
    expect(shared).toBe(5);
    expect(difference).toMatchObject({ mean: 10, low: 10, high: 10 }); // by place it would be spread between 6 and 14
  });
  it('does not compare tokens of different models, answers to other questions, or answers cut at the limit', () => {
    expect(comparisonVerdict([dpo, { ...sampo, model: 'other' }]).text).not.toContain('they share');
    expect(comparisonVerdict([dpo, run('SamPO', probes([20], ['f', 'g', 'h', 'i', 'j']))]).text).not.toContain(
      'they share',
    );
    expect(comparisonVerdict([dpo, run('SamPO', probes([20], ['a', 'b', 'g', 'h', 'i']))]).text).not.toContain(
      'they share',
    );
    expect(comparisonVerdict([dpo, run('SamPO', probes([64], prompts, { finish: 'length' }))]).text).not.toContain(
      'they share',
    );
    expect(comparisonVerdict([dpo, sampo, sampo]).text).not.toContain('they share');
  });
  it('falls back to what was measured on pairs, and names who lacks answers', () => {
    const pairs: readonly PairPoint[] = Array.from({ length: 200 }, (_, i) =>
      pairPoint({ row: i, split: 'eval', chosenTokens: 10 + (i % 20), rejectedTokens: 15, margin: (i % 20) - 10 }),
    );
    const blind = run('DPO', [], { pairs, split: 'eval' });
    expect(comparisonVerdict([blind, run('X', [])]).text).toMatch(
      /^DPO: it leans to the longer answer: .* X: nothing about length is measured yet\.$/,
    );
    expect(comparisonVerdict([dpo, run('late', [])]).text).toMatch(/No probe answers yet from late\.$/);
    expect(comparisonVerdict([dpo, run('few', probes([20], ['a', 'b', 'c']))]).text).not.toMatch(/^On /);
  });
});

describe('comparisonNotes', () => {
  const one = run('one', probes([20]));
  const notesOf = (runs: readonly ComparedRun[], specs: readonly Record<string, unknown>[] = []): readonly string[] =>
    comparisonNotes(
      runs,
      runs.map((r, i) => view(r, specs[i])),
    ).map(({ level, text }) => `${level}: ${text}`);
  it('are none where runs differ in method only', () => expect(notesOf([one, { ...one, name: 'two' }])).toEqual([]));
  it('say other models and other data first, by content', () => {
    const views = [view(one), { ...view(one), modelName: 'm', datasetName: 'd' }];
    const texts = comparisonNotes([one, { ...one, name: 'two', model: 'n', dataset: 'e' }], views).map(
      ({ text }) => text,
    );
    expect(texts[0]).toBe(
      'Different models: one on m (/models/tiny); two on m (/models/tiny). Losses, rewards and token counts are ' +
        'not on one scale.',
    );
    expect(texts[1]).toMatch(/^Different data: one on d \(\/data\/pairs\.jsonl\); two on d/);
    expect(notesOf([one, { ...one, name: 'two', dataset: 'e' }])).toEqual([
      'warning: Different data: one on d; two on e. Accuracies, correlations and losses were measured on ' +
        'different pairs.',
    ]);
  });
  it('say that other seeds hold out other pairs', () => {
    const held = { ...one, split: 'eval' as const };
    const seeds = [{ training: { seed: 1 } }, { training: { seed: 2 } }];
    expect(notesOf([held, held], seeds)).toEqual([
      'neutral: Seed, share held out, limit or longest pair differ: these runs were not tested on quite the same pairs.',
    ]);
    expect(notesOf([held, held])).toEqual([]);
    expect(notesOf([one, one], seeds)).toEqual([]);
  });
  it('say that held-out pairs stand beside training pairs', () => {
    const pairs = [pairPoint()];
    expect(
      notesOf([
        { ...one, pairs, split: 'eval' },
        { ...one, pairs, split: 'train' },
      ])[0],
    ).toMatch(/^warning: Some runs were measured on held-out pairs/);
    expect(
      notesOf([
        { ...one, pairs, split: 'eval' },
        { ...one, split: 'train' },
      ]),
    ).toEqual([]);
  });
  it('say how many prompts runs share', () => {
    expect(notesOf([one, run('two', probes([20], ['a', 'b', 'x', 'y', 'z']))])).toEqual([
      'neutral: 2 of 8 probe prompts were answered by every run; the others stand alone below.',
    ]);
    expect(notesOf([one, run('two', probes([20], ['v', 'w', 'x', 'y', 'z']))])[0]).toMatch(
      /^warning: These runs share no probe prompt/,
    );
    expect(notesOf([one, run('two', [])])).toEqual([]);
  });
});

describe('distinctNames', () => {
  it('number runs of one name only', () =>
    expect(
      distinctNames([
        { name: 'a', ordinal: 3 },
        { name: 'b', ordinal: 4 },
        { name: 'a', ordinal: 7 },
      ]),
    ).toEqual(['a (run 3)', 'b', 'a (run 7)']));
});

describe('a comparison', () => {
  const dpo = run('DPO', probes([38, 40, 42, 39, 41]));
  const sampo = run('SamPO', probes([20, 21, 19, 20, 20]));
  it('says what it rests on, and how grave it is', () => {
    expect(comparisonVerdict([dpo, sampo])).toMatchObject({
      kind: 'answers',
      level: 'warning',
      basis: 'mean tokens of 5 fixed prompts, answered greedily before training and at step 40; intervals of 95 %',
    });
    const later = run(
      'later',
      probes([20], prompts).map((s) => ({ ...s, step: s.step * 2 })),
    );
    expect(comparisonVerdict([sampo, later]).basis).toMatch(/at step 40; .* at step 80; intervals/);
    const wide = run('wide', probes([5, 40, 20, 12, 33]));
    expect(comparisonVerdict([sampo, wide]).level).toBe('neutral');
    expect(comparisonVerdict([wide, sampo]).level).toBe('neutral');
    const blind = run('X', []);
    expect(comparisonVerdict([blind, run('Y', [])])).toMatchObject({
      kind: 'pairs',
      basis: 'nothing yet; no probes were answered',
      level: 'neutral',
    });
    const pairs = Array.from({ length: 200 }, (_, i) =>
      pairPoint({ row: i, split: 'eval', chosenTokens: 10 + (i % 20), rejectedTokens: 15, margin: (i % 20) - 10 }),
    );
    const measured = run('Z', [], { pairs, split: 'eval' });
    for (const runs of [
      [blind, measured],
      [measured, blind],
    ]) {
      const verdict = comparisonVerdict(runs);
      expect(verdict).toMatchObject({ kind: 'pairs', level: 'warning' });
      expect(verdict.basis).toMatch(/^accuracy on \d+ held-out pairs .*; no probes were answered$/);
    }
    const late = comparisonVerdict([dpo, blind, run('Y', [])]);
    expect(late.text).toMatch(/No probe answers yet from X, Y\.$/);
    expect(late.text).toMatch(/^On 5 probes DPO/);
    expect(comparisonVerdict([dpo, run('few', probes([20], ['a', 'b', 'c']))]).text).toMatch(/^DPO’s/);
  });
  it('speaks of shared prompts from three on, a quarter of their answers cut at most', () => {
    const three = ['a', 'b', 'c'];
    const of = (count: number) =>
      comparisonVerdict([dpo, run('SamPO', probes([20, 21, 19], three.slice(0, count)))]).text;
    expect(of(3)).toContain('On the 3 prompts they share');
    expect(of(2)).not.toContain('they share');
    const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const cut = (count: number) => {
      const samples = probes([20, 21, 19, 20], eight);
      const other = samples.map((s, i) => (i >= 16 - count ? { ...s, finish: 'length' as const } : s));
      return comparisonVerdict([run('DPO', probes([38, 40, 42], eight)), run('SamPO', other)]).text;
    };
    expect(cut(2)).toContain('they share');
    expect(cut(3)).not.toContain('they share');
    const one = run('one', probes([20], ['a']));
    expect(comparisonVerdict([one, { ...one, name: 'two' }]).text).toContain(
      'On the 1 prompt they share the two give the same answers',
    );
  });
  it('of one length in the middle alone is not of the same lengths', () => {
    // the interval begins at zero, and does not end there
    const first = run('first', probes([20, 20, 20, 20, 21]));
    const second = run('second', probes([20, 20, 20, 20, 20], prompts, { text: 'z' }));
    expect(comparisonVerdict([first, second]).text).not.toContain('the same lengths');
    expect(answerDifference([], probes([20]))).toEqual({ shared: 0, cut: 0, same: 0, difference: null });
    expect(answerDifference(probes([20]), [])).toMatchObject({ shared: 0, difference: null });
  });
  it('notes every difference in what was held out', () => {
    const held = run('one', probes([20]), { split: 'eval' });
    const base = { dataset: { path: 'd', evalFraction: 0.1 }, training: { seed: 1 } };
    const note = (other: Record<string, unknown>, second = held): readonly string[] =>
      comparisonNotes([held, second], [view(held, base), view(second, { ...base, ...other })]).map(({ text }) => text);
    expect(note({})).toEqual([]);
    for (const other of [
      { dataset: { path: 'd', evalFraction: 0.2 } },
      { dataset: { path: 'd', evalFraction: 0.1, limit: 50 } },
      { training: { seed: 2 } },
      { training: { seed: 1, maxLength: 64 } },
      { training: { seed: 1, truncation: 'drop' } },
    ])
      expect(note(other), JSON.stringify(other)).toEqual([
        expect.stringMatching(/^Seed, share held out, limit or longest pair differ/),
      ]);
    expect(note({ training: { seed: 2 } }, { ...held, split: 'train' })).toHaveLength(1);
  });
  it('notes models and prompts together, models first', () => {
    const one = run('one', probes([20]));
    const two = run('two', probes([20], ['a', 'b', 'c', 'd', 'x']), { model: 'n' });
    const three = { ...one, name: 'three' };
    const notes = comparisonNotes(
      [one, two, three],
      [one, two, three].map((r) => view(r)),
    );
    expect(notes.map(({ level, text }) => `${level}: ${text}`)).toEqual([
      'warning: Different models: one, three on m; two on n. Losses, rewards and token counts are not on one scale.',
      'neutral: 4 of 6 probe prompts were answered by every run; the others stand alone below.',
    ]);
  });
});
