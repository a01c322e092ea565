import { describe, expect, it } from 'vitest';
import { answerGrowth, answerRounds, promptKeys } from '../../../../../src-main/shared/length/answer-growth';
import type { ProbeSample } from '../../../../../src-main/shared/metrics/reports';

const sample = (step: number, prompt: number, tokens: number, more: Partial<ProbeSample> = {}): ProbeSample => ({
  step,
  prompt,
  promptText: `question ${prompt}`,
  text: '',
  tokens,
  finish: 'eos',
  ...more,
});

describe('promptKeys', () => {
  it('tell prompts by their text, not by their place; the same text asked twice counts on', () => {
    const keys = promptKeys([
      sample(0, 5, 1, { promptText: 'b' }),
      sample(0, 2, 2, { promptText: 'a' }),
      sample(0, 3, 3, { promptText: 'b' }),
    ]);
    expect([...keys].map(([key, { tokens }]) => [key, tokens])).toEqual([
      ['1:a', 2],
      ['1:b', 3],
      ['2:b', 1],
    ]);
  });
});

describe('answerGrowth', () => {
  it('compares the newest complete round with step 0', () => {
    const samples = [
      sample(0, 0, 10),
      sample(0, 1, 20),
      sample(20, 0, 15),
      sample(20, 1, 45, { finish: 'length' }),
      sample(40, 0, 99),
    ];
    const growth = answerGrowth(samples)!;
    expect(growth).toMatchObject({
      probes: 2,
      step: 20,
      before: 15,
      after: 30,
      ratio: 2,
      cutBefore: 0,
      cutAfter: 0.5,
      cutEither: 0.5,
      limit: 45,
      trained: null,
    });
    expect(growth.difference!.mean).toBe(15); // differences 5 and 25
    expect(answerRounds(samples)!.step).toBe(20);
  });
  it('pairs answers by their prompt’s text: an answer that stands in another place is not another prompt’s', () => {
    const moved = [
      sample(0, 0, 10, { promptText: 'a' }),
      sample(0, 1, 100, { promptText: 'b' }),
      sample(20, 0, 110, { promptText: 'b' }),
      sample(20, 1, 20, { promptText: 'a' }),
    ];
    expect(answerGrowth(moved)).toMatchObject({
      probes: 2,
      before: 55,
      after: 65,
      difference: { mean: 10, low: 10, high: 10 },
    });
  });
  it('does not compare answers to other questions', () => {
    expect(answerGrowth([sample(0, 0, 10, { promptText: 'a' }), sample(20, 0, 90, { promptText: 'b' })])).toBeNull();
  });
  it('counts answers cut before, after and in either round, and prompts trained on', () => {
    const cut = { finish: 'length' } as const;
    const growth = answerGrowth([
      sample(0, 0, 64, cut),
      sample(0, 1, 64, cut),
      sample(0, 2, 9),
      sample(0, 3, 9),
      sample(5, 0, 64, { ...cut, trained: true }),
      sample(5, 1, 30, { trained: false }),
      sample(5, 2, 64, { ...cut, trained: true }),
      sample(5, 3, 9, { trained: false }),
    ])!;
    expect(growth).toMatchObject({ cutBefore: 0.5, cutAfter: 0.5, cutEither: 0.75, limit: 64, trained: 2 });
    expect(answerGrowth([sample(0, 0, 3), sample(5, 0, 3, { trained: true })])!.limit).toBeNull();
  });
  it('needs a round before and one after', () => {
    expect(answerGrowth([sample(0, 0, 10)])).toBeNull();
    expect(answerGrowth([sample(20, 0, 10)])).toBeNull();
    expect(answerGrowth([])).toBeNull();
  });
  it('empty answers before do not divide by zero', () =>
    expect(answerGrowth([sample(0, 0, 0), sample(5, 0, 8)])).toMatchObject({
      ratio: 1,
      before: 0,
      after: 8,
      difference: null,
    }));
});

describe('what is known of probes', () => {
  const rounds = (after: readonly Partial<ProbeSample>[], before: readonly Partial<ProbeSample>[] = after) => [
    ...before.map((more, i) => sample(0, i, 10, more)),
    ...after.map((more, i) => sample(5, i, 12, more)),
  ];
  it('tells how many were trained on, where it is written down for all of them', () => {
    const trained = (...marks: readonly (boolean | undefined)[]) =>
      answerGrowth(rounds(marks.map((mark) => (mark === undefined ? {} : { trained: mark }))))!.trained;
    expect(trained(true, true, false)).toBe(2);
    expect(trained(false, false)).toBe(0);
    expect(trained(true, undefined)).toBeNull();
  });
  it('tells the limit that an answer ran into, in either round', () => {
    const cut = { finish: 'length', tokens: 64 } as const;
    expect(answerGrowth(rounds([{}, {}]))!.limit).toBeNull();
    expect(answerGrowth(rounds([cut, {}], [{}, {}]))!.limit).toBe(64);
    expect(answerGrowth(rounds([{}, {}], [cut, {}]))!.limit).toBe(64);
    expect(answerGrowth(rounds([{ ...cut, tokens: 0 }, {}], [{}, {}]))!.limit).toBe(0);
    expect(answerGrowth(rounds([cut, { ...cut, tokens: 60 }]))!.limit).toBe(64);
  });
  it('begins at the first step after training began', () => {
    expect(answerGrowth([sample(0, 1, 10), sample(1, 1, 20)])).toMatchObject({ step: 1, ratio: 2 });
    expect(answerGrowth([sample(0, 1, 10), sample(0, 1, 20)])).toBeNull();
  });
});
