import { join } from 'node:path';
import { AppFailure, throwFailure, messageOf } from '../../shared/result';
import { writeAdapter, writeMerged } from '../export/hugging-face';
import type { EngineJobs, ExportOutcome } from '../protocol';
import { readCheckpoint, weightsFile, type Checkpoint } from '../train/checkpoint/checkpoint';
import { openModel } from '../source/open-model';
import { openSafetensors } from '../weights/safetensors';
import type { ModelSource } from '../source/types';
import type { JobContext } from './context';

/** Writes a checkpoint as a model that others can open. Needs no engine: merging is plain arithmetic. */
export async function exportRun(
  { spec, checkpointPath, form, dtype, outDir, modelCard }: EngineJobs['export']['in'],
  { emit, signals }: JobContext,
): Promise<ExportOutcome> {
  const source = await openModel(spec.model.path);
  try {
    const { state, path } = await openCheckpoint(checkpointPath, source);
    const { lora } = state;
    const trained = { source, tensors: await openSafetensors(join(path, weightsFile)), lora };
    const onProgress = (done: number, total: number): void => {
      emit({ kind: 'progress', done, total, what: 'write weights' });
      if (signals.wish !== null)
        throwFailure('stopped', 'The export was stopped; nothing was written.', 'Start it again when you want it.');
    };
    if (form === 'merged') return await writeMerged(trained, dtype, outDir, modelCard, onProgress);
    if (lora === null)
      return throwFailure(
        'bad-input',
        'This run trained all weights, so there is no adapter to export.',
        'Export it as a merged model.',
        { form },
      );
    return await writeAdapter({ ...trained, lora }, dtype, outDir, modelCard, onProgress);
  } finally {
    await source.close();
  }
}

async function openCheckpoint(path: string, source: ModelSource): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(path).catch((thrown: unknown) => {
    if (thrown instanceof AppFailure) throw thrown;
    const reason = messageOf(thrown);
    return throwFailure(
      'bad-input',
      `The checkpoint ${path} cannot be read: ${reason}`,
      'Resume the run to save it again, or choose another run.',
      { path },
    );
  });
  if (checkpoint.state.modelHash !== (await source.contentHash())) {
    throwFailure(
      'bad-model',
      `The model at ${source.path} is not the one this run was trained on.`,
      'Put the original model back in its place, then export again.',
      { path: source.path },
    );
  }
  return checkpoint;
}
