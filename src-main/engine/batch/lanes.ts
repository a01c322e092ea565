import { largest } from '../../shared/extremes';
import { tokensPerCallOverhead } from './buckets';
import { microBatches, type MicroBatch } from './micro-batches';
import type { Bucket, TokenizedPair } from './types';

// Calls of one step do not depend on each other, so several run at once, each on its share of the processors. One call
// on all of them waits at the end of every product (RESULTS.md, "Lanes").

/** How many calls run at once. */
export interface Lanes {
  readonly count: number;
  /** What a completion slot costs (the head) against a token (the layers). */
  readonly slotCost: number;
}

export const oneLane: Lanes = { count: 1, slotCost: 0 };

const costOf = ({ rows, tokens, completions }: Bucket, { slotCost }: Lanes): number =>
  tokensPerCallOverhead + rows * tokens + slotCost * completions;

/**
 * Divides calls among lanes, so that the busiest has little more than its share: the dearest first, each to the lane
 * with least to do (Graham 1969, "Bounds on multiprocessing timing anomalies"). Every other lane begins with its
 * cheapest: lanes in different parts of a call stand less in each other's way (2 to 4 % faster). The outcome depends on
 * the calls alone, so a resumed run divides alike and adds its gradients up in the same order.
 */
export function divideAmongLanes<B extends Pick<MicroBatch, 'bucket'>>(
  batches: readonly B[],
  buckets: readonly Bucket[],
  lanes: Lanes,
): readonly (readonly B[])[] {
  const cost = (batch: B): number => costOf(buckets[batch.bucket]!, lanes);
  const divided = Array.from({ length: lanes.count }, () => ({ batches: [] as B[], cost: 0 }));
  for (const batch of [...batches].sort((a, b) => cost(b) - cost(a))) {
    const idlest = divided.reduce((least, lane) => (lane.cost < least.cost ? lane : least));
    idlest.batches.push(batch);
    idlest.cost += cost(batch);
  }
  return divided.map(({ batches: ofLane }, i) => (i % 2 === 0 ? ofLane : ofLane.reverse()));
}

/**
 * Of a call that takes all threads. Two processors ran one of 100 to 1,000 tokens 1.5 to 1.6 times as fast as one did.
 */
const serialShare = 0.25;
const speedup = (threads: number): number => 1 / (serialShare + (1 - serialShare) / threads);

const mostStepsLookedAt = 64;
/** Each lane holds a call's activations; on more than two processors none of this was measured. */
const mostLanes = 4;

/** What a step costs on average, in tokens that one processor works through meanwhile: its busiest lane's. */
export function stepCost(
  pairs: readonly TokenizedPair[],
  pairsPerStep: number,
  buckets: readonly Bucket[],
  lanes: Lanes,
  processors: number,
): number {
  // files may be sorted by length, and steps are drawn from all over
  const stride = Math.max(1, Math.floor(pairs.length / pairsPerStep));
  const members = Math.min(pairsPerStep, pairs.length);
  const steps = Array.from({ length: Math.min(stride, mostStepsLookedAt) }, (_, first) =>
    Array.from({ length: members }, (_, i) => pairs[first + i * stride]!),
  );
  const ofStep = (members: readonly TokenizedPair[]): number =>
    largest(divideAmongLanes(microBatches(members, buckets), buckets, lanes), (lane) =>
      lane.reduce((sum, { bucket }) => sum + costOf(buckets[bucket]!, lanes), 0),
    ) ?? 0;
  return (
    steps.reduce((sum, members) => sum + ofStep(members), 0) /
    steps.length /
    speedup(Math.floor(processors / lanes.count))
  );
}

/** Lane counts worth a try, fastest first, one lane last. `bucketsFor` are the shapes that so many lanes would run. */
export function laneCounts(
  pairs: readonly TokenizedPair[],
  pairsPerStep: number,
  slotCost: number,
  processors: number,
  bucketsFor: (count: number) => readonly Bucket[],
): readonly number[] {
  const cost = (count: number): number =>
    stepCost(pairs, pairsPerStep, bucketsFor(count), { count, slotCost }, processors);
  const alone = cost(1);
  const powers = Array.from(
    { length: Math.floor(Math.log2(Math.max(1, Math.min(processors, pairsPerStep, mostLanes)))) },
    (_, i) => 2 ** (i + 1),
  );
  const faster = powers.map((count) => ({ count, cost: cost(count) })).filter((lanes) => lanes.cost < alone);
  return [...faster.sort((a, b) => a.cost - b.cost).map(({ count }) => count), 1];
}
