import { throwFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/run-spec';
import { chosenTokensOf } from './metrics';
import { microBatches } from './micro-batches';
import { noReference, type Objective } from './objective';
import { adamScalars, noClipping } from './optimizer';
import { scorePairs, type ScoredPair, type Scoring, type TokenLogprobs } from './scoring';
import type { TokenizedPair } from './types';

/** Reference log-probs of every pair, by its row; null for methods without a reference. */
export type ReferenceTable = ReadonlyMap<number, TokenLogprobs> | null;

export interface StepContext extends Scoring {
  readonly objective: Objective;
  readonly reference: ReferenceTable;
  readonly training: RunSpec['training'];
}

export interface StepResult {
  readonly scored: readonly ScoredPair[]; // in the step's order
  readonly gradNorm: number; // before clipping
}

/**
 * One optimizer update on `pairs`: forward and backward per micro-batch, then clip and Adam. `update` counts from 1.
 * Null: `interrupted` said so between two calls; weights are as before, and only the accumulated gradient is spoilt, so the process has to end.
 */
export async function trainStep(context: StepContext, pairs: readonly TokenizedPair[], epoch: number, learningRate: number, update: number, interrupted: () => Promise<boolean>): Promise<StepResult | null> {
  const { objective, session, training } = context;
  const pairScale = 1 / (objective.supervised ? chosenTokensOf(pairs) : pairs.length);
  const byPair = new Map<TokenizedPair, ScoredPair>();
  for (const batch of microBatches(pairs, context.buckets)) {
    const scored = scorePairs(context, 'accumulate', batch, (pair) => ({ weights: objective.trainWeights(pair, epoch), reference: referenceOf(context, pair) }), pairScale);
    refuseNonFinite(scored, update); // before the update, so that the weights stay good
    scored.forEach((s) => byPair.set(s.pair, s));
    if (await interrupted()) return null;
  }
  const { rate, epsilon, decay } = adamScalars(training, learningRate, update);
  const scalar = (x: number): Float32Array => Float32Array.of(x);
  const { gradNorm } = session.run('apply', { rate: scalar(rate), epsilon: scalar(epsilon), decay: scalar(decay), clipNorm: scalar(training.clipNorm ?? noClipping) });
  const norm = gradNorm![0]!;
  if (!Number.isFinite(norm)) refuse(`The gradient of step ${update} is not a finite number`, pairs.map((p) => p.row), update);
  return { scored: pairs.map((pair) => byPair.get(pair)!), gradNorm: norm };
}

/** Scores held-out pairs, micro-batch by micro-batch, so that the caller can look at its signals in between. */
export function* evaluatePairs(context: StepContext, pairs: readonly TokenizedPair[]): Generator<readonly ScoredPair[]> {
  const { objective } = context;
  for (const batch of microBatches(pairs, context.buckets)) {
    yield scorePairs(context, 'evaluate', batch, (pair) => ({ weights: objective.evalWeights(pair), reference: referenceOf(context, pair) }), 1 / pairs.length);
  }
}

function referenceOf({ reference }: StepContext, pair: TokenizedPair): TokenLogprobs {
  if (reference === null) return noReference(pair);
  return reference.get(pair.row) ?? throwFailure('internal', `Row ${pair.row} has no reference log-probs.`, 'This is a fault of the app. Copy the details into a report.');
}

function refuseNonFinite(scored: readonly ScoredPair[], step: number): void {
  const bad = scored.filter((s) => !Number.isFinite(s.loss)).map((s) => s.pair.row);
  if (bad.length > 0) refuse(`The loss of step ${step} is not a finite number`, bad, step);
}

const refuse = (what: string, rows: readonly number[], step: number): never =>
  throwFailure('engine-failed', `${what} (rows ${rows.join(', ')} of the dataset).`, 'Lower the learning rate, switch clipping on, or look at these rows; the last checkpoint is intact.', { step, rows });
