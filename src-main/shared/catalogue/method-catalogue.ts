import { dpoFamily } from './dpo-family';
import { otherMethods } from './other-methods';
import type { MethodEntry } from './types';

/**
 * One row a method: the wizard, the command line, the docs and the tests read this table and nothing else. Formulas
 * use: a, b = summed log-ratios of chosen and rejected (policy minus reference), P, R = summed log-probs of policy and
 * reference, T = completion tokens, m = min(T_w, T_l).
 */
export const methodCatalogue: readonly MethodEntry[] = [...dpoFamily, ...otherMethods];

export const methodById = (id: string): MethodEntry | undefined => methodCatalogue.find((entry) => entry.id === id);

export { divergences, methodIds, samplingModes, variants } from './types';
export type {
  MethodEntry,
  MethodId,
  MethodParameter,
  MethodPreset,
  SamplingMode,
} from './types';
