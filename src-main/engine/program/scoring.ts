import type { Call, Feeds, HostArray, Results, Session } from '../graph/types';
import { constantNames } from '../methods/terms';
import type { PairWeights } from '../methods/types';
import { packRows, type Slots } from '../batch/layout';
import { divideAmongLanes, type Lanes } from '../batch/lanes';
import type { MicroBatch } from '../batch/micro-batches';
import type { ScoringLayout } from './scoring-layout';
import type { Bucket, TokenizedPair } from '../batch/types';

// B rows (pairs), N completion slots, S sides (chosen, rejected, and the prompt where it is scored), K constants

/** A value for every token of both responses. */
export interface TokenLogprobs {
  readonly chosen: Float32Array; // [T_w]
  readonly rejected: Float32Array; // [T_l]
}

/** What the head says about tokens beside their log-prob, without gradient. */
export interface TokenStatistics {
  readonly entropy: TokenLogprobs; // nats
  readonly meanLogit: TokenLogprobs;
  readonly top1: TokenLogprobs; // 1 where the token is the most likely one
}

/** A pair after its forward pass. */
export interface ScoredPair {
  readonly pair: TokenizedPair;
  readonly policy: TokenLogprobs;
  readonly reference: TokenLogprobs;
  readonly weights: PairWeights;
  readonly statistics: TokenStatistics;
  /** KL(ref ‖ π) of every token; null unless the method compares distributions. */
  readonly divergence: TokenLogprobs | null;
  readonly loss: number; // unscaled: the step's loss is the mean over its pairs
}

export interface Scoring {
  readonly session: Session;
  readonly buckets: readonly Bucket[];
  /** How rows are laid out and what the loss is fed; the same for a whole run. */
  readonly layout: ScoringLayout;
  readonly lanes: Lanes;
}

/** A call to make, and what its outputs say. */
export interface Work<T> {
  readonly call: Call;
  read(results: Results): T;
}

/** Calls of a lane whose feeds and outputs are there at one time: a large held-out set has thousands. */
const callsTogether = 16;

/**
 * Runs the work of all batches in the session's lanes; what it says, with the batch, in no order to rely on. Null:
 * interrupted.
 */
export async function runBatches<T>(
  { session, buckets, lanes }: Scoring,
  batches: readonly MicroBatch[],
  workOf: (batch: MicroBatch, lane: number) => Work<T>,
  interrupted: () => Promise<boolean>,
): Promise<readonly { readonly batch: MicroBatch; readonly value: T }[] | null> {
  const found: { readonly batch: MicroBatch; readonly value: T }[] = [];
  for (let first = 0; first < batches.length; first += callsTogether * lanes.count) {
    const some = batches.slice(first, first + callsTogether * lanes.count);
    const works = divideAmongLanes(some, buckets, lanes).map((lane, index) =>
      lane.map((batch) => ({ batch, work: workOf(batch, index) })),
    );
    const results = await session.runLanes(
      works.map((lane) => lane.map(({ work }) => work.call)),
      interrupted,
    );
    if (results === null) return null;
    works.forEach((lane, i) =>
      lane.forEach(({ batch, work }, k) => found.push({ batch, value: work.read(results[i]![k]!) })),
    );
  }
  return found;
}

/** Log-probs of one micro-batch under the present weights, or, where the program holds them, the reference's. */
export function scoreTokens(
  { buckets, layout }: Scoring,
  batch: MicroBatch,
  entry: 'logprobs' | 'reference' = 'logprobs',
): Work<readonly TokenLogprobs[]> {
  const { feeds, slots } = packRows(batch.pairs, buckets[batch.bucket]!, layout.withPrompt);
  return {
    call: { entry: `${entry}:${batch.bucket}`, feeds, fetch: ['logprobs'] },
    read: ({ logprobs }) => batch.pairs.map((pair, b) => takeSlots(logprobs as Float32Array, pair, slots[b]!)),
  };
}

/**
 * The same through `evaluate`, for a training session: its graph has to be optimized for held-out pairs anyway (a
 * second or more a bucket), `logprobs` only for this.
 */
export function scoreTokensByEvaluating(scoring: Scoring, batch: MicroBatch): Work<readonly TokenLogprobs[]> {
  const { call, read } = scorePairs(scoring, 'evaluate', batch, ignoredLoss, 0);
  return { call, read: (results) => read(results).map((scored) => scored.policy) };
}

function ignoredLoss({ chosenIds, rejectedIds }: TokenizedPair): LossInputs {
  const [chosen, rejected] = [new Float32Array(chosenIds.length), new Float32Array(rejectedIds.length)];
  return {
    weights: {
      chosenPolicy: chosen,
      rejectedPolicy: rejected,
      chosenReference: chosen,
      rejectedReference: rejected,
      keptTokens: 0,
    },
    reference: { chosen, rejected },
    constants: noConstants,
  };
}

/** What the loss of a pair needs beside its tokens. */
export interface LossInputs {
  readonly weights: PairWeights;
  readonly reference: TokenLogprobs;
  /** By name (methods/terms.ts); those that are missing are 0. */
  readonly constants: ReadonlyMap<string, number>;
}
const noConstants: ReadonlyMap<string, number> = new Map();

/** Scores a micro-batch with the method's loss, each pair's counting `pairScale`. */
export function scorePairs(
  { buckets, layout }: Scoring,
  entry: 'accumulate' | 'evaluate',
  batch: MicroBatch,
  inputsOf: (pair: TokenizedPair) => LossInputs,
  pairScale: number,
): Work<readonly ScoredPair[]> {
  const bucket = buckets[batch.bucket]!;
  const { feeds, slots } = packRows(batch.pairs, bucket, layout.withPrompt);
  const inputs = batch.pairs.map(inputsOf);
  const fetch = ['logprobs', 'losses', 'entropy', 'meanLogit', 'top1', ...(layout.withDivergence ? ['kl'] : [])];
  const read = (outputs: Results): readonly ScoredPair[] =>
    batch.pairs.map((pair, b) => {
      const take = (values: HostArray | undefined): TokenLogprobs => takeSlots(values as Float32Array, pair, slots[b]!);
      const { weights, reference } = inputs[b]!;
      return {
        pair,
        weights,
        reference,
        policy: take(outputs['logprobs']),
        statistics: {
          entropy: take(outputs['entropy']),
          meanLogit: take(outputs['meanLogit']),
          top1: take(outputs['top1']),
        },
        divergence: layout.withDivergence ? take(outputs['kl']) : null,
        loss: (outputs['losses'] as Float32Array)[b]!,
      };
    });
  return {
    call: {
      entry: `${entry}:${batch.bucket}`,
      feeds: { ...feeds, ...lossFeeds(batch.pairs, bucket, slots, inputs, pairScale, layout) },
      fetch,
    },
    read,
  };
}

/** The same, and its gradient is added to the lane's. */
export function accumulatePairs(
  scoring: Scoring,
  batch: MicroBatch,
  lane: number,
  inputsOf: (pair: TokenizedPair) => LossInputs,
  pairScale: number,
): Work<readonly ScoredPair[]> {
  const { call, read } = scorePairs(scoring, 'accumulate', batch, inputsOf, pairScale);
  return {
    call: scoring.lanes.count > 1 ? { ...call, feeds: { ...call.feeds, lane: Int32Array.of(lane) } } : call,
    read,
  };
}

const takeSlots = (values: Float32Array, pair: TokenizedPair, { chosen, rejected }: Slots): TokenLogprobs => ({
  chosen: values.slice(chosen, chosen + pair.chosenIds.length),
  rejected: values.slice(rejected, rejected + pair.rejectedIds.length),
});

function lossFeeds(
  pairs: readonly TokenizedPair[],
  { rows, completions }: Bucket,
  slots: readonly Slots[],
  inputs: readonly LossInputs[],
  scale: number,
  { terms, withPrompt }: ScoringLayout,
): Feeds {
  const membership = new Float32Array((withPrompt ? 3 : 2) * rows * completions);
  const policyWeights = new Float32Array(completions);
  const referenceWeights = new Float32Array(completions);
  const referenceLogprobs = new Float32Array(completions);
  const tokenCounts = new Float32Array(2 * rows).fill(1); // padding rows divide by 1
  const pairScale = new Float32Array(rows);
  const names = constantNames(terms);
  const constants = new Float32Array(names.length * rows);
  pairs.forEach((pair, b) => {
    const { chosen, rejected, prompt } = slots[b]!;
    const [T_w, T_l] = [pair.chosenIds.length, pair.rejectedIds.length];
    const { weights, reference } = inputs[b]!;
    const member = (row: number, start: number, count: number): void =>
      void membership.fill(1, row * completions + start, row * completions + start + count);
    member(b, chosen, T_w);
    member(rows + b, rejected, T_l);
    if (withPrompt) member(2 * rows + b, prompt, pair.promptIds.length - 1);
    policyWeights.set(weights.chosenPolicy, chosen);
    policyWeights.set(weights.rejectedPolicy, rejected);
    referenceWeights.set(weights.chosenReference, chosen);
    referenceWeights.set(weights.rejectedReference, rejected);
    referenceLogprobs.set(reference.chosen, chosen);
    referenceLogprobs.set(reference.rejected, rejected);
    tokenCounts[b] = T_w;
    tokenCounts[rows + b] = Math.max(1, T_l);
    pairScale[b] = scale;
    names.forEach((name, k) => (constants[k * rows + b] = inputs[b]!.constants.get(name) ?? 0));
  });
  return {
    membership,
    policyWeights,
    referenceWeights,
    referenceLogprobs,
    tokenCounts,
    pairScale,
    ...(names.length > 0 ? { constants } : {}),
  };
}
