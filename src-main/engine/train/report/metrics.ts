import type { MethodSpec } from '../../../shared/spec/method-spec';
import type { PairPoint, PositionProfile } from '../../../shared/metrics/reports';
import type { MetricValues, StepValues } from '../../../shared/metrics/registry';
import { batchLengthMetrics } from './length-metrics';
import type { Objective } from '../step/objective';
import { pairRewards, total } from '../step/rewards';
import type { ScoredPair } from '../../program/scoring';

// All sums in doubles, from the per-token log-probs that come back from the device.

const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

export function pairPoint(scored: ScoredPair, step: number, split: PairPoint['split'], method: MethodSpec): PairPoint {
  const { pair, weights } = scored;
  const { chosen, rejected, fullMargin } = pairRewards(scored, method);
  return {
    row: pair.row,
    step,
    split,
    chosenTokens: pair.chosenIds.length,
    rejectedTokens: pair.rejectedIds.length,
    keptTokens: weights.keptTokens,
    chosenReward: chosen,
    rejectedReward: rejected,
    margin: chosen - rejected,
    fullMargin,
  };
}

/**
 * The mean over pairs. A supervised pair's loss is scaled so that this is the mean over chosen tokens (TRL's `sft`
 * loss).
 */
export const lossOf = (scored: readonly ScoredPair[]): number => average(scored.map((s) => s.loss));

/** TRL counts the tokens of both sequences, so the prompt twice; a supervised row has one sequence. */
export const tokensSeen = (pairs: readonly ScoredPair['pair'][], supervised: boolean): number =>
  pairs.reduce(
    (sum, { promptIds, chosenIds, rejectedIds }) =>
      sum + promptIds.length + chosenIds.length + (supervised ? 0 : promptIds.length + rejectedIds.length),
    0,
  );

/**
 * Metrics that are means over the given pairs, or over their tokens where TRL's are (docs/methods.md, "Metrics of a
 * step").
 */
export function batchMetrics(
  scored: readonly ScoredPair[],
  points: readonly PairPoint[],
  { supervised, method, needsReference }: Pick<Objective, 'supervised' | 'method' | 'needsReference'>,
): StepValues {
  const chosenTokens = average(points.map((p) => p.chosenTokens));
  const ofChosen = {
    loss: lossOf(scored),
    entropy: tokenMean(scored, ({ statistics: { entropy } }) => [entropy.chosen, entropy.rejected]),
    mean_token_accuracy: tokenMean(scored, ({ statistics: { top1 } }) => [top1.chosen]),
    'logits/chosen': tokenMean(scored, ({ statistics: { meanLogit } }) => [meanLogit.chosen]),
    'logps/chosen': average(scored.map((s) => total(s.policy.chosen))),
    'length/chosen_tokens': chosenTokens,
  };
  if (supervised) return ofChosen;
  return {
    ...ofChosen,
    'logits/rejected': tokenMean(scored, ({ statistics: { meanLogit } }) => [meanLogit.rejected]),
    'logps/rejected': average(scored.map((s) => total(s.policy.rejected))),
    'rewards/chosen': average(points.map((p) => p.chosenReward)),
    'rewards/rejected': average(points.map((p) => p.rejectedReward)),
    'rewards/accuracies': average(points.map((p) => (p.chosenReward > p.rejectedReward ? 1 : 0))),
    'rewards/margins': average(points.map((p) => p.margin)),
    'length/rejected_tokens': average(points.map((p) => p.rejectedTokens)),
    'length/kept_tokens': average(points.map((p) => p.keptTokens)),
    'length/full_margins': average(points.map((p) => p.fullMargin)),
    ...batchLengthMetrics(scored, points, method, needsReference),
  };
}

/** The mean over all tokens of the given sides together. */
function tokenMean(scored: readonly ScoredPair[], sides: (pair: ScoredPair) => readonly Float32Array[]): number {
  const lists = scored.flatMap(sides);
  return (
    lists.reduce((sum, list) => sum + total(list), 0) /
    Math.max(
      1,
      lists.reduce((sum, list) => sum + list.length, 0),
    )
  );
}

/** The last pairs that training saw: single steps hold too few for a correlation. Part of the checkpoint. */
export class PairWindow {
  static readonly size = 256;
  constructor(private kept: readonly PairPoint[] = []) {}

  push(points: readonly PairPoint[]): void {
    this.kept = [...this.kept, ...points].slice(-PairWindow.size);
  }
  get points(): readonly PairPoint[] {
    return this.kept;
  }
}

export const evalPrefix = (values: StepValues): MetricValues =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`eval_${name}`, value]));

/** Mean log-ratio by token position, in bins, over the pairs of a step. */
export function positionProfile(scored: readonly ScoredPair[], step: number, binTokens: number): PositionProfile {
  const side = (
    pick: (s: ScoredPair) => { readonly policy: Float32Array; readonly reference: Float32Array },
  ): PositionProfile['chosen'] => {
    const sums: number[] = [];
    const counts: number[] = [];
    for (const s of scored) {
      const { policy, reference } = pick(s);
      for (let t = 0; t < policy.length; t++) {
        const bin = Math.floor(t / binTokens);
        sums[bin] = (sums[bin] ?? 0) + (policy[t]! - reference[t]!);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
    }
    return sums.map((sum, bin) => ({ mean: sum / counts[bin]!, count: counts[bin]! }));
  };
  return {
    step,
    binTokens,
    chosen: side((s) => ({ policy: s.policy.chosen, reference: s.reference.chosen })),
    rejected: side((s) => ({ policy: s.policy.rejected, reference: s.reference.rejected })),
  };
}

/** About 32 bins for the longest response, in round numbers. */
export const profileBinTokens = (longestResponse: number): number => {
  const wanted = longestResponse / 32;
  return [1, 2, 4, 8, 16, 32, 64, 128].find((bin) => bin >= wanted) ?? 256;
};
