import type { PairPoint } from '../../src-main/shared/metrics/reports';

const widths = [2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/** Round buckets, about ten over what there is: 20 tokens for short answers, 100 for long ones. */
export function bucketWidth(pairs: readonly PairPoint[]): number {
  const longest = pairs.reduce((most, p) => Math.max(most, p.chosenTokens, p.rejectedTokens), 0);
  return widths.find((width) => longest / width <= 10) ?? 2000;
}
