import { elementCount } from '../graph/shapes';
import type { EngineJobs } from '../protocol';
import type { ModelInspection } from '../../shared/views/library';
import { linearModules } from '../families/registry';
import { modelParameters, notFinite } from '../program/load-weights';
import { openModel } from '../source/open-model';
import type { ModelSource } from '../source/types';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';

export async function inspectModel(
  { path }: EngineJobs['inspect-model']['in'],
  { emit, signals }: JobContext,
): Promise<ModelInspection> {
  const source = await openModel(path);
  try {
    const inspection = await describeModel(source);
    let done = 0;
    for (const tensor of source.tensors.values()) {
      const bad = await tensor.nonFinite();
      if (bad) notFinite(path, tensor.name, bad.index, bad.value);
      emit({ kind: 'progress', done: ++done, total: source.tensors.size, what: 'look through weights' });
      await tickOrStop(signals);
    }
    return inspection;
  } finally {
    await source.close();
  }
}

export async function describeModel(source: ModelSource): Promise<ModelInspection> {
  const { config } = source;
  const chat = await source.tokenizer();
  return {
    path: source.path,
    family: config.family,
    name: source.name,
    parameters: modelParameters(config),
    layers: config.layers,
    width: config.width,
    vocabulary: config.vocabulary,
    contextLength: config.contextLength,
    source: source.kind,
    weightTypes: weightTypes(source),
    bytes: source.bytes,
    hasChatTemplate: chat.hasChatTemplate,
    linearLayers: linearModules(config),
    notes: [...source.notes, ...chat.notes],
  };
}

/** What weights are stored as, the type of most of them first. */
function weightTypes({ tensors }: ModelSource): readonly string[] {
  const counts = new Map<string, number>();
  for (const { type, shape } of tensors.values()) counts.set(type, (counts.get(type) ?? 0) + elementCount(shape));
  return [...counts].sort(([, a], [, b]) => b - a).map(([type]) => type);
}
