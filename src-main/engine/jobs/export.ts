import { join } from 'node:path';
import { AppFailure, throwFailure } from '../../shared/result';
import { writeHuggingFaceFolder, type TrainedTensors } from '../export/huggingface';
import { writePeftAdapter } from '../export/peft-adapter';
import type { EngineJobs, ExportOutcome } from '../protocol';
import { readCheckpoint, weightsFile, type Checkpoint } from '../train/checkpoint';
import { openModel } from '../weights/open-model';
import { openSafetensors } from '../weights/safetensors';
import type { ModelSource } from '../weights/types';
import type { JobContext } from './index';
import { tickOrStop } from './signals';

/** Writes a checkpoint as a model others can open. Needs no engine: merging is plain arithmetic. */
export async function exportRun({ spec, checkpointPath, form, dtype, outDir, modelCard }: EngineJobs['export']['in'], { emit, signals }: JobContext): Promise<ExportOutcome> {
  const source = await openModel(spec.model.path);
  try {
    const { state, path } = await openCheckpoint(checkpointPath, source);
    const stored = await openSafetensors(join(path, weightsFile));
    const trained: TrainedTensors = (name) => stored.get(name)?.read() ?? null;
    const { lora } = state;
    if (form === 'adapter') {
      if (lora === null) return throwFailure('bad-input', 'This run trained all weights, so there is no adapter to export.', 'Export it as a merged model.', { form });
      const files = await writePeftAdapter(outDir, { config: source.config, baseModel: spec.model.path, trained, lora, dtype, modelCard });
      return { path: outDir, files };
    }
    const onTensor = async (done: number, total: number): Promise<void> => {
      emit({ kind: 'progress', done, total, what: 'write weights' });
      await tickOrStop(signals);
    };
    return { path: outDir, files: await writeHuggingFaceFolder(outDir, { source, trained, lora, dtype, modelCard, onTensor }) };
  } finally {
    await source.close();
  }
}

async function openCheckpoint(path: string, source: ModelSource): Promise<Checkpoint> {
  const checkpoint = await readCheckpoint(path).catch((thrown: unknown) => {
    if (thrown instanceof AppFailure) throw thrown;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return throwFailure('bad-input', `The checkpoint ${path} cannot be read: ${reason}`, 'Resume the run to save it again, or choose another run.', { path });
  });
  if (checkpoint.state.modelHash !== (await source.contentHash())) {
    throwFailure('bad-model', `The model at ${source.path} is not the one this run was trained on.`, 'Put the original model back in its place, then export again.', { path: source.path });
  }
  return checkpoint;
}
