import { throwFailure } from '../../../shared/result';
import type { MethodSpec } from '../../../shared/spec/method-spec';
import type { RunSpec } from '../../../shared/spec/run-spec';
import type { MethodMemory, SideSums, StepSums } from '../../methods/types';
import type { LogprobTable } from '../../infer/logprob-table';
import { microBatches, type MicroBatch } from '../../batch/micro-batches';
import { noReference, type Objective } from './objective';
import { adamScalars, noClipping } from './optimizer';
import { dot } from './rewards';
import { nonFiniteHint } from './stop-rules';
import {
  accumulatePairs,
  runBatches,
  scorePairs,
  scoreTokens,
  scoreTokensByEvaluating,
  type LossInputs,
  type ScoredPair,
  type Scoring,
  type TokenLogprobs,
  type Work,
} from '../../program/scoring';
import type { TokenizedPair } from '../../batch/types';

/**
 * Where reference log-probs come from: a table by row, the session's own reference variables, or nowhere (methods
 * without a reference).
 */
export type ReferenceSource =
  | { readonly kind: 'table'; readonly table: LogprobTable }
  | { readonly kind: 'live' }
  | { readonly kind: 'none' };

export interface StepContext extends Scoring {
  readonly objective: Objective;
  readonly reference: ReferenceSource;
  readonly training: RunSpec['training'];
}

export interface StepResult {
  readonly scored: readonly ScoredPair[]; // in the step's order
  readonly gradNorm: number; // before clipping
  /** What the method remembers after this step. */
  readonly memory: MethodMemory;
}

/** Where a step stands. */
export interface StepPlace {
  readonly step: number; // of the run, from 1
  readonly epoch: number;
  /** Updates since the optimizer was fresh, this one included: a round starts anew. */
  readonly update: number;
  readonly learningRate: number;
}

/**
 * One optimizer update on `pairs`: forward and backward per micro-batch, then clip and Adam. Null: `interrupted` said
 * so between two calls; weights are as before, and only the accumulated gradient is spoilt, so the process has to end.
 */
export async function trainStep(
  context: StepContext,
  pairs: readonly TokenizedPair[],
  { step, epoch, update, learningRate }: StepPlace,
  memory: MethodMemory,
  interrupted: () => Promise<boolean>,
): Promise<StepResult | null> {
  const { objective, session, training } = context;
  const batches = microBatches(pairs, context.buckets);
  const prepared = await prepare(
    context,
    { pairs, batches },
    {
      phase: 'train',
      weigh: (pair, reference, scores) => objective.trainWeights(pair, epoch, reference, scores),
    },
    memory,
    interrupted,
  );
  if (prepared === null) return null;
  const found = await runBatches(
    context,
    batches,
    (batch, lane) => accumulatePairs(context, batch, lane, prepared.inputsOf, 1 / pairs.length),
    interrupted,
  );
  if (found === null) return null;
  const scored = inOrder(
    pairs,
    found.flatMap(({ value }) => value),
  );
  refuseNonFinite(scored, step, objective.method); // before the update, so that the weights stay good
  const { rate, epsilon, decay } = adamScalars(training, learningRate, update);
  const scalar = (x: number): Float32Array => Float32Array.of(x);
  const { gradNorm } = session.run('apply', {
    rate: scalar(rate),
    epsilon: scalar(epsilon),
    decay: scalar(decay),
    clipNorm: scalar(training.clipNorm ?? noClipping),
  });
  const norm = gradNorm![0]!;
  if (!Number.isFinite(norm))
    refuse(
      `The gradient of step ${step} is not a finite number`,
      pairs.map((p) => p.row),
      step,
      objective.method,
    );
  return { scored, gradNorm: norm, memory: prepared.memory };
}

/** Scores held-out pairs as one batch, in their order; null: interrupted. */
export async function evaluatePairs(
  context: StepContext,
  pairs: readonly TokenizedPair[],
  memory: MethodMemory,
  interrupted: () => Promise<boolean>,
): Promise<{ readonly scored: readonly ScoredPair[]; readonly memory: MethodMemory } | null> {
  const batches = microBatches(pairs, context.buckets);
  const prepared = await prepare(
    context,
    { pairs, batches },
    {
      phase: 'eval',
      weigh: (pair, reference, scores) => context.objective.evalWeights(pair, reference, scores),
    },
    memory,
    interrupted,
  );
  if (prepared === null) return null;
  const found = await runBatches(
    context,
    batches,
    (batch) => scorePairs(context, 'evaluate', batch, prepared.inputsOf, 1 / pairs.length),
    interrupted,
  );
  return (
    found && {
      scored: inOrder(
        pairs,
        found.flatMap(({ value }) => value),
      ),
      memory: prepared.memory,
    }
  );
}

function inOrder(pairs: readonly TokenizedPair[], scored: readonly ScoredPair[]): readonly ScoredPair[] {
  const byPair = new Map(scored.map((s) => [s.pair, s]));
  return pairs.map((pair) => byPair.get(pair)!);
}

interface Batch {
  readonly pairs: readonly TokenizedPair[];
  readonly batches: readonly MicroBatch[];
}

/** Training draws its weights, evaluation expects them (objective.ts). */
interface Weighing {
  readonly phase: 'train' | 'eval';
  weigh(this: void, pair: TokenizedPair, reference: TokenLogprobs, scores: TokenLogprobs | null): LossInputs['weights'];
}

interface Prepared {
  readonly memory: MethodMemory;
  inputsOf(pair: TokenizedPair): LossInputs;
}

/**
 * Everything the loss of these pairs needs beside their tokens: reference, weights, and what couples the pairs of a
 * step. Null: interrupted.
 */
async function prepare(
  context: StepContext,
  { pairs, batches }: Batch,
  { phase, weigh }: Weighing,
  memory: MethodMemory,
  interrupted: () => Promise<boolean>,
): Promise<Prepared | null> {
  const { objective } = context;
  const pass = async (
    score: (batch: MicroBatch) => Work<readonly TokenLogprobs[]>,
  ): Promise<ReadonlyMap<TokenizedPair, TokenLogprobs> | null> => {
    const found = await runBatches(context, batches, score, interrupted);
    return (
      found &&
      new Map(found.flatMap(({ batch, value }) => value.map((values, b) => [batch.pairs[b]!, values] as const)))
    );
  };
  const live =
    context.reference.kind === 'live' && objective.needsReference
      ? await pass((batch) => scoreTokens(context, batch, 'reference'))
      : new Map<TokenizedPair, TokenLogprobs>();
  const scores = objective.needsScores
    ? await pass((batch) => scoreTokensByEvaluating(context, batch))
    : new Map<TokenizedPair, TokenLogprobs>();
  if (live === null || scores === null) return null;

  const parts = new Map(
    pairs.map((pair) => {
      const reference = live.get(pair) ?? referenceOf(context, pair);
      return [pair, { reference, weights: weigh(pair, reference, scores.get(pair) ?? null) }] as const;
    }),
  );
  const constants = objective.couple(stepSums(pairs, parts, scores), memory, phase);
  const own = new Map(
    pairs.map((pair, i) => [pair, new Map([...constants.values].map(([name, values]) => [name, values[i]!]))]),
  );
  return { memory: constants.memory, inputsOf: (pair) => ({ ...parts.get(pair)!, constants: own.get(pair)! }) };
}

function stepSums(
  pairs: readonly TokenizedPair[],
  parts: ReadonlyMap<TokenizedPair, Omit<LossInputs, 'constants'>>,
  scores: ReadonlyMap<TokenizedPair, TokenLogprobs>,
): StepSums {
  const side =
    (name: keyof TokenLogprobs) =>
    (pair: TokenizedPair): SideSums => {
      const { weights, reference } = parts.get(pair)!;
      const policy = scores.get(pair)?.[name];
      const ids = name === 'chosen' ? pair.chosenIds : pair.rejectedIds;
      return {
        policy: policy ? dot(name === 'chosen' ? weights.chosenPolicy : weights.rejectedPolicy, policy) : 0,
        reference: dot(name === 'chosen' ? weights.chosenReference : weights.rejectedReference, reference[name]),
        tokens: ids.length,
      };
    };
  return {
    chosen: pairs.map(side('chosen')),
    rejected: pairs.map(side('rejected')),
    promptTokens: pairs.map((pair) => pair.promptIds.length - 1),
  };
}

function referenceOf({ reference, objective }: StepContext, pair: TokenizedPair): TokenLogprobs {
  if (reference.kind !== 'table' || !objective.needsReference) return noReference(pair);
  return (
    reference.table.get(pair.row) ??
    throwFailure(
      'internal',
      `Row ${pair.row} has no reference log-probs.`,
      'This is a fault of the app. Copy the details into a report.',
    )
  );
}

function refuseNonFinite(scored: readonly ScoredPair[], step: number, method: MethodSpec): void {
  const bad = scored.filter((s) => !Number.isFinite(s.loss)).map((s) => s.pair.row);
  if (bad.length > 0) refuse(`The loss of step ${step} is not a finite number`, bad, step, method);
}

const refuse = (what: string, rows: readonly number[], step: number, method: MethodSpec): never =>
  throwFailure('engine-failed', `${what} (rows ${rows.join(', ')} of the dataset).`, nonFiniteHint(method, step), {
    step,
    rows,
  });
