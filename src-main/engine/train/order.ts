import type { RunSpec } from '../../shared/run-spec';
import { Random, randomPurpose } from '../../shared/random';

/**
 * Which pairs a step sees. The order of an epoch depends on (seed, epoch) alone, so a step number says everything about the position in the data:
 * nothing needs to be stored to resume. The last step of an epoch takes what is left and may be smaller (as transformers' Trainer does); its loss is the mean over its
 * own pairs. A fractional number of epochs is rounded up to whole steps.
 */
export interface StepPlan {
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
}

export function planSteps(pairs: number, { pairsPerStep, epochs, maxSteps }: Pick<RunSpec['training'], 'pairsPerStep' | 'epochs' | 'maxSteps'>): StepPlan {
  const stepsPerEpoch = Math.ceil(pairs / pairsPerStep);
  return { stepsPerEpoch, totalSteps: maxSteps ?? Math.ceil(epochs * stepsPerEpoch) };
}

export const epochOf = (step: number, { stepsPerEpoch }: StepPlan): number => Math.floor((step - 1) / stepsPerEpoch);

/** Indices of the pairs in the order of one epoch. */
export function epochOrder(pairs: number, epoch: number, { seed, shuffle }: Pick<RunSpec['training'], 'seed' | 'shuffle'>): readonly number[] {
  const order = Array.from({ length: pairs }, (_, i) => i);
  if (shuffle) Random.keyed(randomPurpose.dataOrder, seed, epoch).shuffleInPlace(order);
  return order;
}

/** Indices of the pairs of each step (from 1), with the current epoch's order kept. */
export function stepSelector(pairs: number, plan: StepPlan, training: Pick<RunSpec['training'], 'seed' | 'shuffle' | 'pairsPerStep'>): (step: number) => readonly number[] {
  let epoch = -1;
  let order: readonly number[] = [];
  return (step) => {
    const wanted = epochOf(step, plan);
    if (wanted !== epoch) {
      epoch = wanted;
      order = epochOrder(pairs, epoch, training);
    }
    const start = ((step - 1) % plan.stepsPerEpoch) * training.pairsPerStep;
    return order.slice(start, start + training.pairsPerStep);
  };
}
