import { largest } from '../../shared/extremes';
import type { PairSize } from './layout';
import type { Bucket } from './types';

// A bucket is a static shape: B rows of T tokens with N completion slots. Every shape costs graph optimization at its
// first call, so few is good.

export interface BucketOptions {
  readonly pairsPerStep: number;
  readonly microBatchPairs: 'auto' | number;
  /** How many steps the shapes will serve: a short run is better off with few of them. */
  readonly steps: number;
  /** What a completion slot costs (the head) against a token (the layers). */
  readonly slotCost?: number;
  readonly maxBuckets?: number;
}

/** A call of more tokens gains no speed on a processor and only costs memory. */
const mostTokensPerCall = 1024;
/**
 * A call costs this many tokens before it does any work: reading all weights once, and efficiency lost on short
 * products.
 */
export const tokensPerCallOverhead = 48;
/**
 * The first calls of a bucket optimize its graphs; measured as the work of this many tokens (4 s at 135 M parameters,
 * 0.3 s for a tiny model, 2 cores).
 */
const tokensPerBucket = 3000;

/**
 * Row lengths grow in steps of about 5 %: for short rows 32 would be a third of padding, and no kernel here gains from
 * rounder numbers.
 */
export const roundTokens = (tokens: number): number => {
  const grain = tokens <= 128 ? 8 : tokens <= 512 ? 16 : 32;
  return Math.max(8, Math.ceil(tokens / grain) * grain);
};
const roundSlots = (slots: number): number => Math.max(8, Math.ceil(slots / 8) * 8);

/** Shapes for these pairs, shortest rows first. Every pair fits at least the last one. */
export function chooseBuckets(sizes: readonly PairSize[], options: BucketOptions): readonly Bucket[] {
  if (sizes.length === 0) throw new Error('buckets need at least one pair');
  const sorted = [...sizes].sort((a, b) => a.tokens - b.tokens);
  const plans = partitions(sorted, options.maxBuckets ?? 8, options.slotCost ?? 0.25).map((limits) =>
    planOf(sorted, limits, options),
  );
  const total = (plan: Plan): number => options.steps * plan.cost + tokensPerBucket * plan.buckets.length;
  return plans.reduce((best, plan) => (total(plan) < total(best) ? plan : best)).buckets;
}

/** Index of the smallest bucket that a pair fits. */
export function bucketOf(size: PairSize, buckets: readonly Bucket[]): number {
  const index = buckets.findIndex((b) => size.tokens <= b.tokens);
  if (index < 0) throw new Error(`a pair of ${size.tokens} tokens fits no bucket`);
  return index;
}

interface Plan {
  readonly buckets: readonly Bucket[];
  readonly cost: number; // expected tokens a step, with padding, padding rows, slots and call overhead
}

/** For k = 1, 2, …: the k row lengths that waste least, by dynamic programming over the lengths that occur. */
function partitions(sorted: readonly PairSize[], maxBuckets: number, slotCost: number): readonly (readonly number[])[] {
  const lengths = [...new Set(sorted.map((s) => roundTokens(s.tokens)))]; // ascending, since `sorted` is
  let next = 0;
  const classes = lengths.map((length) => {
    const from = next;
    let completions = 0;
    for (; next < sorted.length && roundTokens(sorted[next]!.tokens) === length; next++)
      completions = Math.max(completions, sorted[next]!.completions);
    return { length, count: next - from, completions };
  });
  const n = classes.length;
  /** Cost of one bucket for classes from..to. */
  const segment = (from: number, to: number): number => {
    const members = classes.slice(from, to + 1);
    const count = members.reduce((sum, c) => sum + c.count, 0);
    return count * (classes[to]!.length + slotCost * (largest(members, (c) => c.completions) ?? 0));
  };
  const memo: number[][] = classes.map((_, from) => classes.map((_, to) => (to < from ? Infinity : segment(from, to))));
  // best[k][to]: least cost of classes 0..to in k + 1 buckets; cut[k][to]: first class of the last of them
  const best: number[][] = [memo[0]!.slice()];
  const cut: number[][] = [new Array<number>(n).fill(0)];
  for (let k = 1; k < Math.min(maxBuckets, n); k++) {
    best.push(new Array<number>(n).fill(Infinity));
    cut.push(new Array<number>(n).fill(0));
    for (let to = k; to < n; to++) {
      for (let from = k; from <= to; from++) {
        const cost = best[k - 1]![from - 1]! + memo[from]![to]!;
        if (cost < best[k]![to]!) {
          best[k]![to] = cost;
          cut[k]![to] = from;
        }
      }
    }
  }
  return best.map((_, k) => {
    const limits: number[] = [];
    for (let to = n - 1, left = k; to >= 0; left--) {
      limits.unshift(lengths[to]!);
      to = cut[left]![to]! - 1;
    }
    return limits;
  });
}

/** Chooses the rows of every bucket and adds up what a step then costs. */
function planOf(
  sorted: readonly PairSize[],
  limits: readonly number[],
  { pairsPerStep, microBatchPairs, slotCost = 0.25 }: BucketOptions,
): Plan {
  let cost = 0;
  let before = 0;
  const most = new Most(pairsPerStep);
  const buckets = limits.map((tokens): Bucket => {
    const first = before;
    while (before < sorted.length && sorted[before]!.tokens <= tokens) most.add(sorted[before++]!.completions);
    const share = (before - first) / sorted.length;
    // shorter pairs may fill free rows, so slots are for the largest pairs that could ever meet
    const completions = most.values;
    const slots = (rows: number): number => roundSlots(completions.slice(0, rows).reduce((sum, c) => sum + c, 0));
    const costWith = (rows: number): number =>
      expectedCalls(pairsPerStep, share, rows) * (tokensPerCallOverhead + rows * tokens + slotCost * slots(rows));
    const choices =
      microBatchPairs === 'auto'
        ? range(1, Math.max(1, Math.min(pairsPerStep, Math.floor(mostTokensPerCall / tokens))))
        : [Math.min(microBatchPairs, pairsPerStep)];
    const rows = choices.reduce((least, candidate) => (costWith(candidate) < costWith(least) ? candidate : least));
    cost += costWith(rows);
    return { rows, tokens, completions: slots(rows) };
  });
  return { buckets, cost };
}

/** The largest of many numbers, so many of them as are asked for; largest first. */
class Most {
  readonly values: number[] = [];
  constructor(private readonly count: number) {}

  add(value: number): void {
    const { values, count } = this;
    if (values.length === count && value <= values.at(-1)!) return;
    let at = values.length;
    while (at > 0 && values[at - 1]! < value) at--;
    values.splice(at, 0, value);
    if (values.length > count) values.length = count;
  }
}

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** E[ceil(n / rows)] for n ~ Binomial(pairs, share): how many calls a step makes to this bucket. */
function expectedCalls(pairs: number, share: number, rows: number): number {
  if (share >= 1) return Math.ceil(pairs / rows);
  let probability = (1 - share) ** pairs; // of n = 0
  // underflow: many pairs, where the last call is half full on average
  if (probability === 0) return (pairs * share) / rows + 0.5;
  let expected = 0;
  for (let n = 1; n <= pairs; n++) {
    probability *= ((pairs - n + 1) / n) * (share / (1 - share));
    expected += probability * Math.ceil(n / rows);
  }
  return expected;
}
