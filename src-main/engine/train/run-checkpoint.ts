import { join } from 'node:path';
import { throwFailure } from '../../shared/result';
import type { Session } from '../graph/types';
import { openSafetensors, type TensorToWrite } from '../weights/safetensors';
import { optimizerFile, referenceFile, weightsFile, writeCheckpoint, type Checkpoint, type CheckpointState, type KeepRule } from './checkpoint';
import type { LoopState } from './loop';
import { adamNames, referenceName } from './program';
import type { TrainProgram } from './types';
import { variableTensors } from './variable-tensors';

export type RunIdentity = Pick<CheckpointState, 'specHash' | 'dataHash' | 'modelHash'> & { readonly lora: { readonly rank: number; readonly alpha: number; readonly modules: readonly string[] } | null };

export function saveCheckpoint(session: Session, program: TrainProgram, runDir: string, { lora, ...hashes }: RunIdentity, state: LoopState, keep: KeepRule): Promise<{ readonly path: string; readonly bytes: number }> {
  const { step, evaluatedStep, probedStep, numTokens, memory, round, window, watch } = state;
  const content = {
    state: { step, evaluatedStep, probedStep, numTokens, memory: { ...memory }, round, window: [...window.points], watch, ...hashes, lora: lora && { ...lora, modules: [...lora.modules] } },
    weights: trainedTensors(session, program, (name) => [name]),
    optimizer: trainedTensors(session, program, (name) => [adamNames(name).m, adamNames(name).v]),
    reference: program.liveReference ? trainedTensors(session, program, (name) => [referenceName(name)]) : [],
  };
  return writeCheckpoint(runDir, content, keep);
}

/** Variables that belong to trained weights. */
function trainedTensors(session: Session, { weights, trainable }: TrainProgram, variablesOf: (name: string) => readonly string[]): readonly TensorToWrite[] {
  const shapes = new Map(weights.map((w) => [w.name, w.shape]));
  return variableTensors(session, trainable.flatMap((name) => variablesOf(name).map((variable) => ({ name: variable, shape: shapes.get(name)! }))));
}

/** Adam as it is before its first update. */
export function clearOptimizer(session: Session, { weights, trainable }: TrainProgram): void {
  const sizes = new Map(weights.map((w) => [w.name, w.shape.reduce((all, n) => all * n, 1)]));
  for (const name of trainable) for (const moment of Object.values(adamNames(name))) session.setVariable(moment, new Float32Array(sizes.get(name)!));
}

/** Puts trained weights and Adam's moments back. The files' hashes were checked when the checkpoint was chosen. */
export async function restoreCheckpoint(session: Session, { trainable, liveReference }: TrainProgram, { path }: Checkpoint): Promise<void> {
  const missing = new Set(trainable.flatMap((name) => [name, adamNames(name).m, adamNames(name).v, ...(liveReference ? [referenceName(name)] : [])]));
  for (const file of [weightsFile, optimizerFile, ...(liveReference ? [referenceFile] : [])]) {
    for (const [name, tensor] of await openSafetensors(join(path, file))) {
      if (!missing.delete(name)) throwFailure('bad-input', `${path} holds ${name}, which this run does not train.`, 'Start a new run.');
      session.setVariable(name, await tensor.read());
    }
  }
  const [first] = missing;
  if (first !== undefined) throwFailure('bad-input', `${path} lacks ${first}.`, 'Resume from an older checkpoint or start a new run.');
}
