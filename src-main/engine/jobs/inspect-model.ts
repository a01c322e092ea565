import { sizeOf } from '../graph/shapes';
import type { EngineJobs, ModelInspection } from '../protocol';
import { linearModules } from '../models/family';
import { modelParameters } from '../train/load-weights';
import { openModel } from '../weights/open-model';
import type { ModelSource } from '../weights/types';

export async function inspectModel({ path }: EngineJobs['inspect-model']['in']): Promise<ModelInspection> {
  const source = await openModel(path);
  try {
    return await describeModel(source);
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
  };
}

/** What weights are stored as, the type of most of them first. */
function weightTypes({ tensors }: ModelSource): readonly string[] {
  const counts = new Map<string, number>();
  for (const { type, shape } of tensors.values()) counts.set(type, (counts.get(type) ?? 0) + sizeOf(shape));
  return [...counts].sort(([, a], [, b]) => b - a).map(([type]) => type);
}
