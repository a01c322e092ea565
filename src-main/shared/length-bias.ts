import { largest, smallest } from './extremes';
import type { PairPoint, ProbeSample } from './metrics';
import { linearFit, mean, meanInterval, pearson, spearman, type LinearFit } from './statistics';

/** Length diagnostics of methods.md section 4, computed alike by engine, command line and renderer. Sentences: length-verdicts.ts. */
const deltaOf = (p: PairPoint): number => p.chosenTokens - p.rejectedTokens;

/** Share of right pairs (margin > 0, ties count as wrong) where chosen is longer, where it is shorter, and the gap between both. */
export interface ConditionalAccuracy {
  readonly chosenLonger: { readonly pairs: number; readonly accuracy: number | null };
  readonly chosenShorter: { readonly pairs: number; readonly accuracy: number | null };
  readonly equal: { readonly pairs: number; readonly accuracy: number | null };
  readonly gap: number | null; // longer − shorter
}

export function conditionalAccuracy(points: readonly PairPoint[]): ConditionalAccuracy {
  const group = (matches: (delta: number) => boolean): { readonly pairs: number; readonly accuracy: number | null } => {
    const right = points.filter((p) => matches(deltaOf(p))).map((p) => (p.margin > 0 ? 1 : 0));
    return { pairs: right.length, accuracy: mean(right) };
  };
  const chosenLonger = group((d) => d > 0);
  const chosenShorter = group((d) => d < 0);
  const gap = chosenLonger.accuracy === null || chosenShorter.accuracy === null ? null : chosenLonger.accuracy - chosenShorter.accuracy;
  return { chosenLonger, chosenShorter, equal: group((d) => d === 0), gap };
}

/** How margins relate to the length difference, as the loss saw them and as all tokens would have it (what DPO sees). */
export interface LengthCorrelation {
  readonly pairs: number;
  readonly margin: number | null; // Pearson of margin and Δ length
  readonly fullMargin: number | null;
  readonly marginRank: number | null; // Spearman
}

export function lengthCorrelation(points: readonly PairPoint[]): LengthCorrelation {
  const delta = points.map(deltaOf);
  const margins = points.map((p) => p.margin);
  return { pairs: points.length, margin: pearson(margins, delta), fullMargin: pearson(points.map((p) => p.fullMargin), delta), marginRank: spearman(margins, delta) };
}

/** Rewards of both sides pooled against their tokens: slope is reward per token, r2 the share of variance that length explains. */
export interface RewardLength {
  readonly pearson: number | null;
  readonly spearman: number | null;
  readonly fit: LinearFit | null;
}

export function rewardLength(points: readonly PairPoint[], side: 'chosen' | 'rejected' | 'both' = 'both'): RewardLength {
  const tokens: number[] = [];
  const rewards: number[] = [];
  for (const p of points) {
    if (side !== 'rejected') {
      tokens.push(p.chosenTokens);
      rewards.push(p.chosenReward);
    }
    if (side !== 'chosen') {
      tokens.push(p.rejectedTokens);
      rewards.push(p.rejectedReward);
    }
  }
  return { pearson: pearson(tokens, rewards), spearman: spearman(tokens, rewards), fit: linearFit(tokens, rewards) };
}

export interface LengthBucket {
  readonly fromTokens: number; // inclusive
  readonly toTokens: number; // exclusive
  readonly chosen: { readonly count: number; readonly reward: number | null; readonly rewardPerToken: number | null };
  readonly rejected: { readonly count: number; readonly reward: number | null; readonly rewardPerToken: number | null };
}

/** Mean reward (and reward per token) of responses by their length, in buckets of `bucketTokens`; empty buckets inside the range are kept. */
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
      return { count: inside.length, reward: mean(inside.map(reward)), rewardPerToken: mean(inside.map((p) => reward(p) / Math.max(1, tokens(p)))) };
    };
    return { fromTokens, toTokens, chosen: side((p) => p.chosenTokens, (p) => p.chosenReward), rejected: side((p) => p.rejectedTokens, (p) => p.rejectedReward) };
  });
}

/** Answers to the run's fixed prompts, before training against the newest complete round. */
export interface AnswerGrowth {
  readonly probes: number;
  readonly step: number; // the newest step compared
  readonly before: number; // mean tokens
  readonly after: number;
  readonly ratio: number; // after / before
  /** Mean paired difference in tokens with its 95 % interval; null with fewer than two probes. */
  readonly difference: { readonly mean: number; readonly low: number; readonly high: number } | null;
  readonly cutAfter: number; // share of answers that ran into the token limit
}

export function answerGrowth(samples: readonly ProbeSample[]): AnswerGrowth | null {
  const before = samples.filter((s) => s.step === 0);
  const steps = [...new Set(samples.map((s) => s.step))].filter((s) => s > 0).sort((a, b) => b - a);
  // a step that is still being answered does not count
  const step = steps.find((s) => before.every((b) => samples.some((x) => x.step === s && x.prompt === b.prompt)));
  if (before.length === 0 || step === undefined) return null;
  const pairs = before.map((b) => ({ b, a: samples.find((x) => x.step === step && x.prompt === b.prompt)! }));
  const meanBefore = mean(pairs.map((p) => p.b.tokens))!;
  const meanAfter = mean(pairs.map((p) => p.a.tokens))!;
  return {
    probes: pairs.length,
    step,
    before: meanBefore,
    after: meanAfter,
    ratio: meanBefore === 0 ? 1 : meanAfter / meanBefore,
    difference: meanInterval(pairs.map((p) => p.a.tokens - p.b.tokens)),
    cutAfter: mean(pairs.map((p) => (p.a.finish === 'length' ? 1 : 0)))!,
  };
}
