import type { ModelId } from '../../src-main/shared/ids';
import type { ModelView } from '../../src-main/shared/views/library';
import type { RunView } from '../../src-main/shared/views/run';
import { isModelOf } from './app-state';

/**
 * The model that lengths are measured with unless somebody says otherwise: that of the newest run, else the starter,
 * else the first; null: there is none.
 */
export function usualModel(models: readonly ModelView[], runs: readonly RunView[]): ModelId | null {
  const newest = runs[0] === undefined ? undefined : models.find((model) => isModelOf(model, runs[0]!.spec.model.path));
  return (newest ?? models.find((model) => model.starter) ?? models[0])?.id ?? null;
}
