import type { MethodSpec } from '../../../shared/spec/method-spec';
import { methodById } from '../../../shared/catalogue/method-catalogue';
import type { ScoredPair, TokenLogprobs } from '../../program/scoring';

/** Implicit rewards of a scored pair, in doubles. */
export interface PairRewards {
  readonly chosen: number;
  readonly rejected: number;
  /**
   * The margin from all tokens: what DPO with this beta would have seen on the same pair. Without a reference: the
   * method's own margin.
   */
  readonly fullMargin: number;
}

export const dot = (weights: Float32Array, values: Float32Array): number => {
  let sum = 0;
  for (let t = 0; t < values.length; t++) sum += weights[t]! * values[t]!;
  return sum;
};
export const total = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0);

/**
 * Rewards as the reference trainers log them: β times the weighted log-ratio, whatever the loss makes of it (TRL;
 * docs/methods.md, "Metrics of a step"); β times the mean log-prob for methods without a reference (SimPO, ORPO); TDPO
 * adds its divergence.
 */
export function pairRewards(
  { policy, reference, weights, divergence }: Pick<ScoredPair, 'policy' | 'reference' | 'weights' | 'divergence'>,
  { id, beta }: MethodSpec,
): PairRewards {
  if (!methodById(id)!.needsReference) {
    const mean = (values: Float32Array): number => (beta * total(values)) / Math.max(1, values.length);
    const [chosen, rejected] = [mean(policy.chosen), mean(policy.rejected)];
    return { chosen, rejected, fullMargin: chosen - rejected };
  }
  const kl = (side: keyof TokenLogprobs, own: Float32Array): number => (divergence ? dot(own, divergence[side]) : 0);
  const chosen =
    beta *
    (dot(weights.chosenPolicy, policy.chosen) -
      dot(weights.chosenReference, reference.chosen) +
      kl('chosen', weights.chosenPolicy));
  const rejected =
    beta *
    (dot(weights.rejectedPolicy, policy.rejected) -
      dot(weights.rejectedReference, reference.rejected) +
      kl('rejected', weights.rejectedPolicy));
  return {
    chosen,
    rejected,
    fullMargin:
      beta * (total(policy.chosen) - total(reference.chosen) - (total(policy.rejected) - total(reference.rejected))),
  };
}
