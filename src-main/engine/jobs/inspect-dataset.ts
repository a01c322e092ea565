import type { DatasetInspection } from '../../shared/dataset';
import { inspectPairs } from '../data/inspect';
import { readPairs } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';
import { openModel } from '../weights/open-model';

export async function inspectDatasetJob({ modelPath, maxLength, ...data }: EngineJobs['inspect-dataset']['in']): Promise<DatasetInspection> {
  const pairs = await readPairs(data);
  if (modelPath === null) return inspectPairs(pairs, null, maxLength);
  const source = await openModel(modelPath);
  try {
    return inspectPairs(pairs, await source.tokenizer(), maxLength);
  } finally {
    await source.close();
  }
}
