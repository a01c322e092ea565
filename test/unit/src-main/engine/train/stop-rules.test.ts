import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../../../src-main/shared/method-spec';
import type { ScoredPair } from '../../../../../src-main/engine/train/scoring';
import {
  afterEvaluation,
  afterStep,
  freshWatch,
  isExhausted,
  nonFiniteHint,
  rowList,
  type Watch,
} from '../../../../../src-main/engine/train/stop-rules';

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
