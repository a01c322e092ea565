import { largest, smallest } from '../extremes';
import type { PairPoint } from '../metrics/reports';
import {
  correlationInterval,
  linearFit,
  mean,
  pearson,
  shareDifference,
  spearman,
  type Interval,
  type LinearFit,
} from '../statistics';

/**
 * Length diagnostics (docs/methods.md, "Length diagnostics"), computed alike by engine, command line and renderer.
 * Sentences: length-verdicts.ts.
 */
const deltaOf = (p: PairPoint): number => p.chosenTokens - p.rejectedTokens;

/**
 * The pairs a verdict rests on: those of the last evaluation where anything was held out, otherwise the newest training
 * pairs.
 */
export interface VerdictPairs {
  readonly pairs: readonly PairPoint[];
  readonly split: PairPoint['split'];
}

/** Newest training pairs that stand for a run: enough for a narrow interval, few enough to follow training. */
const recentPairs = 256;

/**
 * One rule for list, page, comparison and model card. Training pairs never stand in for held-out ones: what was trained
 * on says little of new answers. A training pair that came more than once counts once, by its newest values: intervals
 * are for independent pairs.
 */
export function verdictPairs(points: readonly PairPoint[]): VerdictPairs {
  const lastEvaluation = points.reduce((last, p) => (p.split === 'eval' ? Math.max(last, p.step) : last), -1);
  if (lastEvaluation >= 0)
    return { pairs: points.filter((p) => p.split === 'eval' && p.step === lastEvaluation), split: 'eval' };
  const newest = new Map<number, PairPoint>();
  const byStep = points.toSorted((a, b) => b.step - a.step);
  for (const point of byStep) if (!newest.has(point.row) && newest.size < recentPairs) newest.set(point.row, point);
  return { pairs: [...newest.values()].reverse(), split: 'train' };
}

export interface RightPairs {
  readonly pairs: number;
  readonly right: number;
  readonly accuracy: number | null;
}

/**
 * Right pairs (margin > 0, ties count as wrong) where chosen is longer, where it is shorter, and the gap between both.
 */
export interface ConditionalAccuracy {
  readonly chosenLonger: RightPairs;
  readonly chosenShorter: RightPairs;
  readonly equal: RightPairs;
  readonly gap: number | null; // longer − shorter
  readonly gapInterval: Interval | null;
}

export function conditionalAccuracy(points: readonly PairPoint[]): ConditionalAccuracy {
  const group = (matches: (delta: number) => boolean): RightPairs => {
    const inside = points.filter((p) => matches(deltaOf(p)));
    const right = inside.filter((p) => p.margin > 0).length;
    return { pairs: inside.length, right, accuracy: inside.length === 0 ? null : right / inside.length };
  };
  const chosenLonger = group((d) => d > 0);
  const chosenShorter = group((d) => d < 0);
  const gap =
    chosenLonger.accuracy === null || chosenShorter.accuracy === null
      ? null
      : chosenLonger.accuracy - chosenShorter.accuracy;
  const gapInterval = shareDifference(
    [chosenLonger.right, chosenLonger.pairs],
    [chosenShorter.right, chosenShorter.pairs],
  );
  return { chosenLonger, chosenShorter, equal: group((d) => d === 0), gap, gapInterval };
}

/**
 * How margins relate to the length difference, as the loss saw them and as all tokens would have it (what DPO sees).
 */
export interface LengthCorrelation {
  readonly pairs: number;
  readonly margin: number | null; // Pearson of margin and Δ length
  readonly interval: Interval | null; // of `margin`
  readonly fullMargin: number | null;
  readonly marginRank: number | null; // Spearman
  readonly chosenLonger: number | null; // share of the pairs: how much of a link may be deserved
}

export function lengthCorrelation(points: readonly PairPoint[]): LengthCorrelation {
  const delta = points.map(deltaOf);
  const margins = points.map((p) => p.margin);
  const margin = pearson(margins, delta);
  return {
    pairs: points.length,
    margin,
    interval: margin === null ? null : correlationInterval(margin, points.length),
    fullMargin: pearson(
      points.map((p) => p.fullMargin),
      delta,
    ),
    marginRank: spearman(margins, delta),
    chosenLonger: mean(delta.map((d) => (d > 0 ? 1 : 0))),
  };
}

/**
 * Rewards of both sides pooled against their tokens: slope is reward per token, r2 the share of variance that length
 * explains.
 */
export interface RewardLength {
  readonly pearson: number | null;
  readonly spearman: number | null;
  readonly fit: LinearFit | null;
  /**
   * R² that rewards would have which knew nothing but which response is the chosen one: not zero where chosen responses
   * are longer.
   */
  readonly expectedR2: number | null;
}

export function rewardLength(
  points: readonly PairPoint[],
  side: 'chosen' | 'rejected' | 'both' = 'both',
): RewardLength {
  const tokens: number[] = [];
  const rewards: number[] = [];
  const isChosen: number[] = [];
  for (const p of points) {
    if (side !== 'rejected') {
      isChosen.push(1);
      tokens.push(p.chosenTokens);
      rewards.push(p.chosenReward);
    }
    if (side !== 'chosen') {
      isChosen.push(0);
      tokens.push(p.rejectedTokens);
      rewards.push(p.rejectedReward);
    }
  }
  return {
    pearson: pearson(tokens, rewards),
    spearman: spearman(tokens, rewards),
    fit: linearFit(tokens, rewards),
    expectedR2: linearFit(tokens, isChosen)?.r2 ?? null,
  };
}

export interface LengthBucket {
  readonly fromTokens: number; // inclusive
  readonly toTokens: number; // exclusive
  readonly chosen: BucketSide;
  readonly rejected: BucketSide;
}
export interface BucketSide {
  readonly count: number;
  readonly reward: number | null;
  readonly rewardPerToken: number | null;
}

/**
 * Mean reward (and reward per token) of responses by their length, in buckets of `bucketTokens`; empty buckets inside
 * the range are kept.
 */
export function rewardByLength(points: readonly PairPoint[], bucketTokens: number): readonly LengthBucket[] {
  if (points.length === 0) return [];
  const longest = largest(points, (p) => Math.max(p.chosenTokens, p.rejectedTokens)) ?? 0;
  const shortest = smallest(points, (p) => Math.min(p.chosenTokens, p.rejectedTokens)) ?? 0;
  const first = Math.floor(shortest / bucketTokens);
  const buckets = Math.floor(longest / bucketTokens) - first + 1;
  return Array.from({ length: buckets }, (_, i): LengthBucket => {
    const fromTokens = (first + i) * bucketTokens;
    const toTokens = fromTokens + bucketTokens;
    const side = (tokens: (p: PairPoint) => number, reward: (p: PairPoint) => number): LengthBucket['chosen'] => {
      const inside = points.filter((p) => tokens(p) >= fromTokens && tokens(p) < toTokens);
      return {
        count: inside.length,
        reward: mean(inside.map(reward)),
        rewardPerToken: mean(inside.map((p) => reward(p) / Math.max(1, tokens(p)))),
      };
    };
    return {
      fromTokens,
      toTokens,
      chosen: side(
        (p) => p.chosenTokens,
        (p) => p.chosenReward,
      ),
      rejected: side(
        (p) => p.rejectedTokens,
        (p) => p.rejectedReward,
      ),
    };
  });
}
