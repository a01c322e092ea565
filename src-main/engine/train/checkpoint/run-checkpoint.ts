import { join } from 'node:path';
import { throwFailure } from '../../../shared/result';
import { elementCount } from '../../graph/shapes';
import type { Session } from '../../graph/types';
import { openSafetensors } from '../../weights/safetensors';
import {
  optimizerFile,
  referenceFile,
  weightsFile,
  writeCheckpoint,
  type Checkpoint,
  type KeepRule,
} from './checkpoint';
import type { RunIdentity } from './run-identity';
import type { LoopState } from '../loop/loop-types';
import { adamNames, referenceName } from '../../program/variables';
import type { TrainProgram } from '../../program/types';
import { itself, setPacks, packTensors, type Naming } from '../../program/pack-tensors';

export function saveCheckpoint(
  session: Session,
  program: TrainProgram,
  runDir: string,
  { lora, ...hashes }: RunIdentity,
  state: LoopState,
  keep: KeepRule,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const { step, evaluatedStep, probedStep, numTokens, memory, round, window, watch } = state;
  const content = {
    state: {
      step,
      evaluatedStep,
      probedStep,
      numTokens,
      memory: { ...memory },
      round,
      window: [...window.points],
      watch,
      ...hashes,
      lora: lora && { ...lora, modules: [...lora.modules] },
    },
    weights: packTensors(session, program.trained, [itself]),
    optimizer: packTensors(session, program.trained, moments),
    reference: program.liveReference ? packTensors(session, program.trained, [referenceName]) : [],
  };
  return writeCheckpoint(runDir, content, keep);
}

const moments: readonly Naming[] = [(name) => adamNames(name).m, (name) => adamNames(name).v];

/** Adam as it is before its first update. */
export function clearOptimizer(session: Session, { trained }: TrainProgram): void {
  for (const moment of moments)
    for (const { name, shape } of trained) session.setVariable(moment(name), new Float32Array(elementCount(shape)));
}

/** Puts trained weights and Adam's moments back. The files' hashes were checked when the checkpoint was chosen. */
export async function restoreCheckpoint(
  session: Session,
  { trained, liveReference }: TrainProgram,
  { path }: Checkpoint,
): Promise<void> {
  const parts = [
    { file: weightsFile, namings: [itself] },
    { file: optimizerFile, namings: moments },
    ...(liveReference ? [{ file: referenceFile, namings: [referenceName] }] : []),
  ];
  for (const { file, namings } of parts) {
    const tensors = await openSafetensors(join(path, file));
    const known = new Set(
      trained.flatMap(({ members }) => members.flatMap((member) => namings.map((naming) => naming(member.name)))),
    );
    for (const name of tensors.keys())
      if (!known.has(name))
        throwFailure('bad-input', `${path} holds ${name}, which this run does not train.`, 'Start a new run.');
    for (const name of known)
      if (!tensors.has(name))
        throwFailure('bad-input', `${path} lacks ${name}.`, 'Resume from an older checkpoint or start a new run.');
    for (const pack of trained) {
      for (const naming of namings) {
        const values = new Map<string, Float32Array>();
        for (const { name } of pack.members) values.set(name, await tensors.get(naming(name))!.read());
        setPacks(session, [pack], naming, ({ name }) => values.get(name)!);
      }
    }
  }
}
