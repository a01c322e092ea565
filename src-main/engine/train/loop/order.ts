import type { RunSpec } from '../../../shared/spec/run-spec';
import { Random, randomPurpose } from '../../../shared/random';
import { throwFailure } from '../../../shared/result';

/**
 * Which pairs a step sees. The order of an epoch depends on (seed, epoch) alone, so a step number says everything about
 * the position in the data: nothing needs to be stored to resume. The last step of an epoch takes what is left and may
 * be smaller (as transformers' Trainer does); its loss is the mean over its own pairs. A fractional number of epochs is
 * rounded up to whole steps. In iterative training every round has as many steps as any other, its own epochs (with
 * orders of their own) and, where data are split, its own share of the pairs: pairs / rounds, rounded down, drawn by
 * the seed.
 */
export interface StepPlan {
  readonly stepsPerEpoch: number;
  readonly stepsPerRound: number;
  readonly rounds: number;
  readonly totalSteps: number;
  readonly pairsPerRound: number;
}

type Pace = Pick<RunSpec['training'], 'pairsPerStep' | 'epochs' | 'maxSteps'>;

export function planSteps(
  pairs: number,
  { pairsPerStep, epochs, maxSteps }: Pace,
  { rounds, roundData }: Pick<RunSpec, 'rounds' | 'roundData'> = { rounds: 1, roundData: 'repeat' },
): StepPlan {
  const pairsPerRound = roundData === 'split' ? Math.floor(pairs / rounds) : pairs;
  if (pairsPerRound === 0)
    throwFailure(
      'bad-spec',
      `${pairs} training pairs cannot be split over ${rounds} rounds.`,
      'Lower rounds, or set roundData to "repeat".',
      { path: 'rounds' },
    );
  const stepsPerEpoch = Math.ceil(pairsPerRound / pairsPerStep);
  const stepsPerRound = maxSteps ?? Math.ceil(epochs * stepsPerEpoch);
  return { stepsPerEpoch, stepsPerRound, rounds, totalSteps: rounds * stepsPerRound, pairsPerRound };
}

/** Rounds count from 0, steps from 1. */
export const roundOf = (step: number, { stepsPerRound }: StepPlan): number => Math.floor((step - 1) / stepsPerRound);
/** The step's number within its round, from 1. */
export const stepInRound = (step: number, plan: StepPlan): number => step - roundOf(step, plan) * plan.stepsPerRound;

/** Epochs count on from round to round, so that no two share an order or a draw of tokens. */
export const epochOf = (step: number, plan: StepPlan): number =>
  roundOf(step, plan) * Math.ceil(plan.stepsPerRound / plan.stepsPerEpoch) +
  Math.floor((stepInRound(step, plan) - 1) / plan.stepsPerEpoch);

type Shuffling = Pick<RunSpec['training'], 'seed' | 'shuffle'>;

/** Indices of the pairs in the order of one epoch. */
export function epochOrder(pairs: number, epoch: number, { seed, shuffle }: Shuffling): readonly number[] {
  const order = Array.from({ length: pairs }, (_, i) => i);
  if (shuffle) Random.keyed(randomPurpose.dataOrder, seed, epoch).shuffleInPlace(order);
  return order;
}

/** The pairs that the steps of a round look at, in their own order. */
export function pairsOfRound<T>(
  pairs: readonly T[],
  plan: StepPlan,
  training: Shuffling & Pick<RunSpec['training'], 'pairsPerStep'>,
  round: number,
): readonly T[] {
  const select = stepSelector(pairs.length, plan, training);
  const visited = new Set<number>();
  for (let n = 1; n <= plan.stepsPerRound && visited.size < plan.pairsPerRound; n++)
    for (const index of select(round * plan.stepsPerRound + n)) visited.add(index);
  return visited.size === pairs.length ? pairs : pairs.filter((_, index) => visited.has(index));
}

/** Indices of the pairs of each step (from 1), with the current epoch's order kept. */
export function stepSelector(
  pairs: number,
  plan: StepPlan,
  training: Shuffling & Pick<RunSpec['training'], 'pairsPerStep'>,
): (step: number) => readonly number[] {
  const isSplit = plan.pairsPerRound < pairs;
  const all = isSplit ? epochOrder(pairs, 0, { seed: training.seed, shuffle: training.shuffle }) : null;
  let epoch = -1;
  let order: readonly number[] = [];
  return (step) => {
    const wanted = epochOf(step, plan);
    if (wanted !== epoch) {
      epoch = wanted;
      const first = roundOf(step, plan) * plan.pairsPerRound;
      const own = epochOrder(plan.pairsPerRound, epoch, training);
      order = all ? own.map((index) => all[first + index]!) : own;
    }
    const start = ((stepInRound(step, plan) - 1) % plan.stepsPerEpoch) * training.pairsPerStep;
    return order.slice(start, start + training.pairsPerStep);
  };
}
