import { describe, expect, it } from 'vitest';
import {
  epochOf,
  epochOrder,
  pairsOfRound,
  planSteps,
  roundOf,
  stepInRound,
  stepSelector,
} from '../../../../../../src-main/engine/train/loop/order';

import { failureOf } from '../../../../support/tokenizer-files';

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
    expect(failureOf(() => planSteps(2, training, { rounds: 3, roundData: 'split' }))).toMatchObject({
      code: 'bad-spec',
      message: '2 training pairs cannot be split over 3 rounds.',
      details: { path: 'rounds' },
    }));

  it('share out pairs that were shuffled by the seed', () => {
    const shares = (seed: number, shuffle: boolean): string => {
      const given = { ...training, seed, shuffle };
      const plan = planSteps(12, given, { rounds: 2, roundData: 'split' });
      return pairsOfRound([...'abcdefghijkl'], plan, given, 0).join('');
    };
    expect(shares(1, false)).toBe('abcdef');
    expect(new Set([shares(1, true), shares(2, true), 'abcdef']).size).toBe(3);
    expect(shares(1, true)).toBe(shares(1, true));
  });
});

describe('a step’s place', () => {
  it.each<[string, Parameters<typeof planSteps>, Partial<ReturnType<typeof planSteps>>]>([
    ['pairs that fill all steps', [8, training], { stepsPerEpoch: 2, totalSteps: 4 }],
    ['one pair more', [9, training], { stepsPerEpoch: 3, totalSteps: 6 }],
    ['one pair', [1, training], { stepsPerEpoch: 1, totalSteps: 2 }],
    ['half epochs', [9, { ...training, epochs: 1.5 }], { stepsPerEpoch: 3, stepsPerRound: 5 }],
    [
      'rounds of so many steps',
      [9, { ...training, maxSteps: 4 }, { rounds: 3, roundData: 'repeat' }],
      { stepsPerRound: 4, totalSteps: 12, pairsPerRound: 9 },
    ],
    ['a share for each', [9, training, { rounds: 2, roundData: 'split' }], { stepsPerEpoch: 1, pairsPerRound: 4 }],
    ['a pair for each', [3, training, { rounds: 3, roundData: 'split' }], { pairsPerRound: 1, totalSteps: 6 }],
  ])('%s', (_, given, plan) => expect(planSteps(...given)).toMatchObject(plan));

  it('is round, step in it and epoch; epochs count on over rounds', () => {
    const plan = planSteps(10, { ...training, maxSteps: 4 }, { rounds: 2, roundData: 'repeat' }); // 3 steps an epoch
    const places = Array.from({ length: 8 }, (_, i) => [
      roundOf(i + 1, plan),
      stepInRound(i + 1, plan),
      epochOf(i + 1, plan),
    ]);
    expect(places).toEqual([
      [0, 1, 0],
      [0, 2, 0],
      [0, 3, 0],
      [0, 4, 1],
      [1, 1, 2],
      [1, 2, 2],
      [1, 3, 2],
      [1, 4, 3],
    ]);
  });

  const inOrder = { ...training, shuffle: false };
  it('takes the pairs of an epoch one after the other', () => {
    const plan = planSteps(10, inOrder);
    expect([1, 2, 3, 4, 6].map(stepSelector(10, plan, inOrder))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
      [0, 1, 2, 3],
      [8, 9],
    ]);
  });
  it('takes each round’s own share', () => {
    // 3 pairs a round, 1 step an epoch, 2 epochs
    const plan = planSteps(11, inOrder, { rounds: 3, roundData: 'split' });
    const select = stepSelector(11, plan, inOrder);
    expect([1, 2, 3, 5, 6].map(select)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [6, 7, 8],
    ]);
  });
  it('goes back as well as on', () => {
    const plan = planSteps(10, training);
    const select = stepSelector(10, plan, training);
    const first = select(1);
    select(4);
    expect(select(1)).toEqual(first);
  });

  it('knows the pairs that a round looks at, in the file’s order', () => {
    const letters = [...'abcdefghij'];
    const seen = (maxSteps: number | null, roundData: 'repeat' | 'split', round: number, shuffle = false): string => {
      const given = { ...training, shuffle, maxSteps };
      return pairsOfRound(letters, planSteps(10, given, { rounds: 2, roundData }), given, round).join('');
    };
    expect([seen(1, 'repeat', 0), seen(2, 'repeat', 0), seen(3, 'repeat', 0)]).toEqual([
      'abcd',
      'abcdefgh',
      'abcdefghij',
    ]);
    expect([seen(1, 'repeat', 1), seen(null, 'split', 0), seen(null, 'split', 1)]).toEqual(['abcd', 'abcde', 'fghij']);
    expect([...seen(1, 'repeat', 1, true)]).toEqual([...seen(1, 'repeat', 1, true)].sort());
    expect(seen(1, 'repeat', 1, true)).not.toBe(seen(1, 'repeat', 0, true)); // another epoch, another order
    const all = planSteps(10, training);
    expect(pairsOfRound(letters, all, training, 0)).toBe(letters);
  });
  it('shuffles by seed and epoch', () => {
    const order = (seed: number, epoch: number): string => epochOrder(30, epoch, { seed, shuffle: true }).join();
    expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
    expect(epochOrder(30, 0, { seed: 1, shuffle: true }).toSorted((a, b) => a - b)).toEqual(
      epochOrder(30, 0, { seed: 1, shuffle: false }),
    );
  });
});
