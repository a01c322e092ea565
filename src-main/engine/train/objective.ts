import { Random, randomPurpose } from '../../shared/random';
import type { SamplingMode } from '../../shared/method-catalogue';
import type { RunSpec } from '../../shared/run-spec';
import { preferenceMethod } from '../methods';
import type { PairWeights, PreferenceMethod } from '../methods/types';
import type { TokenLogprobs } from './scoring';
import type { TokenizedPair } from './types';

/** What a run optimizes: its method with parameters, and how token weights are drawn for training and for evaluation. */
export interface Objective {
  readonly method: PreferenceMethod;
  readonly parameters: RunSpec['method'];
  readonly supervised: boolean;
  trainWeights(pair: TokenizedPair, epoch: number): PairWeights;
  evalWeights(pair: TokenizedPair): PairWeights;
}

/** `objective: "supervised"` and method `sft` mean the same thing, whichever of them a spec says. */
export const isSupervised = (spec: Pick<RunSpec, 'objective' | 'method'>): boolean => spec.objective === 'supervised' || spec.method.id === 'sft';

/** The method as it will run: supervised objectives always run `sft`. */
export const methodOf = (spec: Pick<RunSpec, 'objective' | 'method'>): RunSpec['method'] => (isSupervised(spec) ? { ...spec.method, id: 'sft' } : spec.method);

export const samplingOf = ({ id, sampling }: RunSpec['method']): SamplingMode => sampling ?? (id === 'sampo' ? 'shared' : 'none');

/**
 * Held-out pairs are scored with `expected` weights where training draws tokens: the mean of all draws, so that two evaluations
 * of the same weights are equal and a trend is not sampling noise. The loss of the mean is at most the mean loss (Jensen), which is why eval_loss may sit a little below.
 */
const evalSampling = (parameters: RunSpec['method']): SamplingMode => {
  const mode = samplingOf(parameters);
  return mode === 'none' ? 'none' : 'expected';
};

export function objectiveOf(spec: RunSpec): Objective {
  const parameters = methodOf(spec);
  const method = preferenceMethod(parameters.id);
  const forEval = { ...parameters, sampling: evalSampling(parameters) };
  const draw = (pair: TokenizedPair, settings: RunSpec['method'], random: Random): PairWeights =>
    method.tokenWeights(pair.chosenIds.length, pair.rejectedIds.length, settings, () => random.next());
  return {
    method,
    parameters,
    supervised: isSupervised(spec),
    trainWeights: (pair, epoch) => draw(pair, parameters, Random.keyed(randomPurpose.tokenWeights, spec.training.seed, epoch, pair.row)),
    evalWeights: (pair) => draw(pair, forEval, Random.keyed(randomPurpose.evalTokenWeights, spec.training.seed, pair.row)),
  };
}

/** What a method without a reference gets: zeros, which its loss never looks at. */
export const noReference = (pair: TokenizedPair): TokenLogprobs => ({ chosen: new Float32Array(pair.chosenIds.length), rejected: new Float32Array(pair.rejectedIds.length) });
