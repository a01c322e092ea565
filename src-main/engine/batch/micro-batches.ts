import { bucketOf } from './buckets';
import { sizeOf } from './layout';
import type { Bucket, TokenizedPair } from './types';

/** Some pairs of a step that one call takes together. */
export interface MicroBatch {
  readonly bucket: number;
  readonly pairs: readonly TokenizedPair[];
}

/**
 * Divides pairs into calls. Longest first: rows left free in a longer bucket are filled with the next shorter pairs,
 * which costs nothing and may spare a call. The outcome depends on the pairs and their order alone, so a resumed run
 * divides alike.
 */
export function microBatches(pairs: readonly TokenizedPair[], buckets: readonly Bucket[]): readonly MicroBatch[] {
  // stable: ties keep the step's order
  const queue = pairs.map((pair) => ({ pair, tokens: sizeOf(pair).tokens })).sort((a, b) => b.tokens - a.tokens);
  const batches: MicroBatch[] = [];
  for (let next = 0; next < queue.length; ) {
    const bucket = bucketOf({ tokens: queue[next]!.tokens, completions: 0 }, buckets);
    const { rows } = buckets[bucket]!;
    batches.push({ bucket, pairs: queue.slice(next, next + rows).map((q) => q.pair) });
    next += rows;
  }
  return batches;
}
