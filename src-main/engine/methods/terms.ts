import { defaultsOf, type MethodSpec } from '../../shared/spec/method-spec';
import { methodById } from '../../shared/catalogue/method-catalogue';
import { preferenceMethod } from '.';
import type { MethodMemory, PreferenceMethod, StepSums } from './types';

/** One summand of a run's loss: the method itself (weight 1), or a term of its `mix`. */
export interface LossTerm {
  readonly method: PreferenceMethod;
  readonly spec: MethodSpec;
  readonly weight: number;
  /** Keeps constants and memory of terms apart. */
  readonly key: string;
}

/**
 * Added terms share the run's beta and divergence where they have a reference (as in TRL), and are otherwise as the
 * catalogue has them.
 */
export function lossTerms(spec: MethodSpec): readonly LossTerm[] {
  const { beta, fDivergence, labelSmoothing } = spec;
  const main: LossTerm = { method: preferenceMethod(spec.id), spec, weight: 1, key: spec.id };
  return [
    main,
    ...spec.mix.map(({ id, weight }): LossTerm => {
      const own = defaultsOf(id);
      const inherits = methodById(id)!.needsReference;
      const smoothing = own.labelSmoothing > 0 && labelSmoothing > 0 ? labelSmoothing : own.labelSmoothing;
      return {
        method: preferenceMethod(id),
        spec: inherits ? { ...own, beta, fDivergence, labelSmoothing: smoothing } : own,
        weight,
        key: id,
      };
    }),
  ];
}

/** Names of all constants, in the order of their feed. */
export const constantNames = (terms: readonly LossTerm[]): readonly string[] =>
  terms.flatMap(({ method, key }) => method.coupling?.constants.map((name) => `${key}/${name}`) ?? []);

export const termsNeedScores = (terms: readonly LossTerm[]): boolean =>
  terms.some(({ method }) => method.coupling?.needsScores === true);
export const termsNeedDistributions = (terms: readonly LossTerm[]): boolean =>
  terms.some(({ method }) => method.needsDistributions === true);
export const termsNeedPrompt = (terms: readonly LossTerm[]): boolean =>
  terms.some(({ method, spec }) => method.needsPrompt?.(spec) === true);

export interface Constants {
  readonly values: ReadonlyMap<string, readonly number[]>; // by name, one number a pair
  readonly memory: MethodMemory;
}

/** Constants of every term for one step, and the memory as it is after it. */
export function coupleTerms(
  terms: readonly LossTerm[],
  step: StepSums,
  memory: MethodMemory,
  phase: 'train' | 'eval',
): Constants {
  const values = new Map<string, readonly number[]>();
  let next = memory;
  for (const { method, spec, key } of terms) {
    if (!method.coupling) continue;
    const own = Object.fromEntries(
      Object.entries(next).flatMap(([name, value]) =>
        name.startsWith(`${key}/`) ? [[name.slice(key.length + 1), value]] : [],
      ),
    );
    const coupled = method.coupling.couple(step, spec, own, phase);
    for (const [name, list] of Object.entries(coupled.values)) values.set(`${key}/${name}`, list);
    next = {
      ...next,
      ...Object.fromEntries(Object.entries(coupled.memory).map(([name, value]) => [`${key}/${name}`, value])),
    };
  }
  return { values, memory: next };
}
