import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../../../../src-main/shared/spec/method-spec';
import type { ScoredPair } from '../../../../../../src-main/engine/program/scoring';
import {
  afterEvaluation,
  afterStep,
  freshWatch,
  isExhausted,
  nonFiniteHint,
  rowList,
  type Watch,
} from '../../../../../../src-main/engine/train/step/stop-rules';

const evaluations = (losses: readonly number[], minDelta = 0): Watch =>
  losses.reduce((watch, loss, i) => afterEvaluation(watch, loss, 10 * (i + 1), { patience: 2, minDelta }), freshWatch);

describe('early stopping', () => {
  it('remembers the lowest held-out loss and where it was', () => {
    expect(evaluations([0.6, 0.5, 0.7]).best).toEqual({ step: 20, loss: 0.5 });
    expect(evaluations([0.6, 0.5, 0.5]).best!.step).toBe(20);
  });
  it('is over after `patience` evaluations in a row without an improvement', () => {
    const over = (losses: readonly number[]): boolean => isExhausted(evaluations(losses), { patience: 2, minDelta: 0 });
    expect(over([0.6, 0.5, 0.7])).toBe(false);
    expect(over([0.6, 0.5, 0.7, 0.5])).toBe(true);
    expect(over([0.6, 0.7, 0.5, 0.7])).toBe(false); // the wait starts anew
    expect(isExhausted(evaluations([1, 2, 3, 4, 5]), null)).toBe(false);
  });
  it('does not wait longer for less than minDelta, but still remembers it as the best', () => {
    const watch = evaluations([0.6, 0.59, 0.58], 0.05);
    expect(watch).toMatchObject({ staleEvaluations: 2, best: { step: 30, loss: 0.58 } });
  });
});

describe('what to do about a loss that is not finite', () => {
  const usual = defaultsOf('dpo');
  const odd = { ...usual, beta: 1000, fDivergence: { ...usual.fDivergence, type: 'alpha' as const } };
  it('names the learning rate, and the parameters that are far from their defaults', () => {
    expect(nonFiniteHint(usual, 7)).toBe(
      'Lower the learning rate, switch clipping on, or look at these rows; the last checkpoint is intact.',
    );
    expect(nonFiniteHint(odd, 7)).toMatch(
      /^Lower the learning rate.*, or bring method\.beta \(1000, by default 0\.1\) and method\.fDivergence \(alpha\) nearer/,
    );
    expect(nonFiniteHint({ ...defaultsOf('discopop'), tau: 5 }, 7)).toMatch(/method\.tau \(5, by default 0\.05\)/);
  });
  it('does not name the learning rate before it was ever used', () => {
    expect(nonFiniteHint(odd, 1)).toMatch(/^Bring method\.beta/);
    expect(nonFiniteHint(odd, 1)).not.toMatch(/learning rate|checkpoint/);
    expect(nonFiniteHint(usual, 1)).toBe('Look at these rows.');
  });
});

describe('an exploding loss', () => {
  const scored = [3, 1, 2].map((loss, i) => ({ loss, pair: { row: 7 + i } }) as unknown as ScoredPair);
  const steps = (losses: readonly number[]): Watch =>
    losses.reduce((watch, loss, i) => afterStep(watch, loss, i + 1, scored), freshWatch);

  it('ends the run after five bad steps in a row, naming rows, worst first', () => {
    const ended = (): Watch => steps([0.69, 6, 7, 8, 9, 10]);
    expect(ended).toThrow(
      expect.objectContaining({
        error: expect.objectContaining({
          code: 'engine-failed',
          message: expect.stringMatching(/exploded: 10 at step 6.*rows 7, 9, 8/),
          details: expect.objectContaining({ rows: [7, 9, 8], step: 6 }),
        }),
      }),
    );
  });
  it('is not one bad batch, nor a loss that was high from the start', () => {
    expect(steps([0.69, 6, 7, 8, 9, 2]).explodedSteps).toBe(0);
    expect(steps([0.69, 6, 7, 8, 9, 2, 9]).explodedSteps).toBe(1);
    expect(steps([25, 60, 70, 80, 90, 100, 110]).explodedSteps).toBe(0);
    expect(steps([-4, -3, 0, 5, 10, 15]).explodedSteps).toBe(0);
  });
  it('lists at most eight rows', () => {
    expect(rowList([4])).toBe('row 4 of the dataset');
    expect(rowList(Array.from({ length: 10 }, (_, i) => i))).toBe(
      'rows 0, 1, 2, 3, 4, 5, 6, 7 and 2 more of the dataset',
    );
  });
});

describe('edges', () => {
  const stopping = (minDelta: number) => ({ patience: 2, minDelta });
  const watch: Watch = { ...freshWatch, best: { step: 1, loss: 0.5 }, staleEvaluations: 1 };
  it.each([
    [0.5, 0, { step: 1, loss: 0.5 }, 2], // equal is no improvement
    [0.499, 0, { step: 9, loss: 0.499 }, 0],
    [0.25, 0.25, { step: 9, loss: 0.25 }, 2], // by no more than minDelta
    [0.24, 0.25, { step: 9, loss: 0.24 }, 0],
    [0.51, 0, { step: 1, loss: 0.5 }, 2],
    [NaN, 0, { step: 1, loss: 0.5 }, 2],
  ])('a loss of %f with minDelta %f', (loss, minDelta, best, staleEvaluations) => {
    expect(afterEvaluation(watch, loss, 9, stopping(minDelta))).toEqual({ ...watch, best, staleEvaluations });
  });
  it('without early stopping every lower loss counts', () => {
    expect(afterEvaluation(watch, 0.4999, 9, null)).toMatchObject({ staleEvaluations: 0, best: { step: 9 } });
    expect(afterEvaluation(freshWatch, 3, 9, null)).toEqual({ ...freshWatch, best: { step: 9, loss: 3 } });
  });
  it('patience is over at its number', () => {
    const at = (staleEvaluations: number): boolean => isExhausted({ ...freshWatch, staleEvaluations }, stopping(0));
    expect([1, 2, 3].map(at)).toEqual([false, true, true]);
  });

  const scored = [{ loss: 1, pair: { row: 1 } }] as unknown as ScoredPair[];
  it.each([
    [0.5, 5.5], // 0.5 + 5
    [-0.5, 4.5],
    [2, 12], // 2 + 5 · 2
    [-2, 8],
    [1, 6],
  ])('after a first loss of %f, above %f is out of bounds', (firstLoss, bound) => {
    const fresh = { ...freshWatch, firstLoss };
    expect(afterStep(fresh, bound, 2, scored).explodedSteps).toBe(0);
    expect(afterStep(fresh, bound + 0.001, 2, scored)).toEqual({ ...fresh, explodedSteps: 1 });
  });
  it('the fifth step in a row is one too many', () => {
    const fresh = { ...freshWatch, firstLoss: 1 };
    expect(afterStep({ ...fresh, explodedSteps: 3 }, 7, 2, scored).explodedSteps).toBe(4);
    expect(() => afterStep({ ...fresh, explodedSteps: 4 }, 7, 2, scored)).toThrow(
      'The loss has exploded: 7 at step 2, above 6 for 5 steps in a row, and 1 at the start (row 1 of the ' +
        'dataset, worst first).',
    );
  });
  it('the first loss is kept', () => {
    expect(afterStep(freshWatch, 0.7, 1, scored)).toEqual({ ...freshWatch, firstLoss: 0.7 });
    expect(afterStep({ ...freshWatch, firstLoss: 0 }, 0.9, 2, scored).firstLoss).toBe(0);
  });

  it.each([
    [1, 'row 0 of the dataset'],
    [2, 'rows 0, 1 of the dataset'],
    [8, 'rows 0, 1, 2, 3, 4, 5, 6, 7 of the dataset'],
    [9, 'rows 0, 1, 2, 3, 4, 5, 6, 7 and 1 more of the dataset'],
  ])('%i rows in words', (count, words) => expect(rowList(Array.from({ length: count }, (_, i) => i))).toBe(words));

  it.each(['beta', 'tau', 'alpha', 'lambda', 'gamma', 'sftWeight'] as const)(
    'names method.%s that is far off',
    (name) => {
      const usual = { ...defaultsOf('dpo'), [name]: 1 } as ReturnType<typeof defaultsOf>;
      expect(nonFiniteHint(usual, 1)).toContain(`method.${name} (1, by default ${defaultsOf('dpo')[name]})`);
    },
  );
});
