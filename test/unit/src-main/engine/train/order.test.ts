import { describe, expect, it } from 'vitest';
import {
  epochOf,
  epochOrder,
  planSteps,
  roundOf,
  stepInRound,
  stepSelector,
} from '../../../../../src-main/engine/train/order';

const training = { seed: 42, shuffle: true, pairsPerStep: 4, epochs: 2, maxSteps: null };

describe('planSteps', () => {
  it('rounds up within an epoch and over fractional epochs', () => {
    expect(planSteps(10, training)).toEqual({
      stepsPerEpoch: 3,
      stepsPerRound: 6,
      rounds: 1,
      totalSteps: 6,
      pairsPerRound: 10,
    });
    expect(planSteps(10, { ...training, epochs: 0.5 }).totalSteps).toBe(2);
    expect(planSteps(10, { ...training, maxSteps: 40 }).totalSteps).toBe(40);
  });
});

describe('data order', () => {
  it('sees every pair once an epoch, the last step taking what is left', () => {
    const plan = planSteps(10, training);
    const select = stepSelector(10, plan, training);
    const epochs = [1, 2, 3, 4, 5, 6].map(select);
    expect(epochs.map((s) => s.length)).toEqual([4, 4, 2, 4, 4, 2]);
    for (const steps of [epochs.slice(0, 3), epochs.slice(3)])
      expect(steps.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epochs.slice(0, 3).flat()).not.toEqual(epochs.slice(3).flat());
    expect([1, 3, 4].map((step) => epochOf(step, plan))).toEqual([0, 0, 1]);
  });
  it('needs only the step number to go on', () => {
    const plan = planSteps(10, training);
    const throughout = stepSelector(10, plan, training);
    const all = [1, 2, 3, 4, 5].map(throughout);
    expect(stepSelector(10, plan, training)(5)).toEqual(all[4]);
  });
  it('depends on seed and epoch alone', () => {
    expect(epochOrder(50, 3, { seed: 1, shuffle: true })).toEqual(epochOrder(50, 3, { seed: 1, shuffle: true }));
    expect(epochOrder(50, 3, { seed: 1, shuffle: true })).not.toEqual(epochOrder(50, 3, { seed: 2, shuffle: true }));
    expect(epochOrder(4, 0, { seed: 1, shuffle: false })).toEqual([0, 1, 2, 3]);
  });
});

describe('rounds', () => {
  it('repeat the data in orders of their own', () => {
    const plan = planSteps(10, { ...training, epochs: 1 }, { rounds: 2, roundData: 'repeat' });
    expect(plan).toEqual({ stepsPerEpoch: 3, stepsPerRound: 3, rounds: 2, totalSteps: 6, pairsPerRound: 10 });
    expect([1, 3, 4, 6].map((step) => [roundOf(step, plan), stepInRound(step, plan)])).toEqual([
      [0, 1],
      [0, 3],
      [1, 1],
      [1, 3],
    ]);
    const select = stepSelector(10, plan, training);
    const [first, second] = [
      [1, 2, 3],
      [4, 5, 6],
    ].map((steps) => steps.flatMap(select));
    expect([...first!].sort((a, b) => a - b)).toEqual([...second!].sort((a, b) => a - b));
    expect(first).not.toEqual(second);
  });

  it('split the data into shares without a common pair', () => {
    const plan = planSteps(11, { ...training, epochs: 2 }, { rounds: 3, roundData: 'split' });
    expect(plan).toEqual({ stepsPerEpoch: 1, stepsPerRound: 2, rounds: 3, totalSteps: 6, pairsPerRound: 3 });
    const select = stepSelector(11, plan, training);
    const shares = [1, 3, 5].map((step) => new Set([...select(step), ...select(step + 1)]));
    expect(shares.map((s) => s.size)).toEqual([3, 3, 3]);
    expect(new Set(shares.flatMap((s) => [...s])).size).toBe(9);
  });

  it('need a pair each', () =>
    expect(() => planSteps(2, training, { rounds: 3, roundData: 'split' })).toThrow(
      /2 training pairs cannot be split over 3 rounds/,
    ));
});
