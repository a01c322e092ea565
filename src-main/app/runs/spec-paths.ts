import path from 'node:path';
import type { RunSpec } from '../../shared/spec/run-spec';

/**
 * A run is resumed, compared and exported from wherever the program runs next, so it must not depend on the folder it
 * was started in.
 */
export function withAbsolutePaths(spec: RunSpec, folder = process.cwd()): RunSpec {
  const absolute = <T extends string | null>(given: T): T | string =>
    given === null ? given : path.resolve(folder, given);
  const { model, dataset, adapter } = spec;
  return {
    ...spec,
    model: { ...model, path: absolute(model.path), reference: absolute(model.reference) },
    dataset: { ...dataset, path: absolute(dataset.path) },
    adapter: adapter.kind === 'lora' ? { ...adapter, from: absolute(adapter.from) } : adapter,
  };
}
