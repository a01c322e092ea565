import type { Family } from './family';
import { gptNeox } from './gpt-neox';
import { llama } from './llama';
import type { FamilyConfig } from './types';

/** A new family is a folder beside this file, and its name here. */
const all = [llama, gptNeox] as const;

export type FamilyId = (typeof all)[number]['id'];
export const families: readonly Family<FamilyId>[] = all;

type ConfigOf<F> = F extends Family<infer Id, infer Own> ? FamilyConfig<Own> & { readonly family: Id } : never;
/** What is known of a model before its weights are read. */
export type ModelConfig = ConfigOf<(typeof all)[number]>;

const byId = new Map(families.map((family) => [family.id, family]));

export const familyOf = ({ family }: Pick<ModelConfig, 'family'>): Family<FamilyId> => byId.get(family)!;

/** Linear layers by module name, as `adapter.targets` names them. */
export const linearModules = (config: ModelConfig): readonly string[] => [
  ...new Set(
    familyOf(config)
      .weights(config)
      .flatMap((w) => (w.role === 'linear' && w.module !== null ? [w.module] : [])),
  ),
];
