import type { DatasetInspection } from '../../shared/data/dataset';
import { inspectPairs } from '../data/inspect';
import { openPairs } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';
import { openModel } from '../source/open-model';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';

export async function inspectDatasetJob(
  { modelPath, maxLength, ...data }: EngineJobs['inspect-dataset']['in'],
  { emit, signals }: JobContext,
): Promise<DatasetInspection> {
  const reader = await openPairs(data);
  let told = Date.now();
  const onProgress = async (rows: number, share: number): Promise<void> => {
    await tickOrStop(signals);
    if (Date.now() - told < 250) return;
    told = Date.now();
    emit({
      kind: 'progress',
      done: rows,
      total: Math.max(rows, Math.round(rows / Math.max(share, 1e-3))),
      what: 'read rows',
    });
  };
  if (modelPath === null) return inspectPairs(reader, null, maxLength, onProgress);
  const source = await openModel(modelPath);
  try {
    return await inspectPairs(reader, await source.tokenizer(), maxLength, onProgress);
  } finally {
    await source.close();
  }
}
