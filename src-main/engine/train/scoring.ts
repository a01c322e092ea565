import type { Feeds, Session } from '../graph/types';
import type { PairWeights } from '../methods/types';
import { packRows, type Slots } from './layout';
import type { MicroBatch } from './micro-batches';
import type { Bucket, TokenizedPair } from './types';

// B rows (pairs), N completion slots

/** Log-probs of every token of both responses. */
export interface TokenLogprobs {
  readonly chosen: Float32Array; // [T_w]
  readonly rejected: Float32Array; // [T_l]
}

/** A pair after its forward pass. */
export interface ScoredPair {
  readonly pair: TokenizedPair;
  readonly policy: TokenLogprobs;
  readonly reference: TokenLogprobs;
  readonly weights: PairWeights;
  readonly loss: number; // unscaled
}

export interface Scoring {
  readonly session: Session;
  readonly buckets: readonly Bucket[];
}

/** Log-probs of one micro-batch under the present weights. */
export function scoreTokens({ session, buckets }: Scoring, batch: MicroBatch): readonly TokenLogprobs[] {
  const { feeds, slots } = packRows(batch.pairs, buckets[batch.bucket]!);
  const logprobs = session.run(`logprobs:${batch.bucket}`, feeds)['logprobs'] as Float32Array;
  return batch.pairs.map((pair, b) => takeSlots(logprobs, pair, slots[b]!));
}

/**
 * The same through `evaluate`, for a training session: its graph has to be optimized for held-out pairs anyway (a second or more a bucket), `logprobs` only for this.
 */
export function scoreTokensByEvaluating(scoring: Scoring, batch: MicroBatch): readonly TokenLogprobs[] {
  return scorePairs(scoring, 'evaluate', batch, ignoredLoss, 0).map((scored) => scored.policy);
}

function ignoredLoss({ chosenIds, rejectedIds }: TokenizedPair): LossInputs {
  const [chosen, rejected] = [new Float32Array(chosenIds.length), new Float32Array(rejectedIds.length)];
  return { weights: { chosenPolicy: chosen, rejectedPolicy: rejected, chosenReference: chosen, rejectedReference: rejected, keptTokens: 0 }, reference: { chosen, rejected } };
}

/** What the loss of a pair needs beside its tokens. */
export interface LossInputs {
  readonly weights: PairWeights;
  readonly reference: TokenLogprobs;
}

/** Scores a micro-batch with the method's loss; `accumulate` also adds its gradient, each pair's loss counting `pairScale`. */
export function scorePairs({ session, buckets }: Scoring, entry: 'accumulate' | 'evaluate', batch: MicroBatch, inputsOf: (pair: TokenizedPair) => LossInputs, pairScale: number): readonly ScoredPair[] {
  const bucket = buckets[batch.bucket]!;
  const { feeds, slots } = packRows(batch.pairs, bucket);
  const inputs = batch.pairs.map(inputsOf);
  const outputs = session.run(`${entry}:${batch.bucket}`, { ...feeds, ...lossFeeds(batch.pairs, bucket, slots, inputs, pairScale) }, ['logprobs', 'losses']);
  const logprobs = outputs['logprobs'] as Float32Array;
  const losses = outputs['losses'] as Float32Array;
  return batch.pairs.map((pair, b) => ({ pair, policy: takeSlots(logprobs, pair, slots[b]!), ...inputs[b]!, loss: losses[b]! }));
}

const takeSlots = (values: Float32Array, pair: TokenizedPair, { chosen, rejected }: Slots): TokenLogprobs => ({
  chosen: values.slice(chosen, chosen + pair.chosenIds.length),
  rejected: values.slice(rejected, rejected + pair.rejectedIds.length),
});

function lossFeeds(pairs: readonly TokenizedPair[], { rows, completions }: Bucket, slots: readonly Slots[], inputs: readonly LossInputs[], scale: number): Feeds {
  const policyWeights = new Float32Array(2 * rows * completions);
  const referenceWeights = new Float32Array(2 * rows * completions);
  const referenceLogprobs = new Float32Array(completions);
  const tokenCounts = new Float32Array(2 * rows).fill(1); // padding rows divide by 1
  const pairScale = new Float32Array(rows);
  pairs.forEach((pair, b) => {
    const { chosen, rejected } = slots[b]!;
    const { weights, reference } = inputs[b]!;
    const chosenRow = b * completions;
    const rejectedRow = (rows + b) * completions;
    policyWeights.set(weights.chosenPolicy, chosenRow + chosen);
    policyWeights.set(weights.rejectedPolicy, rejectedRow + rejected);
    referenceWeights.set(weights.chosenReference, chosenRow + chosen);
    referenceWeights.set(weights.rejectedReference, rejectedRow + rejected);
    referenceLogprobs.set(reference.chosen, chosen);
    referenceLogprobs.set(reference.rejected, rejected);
    tokenCounts[b] = pair.chosenIds.length;
    tokenCounts[rows + b] = Math.max(1, pair.rejectedIds.length);
    pairScale[b] = scale;
  });
  return { policyWeights, referenceWeights, referenceLogprobs, tokenCounts, pairScale };
}
