import type { MethodSpec } from '../../../shared/spec/method-spec';
import { methodById } from '../../../shared/catalogue/method-catalogue';
import { Random, randomPurpose } from '../../../shared/random';
import type { RunSpec } from '../../../shared/spec/run-spec';
import { needsRatios, tokenWeights } from '../../methods/sampling';
import {
  coupleTerms,
  lossTerms,
  termsNeedDistributions,
  termsNeedPrompt,
  termsNeedScores,
  type Constants,
} from '../../methods/terms';
import type { MethodMemory, PairWeights, StepSums } from '../../methods/types';
import type { TokenLogprobs } from '../../program/scoring';
import type { TokenizedPair } from '../../batch/types';

/**
 * What a run optimizes: its method with parameters, how token weights are drawn, and what the loss needs beside them.
 */
export interface Objective {
  readonly method: MethodSpec;
  readonly supervised: boolean;
  /** Reference log-probs enter the loss. */
  readonly needsReference: boolean;
  /** The step is scored under the present weights before its gradient. */
  readonly needsScores: boolean;
  readonly needsPrompt: boolean;
  /** Weights of a pair. `scores`: its log-probs under the present weights, where the objective needs them. */
  trainWeights(pair: TokenizedPair, epoch: number, reference: TokenLogprobs, scores: TokenLogprobs | null): PairWeights;
  evalWeights(pair: TokenizedPair, reference: TokenLogprobs, scores: TokenLogprobs | null): PairWeights;
  couple(step: StepSums, memory: MethodMemory, phase: 'train' | 'eval'): Constants;
}

/** `objective: "supervised"` and method `sft` mean the same thing, whichever of them a spec says. */
export const isSupervised = (spec: Pick<RunSpec, 'objective' | 'method'>): boolean =>
  spec.objective === 'supervised' || spec.method.id === 'sft';

/**
 * The reference is in the session as variables and scored in every step: TDPO compares whole distributions with it, and
 * a reference that follows the model changes too often for a cache.
 */
export const hasLiveReference = ({ method }: Pick<RunSpec, 'method'>): boolean =>
  termsNeedDistributions(lossTerms(method)) || method.referenceSync.everySteps > 0;

/**
 * Held-out pairs are scored with `expected` weights where training draws tokens: the mean of all draws, so that two
 * evaluations of the same weights are equal and a trend is not sampling noise. The loss of the mean is at most the mean
 * loss (Jensen), which is why eval_loss may sit a little below.
 */
const evalSampling = ({ sampling }: MethodSpec): MethodSpec['sampling'] =>
  sampling === 'shared' || sampling === 'independent' ? 'expected' : sampling;

export function objectiveOf(spec: RunSpec): Objective {
  const { method, training } = spec;
  const terms = lossTerms(method);
  const draw = (
    pair: TokenizedPair,
    sampling: MethodSpec['sampling'],
    random: Random,
    reference: TokenLogprobs,
    scores: TokenLogprobs | null,
  ): PairWeights =>
    tokenWeights(sampling, pair.chosenIds.length, pair.rejectedIds.length, () => random.next(), {
      ldAlpha: method.ldAlpha,
      ratios: scores && ratiosOf(scores, reference),
    });
  return {
    method,
    supervised: isSupervised(spec),
    needsReference: methodById(method.id)!.needsReference && !method.referenceFree,
    needsScores: termsNeedScores(terms) || needsRatios(method.sampling),
    needsPrompt: termsNeedPrompt(terms),
    trainWeights: (pair, epoch, reference, scores) =>
      draw(
        pair,
        method.sampling,
        Random.keyed(randomPurpose.tokenWeights, training.seed, epoch, pair.row),
        reference,
        scores,
      ),
    evalWeights: (pair, reference, scores) =>
      draw(
        pair,
        evalSampling(method),
        Random.keyed(randomPurpose.evalTokenWeights, training.seed, pair.row),
        reference,
        scores,
      ),
    couple: (step, memory, phase) => coupleTerms(terms, step, memory, phase),
  };
}

const ratiosOf = (policy: TokenLogprobs, reference: TokenLogprobs): TokenLogprobs => ({
  chosen: policy.chosen.map((p, t) => p - reference.chosen[t]!),
  rejected: policy.rejected.map((p, t) => p - reference.rejected[t]!),
});

/** What a method without a reference gets. */
export const noReference = (pair: TokenizedPair): TokenLogprobs => ({
  chosen: new Float32Array(pair.chosenIds.length),
  rejected: new Float32Array(pair.rejectedIds.length),
});
