import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { PairPoint } from '../../shared/metrics';
import { AppFailure, toAppError } from '../../shared/result';
import { writeSafetensors, type TensorToWrite } from '../weights/safetensors';
import { sha256OfFile, syncFolder } from './files';

/**
 * A checkpoint is a folder `checkpoint-<step>`: weights.safetensors (what is trained), optimizer.safetensors (Adam's moments) and state.json, which lists the others
 * with their hashes. It is written under another name and renamed when complete, so a folder of this name is whole unless the disk damaged it afterwards.
 */
export const weightsFile = 'weights.safetensors';
export const optimizerFile = 'optimizer.safetensors';
const stateFile = 'state.json';

const pairPointSchema = z.object({
  row: z.number(),
  step: z.number(),
  split: z.enum(['train', 'eval']),
  chosenTokens: z.number(),
  rejectedTokens: z.number(),
  keptTokens: z.number(),
  chosenReward: z.number(),
  rejectedReward: z.number(),
  margin: z.number(),
  fullMargin: z.number(),
}) satisfies z.ZodType<PairPoint>;

const stateSchema = z.object({
  version: z.literal(1),
  step: z.number().int().min(0),
  evaluatedStep: z.number().int().min(-1),
  probedStep: z.number().int().min(-1),
  numTokens: z.number(),
  window: z.array(pairPointSchema),
  /** What the run was made of; resuming with anything else would not be the same run. */
  specHash: z.string(),
  dataHash: z.string(),
  modelHash: z.string(),
  lora: z.object({ rank: z.number(), alpha: z.number(), modules: z.array(z.string()) }).nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type CheckpointState = Readonly<z.infer<typeof stateSchema>>;

export interface Checkpoint {
  readonly path: string;
  readonly state: CheckpointState;
}

export interface CheckpointContent {
  readonly state: Omit<CheckpointState, 'version' | 'files'>;
  readonly weights: readonly TensorToWrite[];
  readonly optimizer: readonly TensorToWrite[];
}

export const checkpointsFolder = (runDir: string): string => join(runDir, 'checkpoints');
const folderName = (step: number): string => `checkpoint-${step}`;
const stepOf = (name: string): number | null => {
  const match = /^checkpoint-(\d+)$/.exec(name);
  return match ? Number(match[1]) : null;
};

/** Writes a checkpoint, then removes the oldest beyond `keep`. On any error nothing of it stays behind. */
export async function writeCheckpoint(runDir: string, content: CheckpointContent, keep: number): Promise<{ readonly path: string; readonly bytes: number }> {
  const root = checkpointsFolder(runDir);
  const path = join(root, folderName(content.state.step));
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await mkdir(root, { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    const write = async (name: string, tensors: readonly TensorToWrite[]): Promise<CheckpointState['files'][number]> => ({ name, ...(await writeSafetensors(join(temporary, name), 'F32', tensors)) });
    const files = [await write(weightsFile, content.weights), await write(optimizerFile, content.optimizer)];
    const state: CheckpointState = { version: 1, ...content.state, files };
    const json = JSON.stringify(state);
    await writeSynced(join(temporary, stateFile), json);
    await syncFolder(temporary);
    await rm(path, { recursive: true, force: true }); // an older attempt at the same step
    await rename(temporary, path);
    await syncFolder(root);
    await removeOld(root, keep);
    return { path, bytes: Buffer.byteLength(json) + files.reduce((sum, f) => sum + f.bytes, 0) };
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    const cause = toAppError(thrown);
    throw new AppFailure({ ...cause, message: `The checkpoint of step ${content.state.step} could not be saved in ${root}: ${cause.message}`, details: { ...cause.details, path } });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function removeOld(root: string, keep: number): Promise<void> {
  for (const name of (await namesByStep(root)).slice(keep)) await rm(join(root, name), { recursive: true, force: true });
}

/** Names of complete checkpoints, newest first. */
async function namesByStep(root: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  return names.filter((name) => stepOf(name) !== null).sort((a, b) => stepOf(b)! - stepOf(a)!);
}

/** Opens and verifies one checkpoint; throws what is wrong with it. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const state = stateSchema.parse(JSON.parse(await readFile(join(path, stateFile), 'utf8')));
  for (const file of state.files) {
    const { size } = await stat(join(path, file.name));
    if (size !== file.bytes) throw new Error(`${file.name} has ${size} bytes, should have ${file.bytes}`);
    if ((await sha256OfFile(join(path, file.name))) !== file.sha256) throw new Error(`${file.name} is damaged: its content does not have the hash it was saved with`);
  }
  return { path, state };
}

/** The newest checkpoint that is whole. Damaged ones are passed over and named to `onProblem`. */
export async function newestCheckpoint(runDir: string, onProblem: (message: string) => void): Promise<Checkpoint | null> {
  const root = checkpointsFolder(runDir);
  for (const name of await namesByStep(root)) {
    try {
      return await readCheckpoint(join(root, name));
    } catch (thrown) {
      onProblem(`${name} cannot be used (${thrown instanceof Error ? thrown.message : String(thrown)}); trying an older one.`);
    }
  }
  return null;
}

/** Removes what a killed process left half-written. */
export async function sweepUnfinished(runDir: string): Promise<void> {
  const root = checkpointsFolder(runDir);
  const names = await readdir(root).catch(() => [] as string[]);
  for (const name of names) if (/^checkpoint-\d+\.tmp-\d+$/.test(name)) await rm(join(root, name), { recursive: true, force: true });
}

/** Removes all checkpoints: a run that starts from the beginning must not find those of an earlier attempt. */
export const removeCheckpoints = (runDir: string): Promise<void> => rm(checkpointsFolder(runDir), { recursive: true, force: true });
