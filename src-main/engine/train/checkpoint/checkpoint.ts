import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { checkpointStateFile, loraInUseSchema } from '../../../shared/runs/lora-in-use';
import { measured, pairPointSchema } from '../../../shared/metrics/reports';
import { AppFailure, toAppError, messageOf } from '../../../shared/result';
import { writeSafetensors, type TensorToWrite } from '../../weights/safetensors';
import { sha256OfFile, syncFolder } from '../../files';
import { freshWatch, watchSchema } from '../step/stop-rules';

/**
 * A checkpoint is a folder `checkpoint-<step>`: weights.safetensors (what is trained), optimizer.safetensors (Adam's
 * moments) and state.json, which lists the others with their hashes and holds one of itself. It is written under
 * another name and renamed when complete, so a folder of this name is whole unless the disk damaged it afterwards.
 */
export const weightsFile = 'weights.safetensors';
export const optimizerFile = 'optimizer.safetensors';
export const referenceFile = 'reference.safetensors';
const stateFile = checkpointStateFile;

const stateSchema = z.object({
  step: z.number().int().min(0),
  evaluatedStep: z.number().int().min(-1),
  probedStep: z.number().int().min(-1),
  numTokens: z.number(),
  memory: z.record(z.string(), measured).default({}),
  round: z.number().int().min(0).default(0),
  window: z.array(pairPointSchema),
  watch: watchSchema,
  /** What the run was made of; resuming with anything else would not be the same run. */
  specHash: z.string(),
  dataHash: z.string(),
  modelHash: z.string(),
  lora: loraInUseSchema.nullable(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type CheckpointState = Readonly<z.infer<typeof stateSchema>>;

/** One parser a version; the newest is what is written. */
const version1Schema = stateSchema.omit({ watch: true }).extend({ version: z.literal(1) });
const version2Schema = z.object({ version: z.literal(2), sha256: z.string(), state: stateSchema });

const hashOf = (state: unknown): string => createHash('sha256').update(JSON.stringify(state)).digest('hex');

function parseState(text: string): CheckpointState {
  const json = JSON.parse(text) as { readonly version?: unknown; readonly state?: unknown };
  if (json.version === 1) {
    const { version: _one, ...state } = version1Schema.parse(json);
    return { ...state, watch: freshWatch };
  }
  if (json.version !== 2)
    throw new Error(`${stateFile} has version ${String(json.version)}, which this version of the app does not read`);
  const { sha256, state } = version2Schema.parse(json);
  if (hashOf(json.state) !== sha256)
    throw new Error(`${stateFile} is damaged: its content does not have the hash it was saved with`);
  return state;
}

export interface Checkpoint {
  readonly path: string;
  readonly state: CheckpointState;
}

export interface CheckpointContent {
  readonly state: Omit<CheckpointState, 'files'>;
  readonly weights: readonly TensorToWrite[];
  readonly optimizer: readonly TensorToWrite[];
  /** Weights of a reference that is part of the program; empty: there is none. */
  readonly reference: readonly TensorToWrite[];
}

const checkpointsFolder = (runDir: string): string => join(runDir, 'checkpoints');
const folderName = (step: number): string => `checkpoint-${step}`;
export const checkpointPath = (runDir: string, step: number): string =>
  join(checkpointsFolder(runDir), folderName(step));
const stepOf = (name: string): number | null => {
  const match = /^checkpoint-(\d+)$/.exec(name);
  return match ? Number(match[1]) : null;
};

/** Which checkpoints stay: the last ones, and one that may be older. */
export interface KeepRule {
  readonly last: number;
  readonly step: number | null;
}

/** Writes a checkpoint, then removes those that the rule does not keep. On any error nothing of it stays behind. */
export async function writeCheckpoint(
  runDir: string,
  content: CheckpointContent,
  keep: KeepRule,
): Promise<{ readonly path: string; readonly bytes: number }> {
  const root = checkpointsFolder(runDir);
  const path = checkpointPath(runDir, content.state.step);
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await mkdir(root, { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary);
    const write = async (
      name: string,
      tensors: readonly TensorToWrite[],
    ): Promise<CheckpointState['files'][number]> => ({
      name,
      ...(await writeSafetensors(join(temporary, name), 'F32', tensors)),
    });
    const files = [
      await write(weightsFile, content.weights),
      await write(optimizerFile, content.optimizer),
      ...(content.reference.length > 0 ? [await write(referenceFile, content.reference)] : []),
    ];
    const state: CheckpointState = { ...content.state, files };
    const json = JSON.stringify({ version: 2, sha256: hashOf(state), state } satisfies z.infer<typeof version2Schema>);
    await writeSynced(join(temporary, stateFile), json);
    await syncFolder(temporary);
    await rm(path, { recursive: true, force: true }); // an older attempt at the same step
    await rename(temporary, path);
    await syncFolder(root);
    await removeOthers(root, content.state.step, keep);
    return { path, bytes: Buffer.byteLength(json) + files.reduce((sum, f) => sum + f.bytes, 0) };
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    const cause = toAppError(thrown);
    throw new AppFailure({
      ...cause,
      message: `The checkpoint of step ${content.state.step} could not be saved in ${root}: ${cause.message}`,
      details: { ...cause.details, path },
    });
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

/**
 * Later ones than the step just saved are damaged, or the run would have gone on from there: they must not push good
 * ones out.
 */
async function removeOthers(root: string, saved: number, { last, step }: KeepRule): Promise<void> {
  const names = await namesByStep(root);
  const kept = new Set(names.filter((name) => stepOf(name)! <= saved).slice(0, last));
  for (const name of names)
    if (!kept.has(name) && stepOf(name) !== step) await rm(join(root, name), { recursive: true, force: true });
}

/** Names of complete checkpoints, newest first. */
async function namesByStep(root: string): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => [] as string[]);
  return names.filter((name) => stepOf(name) !== null).sort((a, b) => stepOf(b)! - stepOf(a)!);
}

/** Opens and verifies one checkpoint; throws what is wrong with it. */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const state = parseState(await readFile(join(path, stateFile), 'utf8'));
  for (const file of state.files) {
    const { size } = await stat(join(path, file.name));
    if (size !== file.bytes) throw new Error(`${file.name} has ${size} bytes, should have ${file.bytes}`);
    if ((await sha256OfFile(join(path, file.name))) !== file.sha256)
      throw new Error(`${file.name} is damaged: its content does not have the hash it was saved with`);
  }
  return { path, state };
}

export async function folderBytes(path: string): Promise<number> {
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The newest checkpoint that is whole. Damaged ones are passed over and named to `onProblem`. */
export async function newestCheckpoint(
  runDir: string,
  onProblem: (message: string) => void,
): Promise<Checkpoint | null> {
  const root = checkpointsFolder(runDir);
  for (const name of await namesByStep(root)) {
    try {
      return await readCheckpoint(join(root, name));
    } catch (thrown) {
      onProblem(`${name} cannot be used (${messageOf(thrown)}); trying an older one.`);
    }
  }
  return null;
}

/** Removes what a killed process left half-written. */
export async function sweepUnfinished(runDir: string): Promise<void> {
  const root = checkpointsFolder(runDir);
  const names = await readdir(root).catch(() => [] as string[]);
  for (const name of names)
    if (/^checkpoint-\d+\.tmp-\d+$/.test(name)) await rm(join(root, name), { recursive: true, force: true });
}

/** Removes all checkpoints: a run that starts from the beginning must not find those of an earlier attempt. */
export const removeCheckpoints = (runDir: string): Promise<void> =>
  rm(checkpointsFolder(runDir), { recursive: true, force: true });
