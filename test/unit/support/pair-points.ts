import type { PairPoint } from '../../../src-main/shared/metrics/reports';

/** A pair as a step saw it; the margin alone is given, half of it on each side. */
export const pairPoint = (values: Partial<PairPoint> = {}): PairPoint => {
  const { margin = 0, chosenTokens = 10, rejectedTokens = 10 } = values;
  return {
    row: 1,
    step: 1,
    split: 'train',
    chosenTokens,
    rejectedTokens,
    keptTokens: Math.min(chosenTokens, rejectedTokens),
    chosenReward: margin / 2,
    rejectedReward: -margin / 2,
    margin,
    fullMargin: margin,
    ...values,
  };
};
