import { conditionalAccuracy, lengthCorrelation, rewardLength } from '../../../shared/length/length-bias';
import type { MethodSpec } from '../../../shared/spec/method-spec';
import type { PairPoint } from '../../../shared/metrics/reports';
import type { StepMetric, StepValues } from '../../../shared/metrics/registry';
import { linearFit, spearman } from '../../../shared/statistics';
import { marginVariance } from '../../methods/sampling-noise';
import { total } from '../step/rewards';
import type { ScoredPair, TokenLogprobs } from '../../program/scoring';

// docs/methods.md, "Length diagnostics": what a step can say of length, beside plain means (metrics.ts).
// shared/metrics has a sentence for each name.

const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Numbers that are not defined (no spread, no such pair) are left out rather than sent as NaN. */
const defined = (candidates: Readonly<Partial<Record<StepMetric, number | null | undefined>>>): StepValues =>
  Object.fromEntries(
    Object.entries(candidates).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  );

/** Length diagnostics of the pairs of one step, or of all held-out pairs. */
export function batchLengthMetrics(
  scored: readonly ScoredPair[],
  points: readonly PairPoint[],
  method: MethodSpec,
  needsReference: boolean,
): StepValues {
  const drift = (side: keyof TokenLogprobs): number | null =>
    needsReference ? average(scored.map((s) => total(s.policy[side]) - total(s.reference[side]))) : null;
  const divergence = (side: keyof TokenLogprobs): number | null =>
    scored.every((s) => s.divergence) ? average(scored.map((s) => total(s.divergence![side]))) : null;
  const meanLogprobs = scored.flatMap(({ policy }) => [perToken(policy.chosen), perToken(policy.rejected)]);
  const tokens = scored.flatMap(({ pair }) => [pair.chosenIds.length, pair.rejectedIds.length]);
  const isDrawn = method.sampling === 'shared' || method.sampling === 'independent';
  return defined({
    'length/drift_chosen': drift('chosen'),
    'length/drift_rejected': drift('rejected'),
    'length/kl_chosen': divergence('chosen'),
    'length/kl_rejected': divergence('rejected'),
    'length/logp_rank_correlation': spearman(meanLogprobs, tokens),
    'length/likelihood_agreement': likelihoodAgreement(scored, points),
    'length/sampling_noise': isDrawn
      ? Math.sqrt(average(scored.map((s) => method.beta ** 2 * marginVariance(method.sampling, s.policy, s.reference))))
      : null,
  });
}

const perToken = (values: Float32Array): number => total(values) / Math.max(1, values.length);

/**
 * Of the pairs whose rewards are right, the share whose chosen response is also the likelier one per token (SimPO,
 * section 2.2).
 */
function likelihoodAgreement(scored: readonly ScoredPair[], points: readonly PairPoint[]): number | null {
  const right = scored.filter((_, i) => points[i]!.margin > 0);
  return right.length === 0
    ? null
    : average(right.map(({ policy }) => (perToken(policy.chosen) > perToken(policy.rejected) ? 1 : 0)));
}

/** Length diagnostics over many pairs. */
export function lengthMetrics(points: readonly PairPoint[]): StepValues {
  const correlation = lengthCorrelation(points);
  const { chosenLonger, chosenShorter, gap } = conditionalAccuracy(points);
  const reward = rewardLength(points);
  const margin = linearFit(
    points.map((p) => p.chosenTokens - p.rejectedTokens),
    points.map((p) => p.margin),
  );
  return defined({
    'length/margin_correlation': correlation.margin,
    'length/margin_rank_correlation': correlation.marginRank,
    'length/margin_r2': margin?.r2,
    'length/margin_slope': margin?.slope,
    'length/full_margin_correlation': correlation.fullMargin,
    'length/reward_correlation': reward.pearson,
    'length/reward_rank_correlation': reward.spearman,
    'length/reward_r2': reward.fit?.r2,
    'length/reward_slope': reward.fit?.slope,
    'length/accuracy_chosen_longer': chosenLonger.accuracy,
    'length/accuracy_chosen_shorter': chosenShorter.accuracy,
    'length/accuracy_gap': gap,
  });
}
