import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { RunId } from '../../shared/ids';
import { runStatuses } from '../../shared/runs/run-status';
import { runSpecSchema, type RunSpec } from '../../shared/spec/run-spec';
import type { RunRecord } from '../../store/runs';

/**
 * `run.json` in a run's folder: enough to list the run again where the history is lost. The history is what counts
 * while it is there.
 */
const fileName = 'run.json';
const content = z.object({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  modelName: z.string(),
  datasetName: z.string(),
  createdAt: z.number(),
  status: z.enum(runStatuses),
  totalSteps: z.number(),
  spec: z.unknown(),
});

export function writeRunFile(
  folder: string,
  { id, name, modelName, datasetName, createdAt, status, progress, spec }: RunRecord,
): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = path.join(folder, `.${fileName}.tmp-${process.pid}`);
  writeFileSync(
    temporary,
    JSON.stringify(
      {
        version: 1,
        id,
        name,
        modelName,
        datasetName,
        createdAt,
        status,
        totalSteps: progress.totalSteps,
        spec,
      } satisfies z.infer<typeof content>,
      null,
      2,
    ),
    { mode: 0o600 },
  );
  renameSync(temporary, path.join(folder, fileName));
}

/** A run's folder that no history knows. */
export interface LostRun {
  readonly id: RunId;
  readonly folder: string;
  /** The newest checkpoint; null: there is none, so nothing was kept of the run's weights. */
  readonly checkpoint: {
    readonly step: number;
    readonly path: string;
    readonly bytes: number;
    readonly savedAt: number;
  } | null;
  /** What run.json says; null: it is not there or not readable, so the run cannot be listed again. */
  readonly known:
    | (Readonly<Omit<z.infer<typeof content>, 'version' | 'id' | 'spec'>> & { readonly spec: RunSpec })
    | null;
}

/** Folders named as runs are, and not in `known`. Newest first. */
export function findLostRuns(runsFolder: string, known: (id: string) => boolean): readonly LostRun[] {
  if (!existsSync(runsFolder)) return [];
  return readdirSync(runsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^r_[0-9a-f]{4,}$/.test(entry.name) && !known(entry.name))
    .map((entry) => ({ id: entry.name as RunId, folder: path.join(runsFolder, entry.name) }))
    .map(
      ({ id, folder }): LostRun => ({ id, folder, checkpoint: newestCheckpoint(folder), known: readRunFile(folder) }),
    )
    .filter((run) => run.checkpoint !== null || run.known !== null)
    .sort(
      (a, b) => (b.known?.createdAt ?? b.checkpoint?.savedAt ?? 0) - (a.known?.createdAt ?? a.checkpoint?.savedAt ?? 0),
    );
}

function readRunFile(folder: string): LostRun['known'] {
  try {
    const { name, modelName, datasetName, createdAt, status, totalSteps, spec } = content.parse(
      JSON.parse(readFileSync(path.join(folder, fileName), 'utf8')),
    );
    return { name, modelName, datasetName, createdAt, status, totalSteps, spec: runSpecSchema.parse(spec) };
  } catch {
    return null;
  }
}

/** By name only: whether it is whole is looked at when a run goes on from it. */
function newestCheckpoint(folder: string): LostRun['checkpoint'] {
  const inside = path.join(folder, 'checkpoints');
  if (!existsSync(inside)) return null;
  const steps = readdirSync(inside)
    .flatMap((name) => /^checkpoint-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number);
  if (steps.length === 0) return null;
  const step = steps.reduce((a, b) => Math.max(a, b));
  const found = path.join(inside, `checkpoint-${step}`);
  const bytes = readdirSync(found).reduce(
    (sum, name) => sum + (statSync(path.join(found, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return { step, path: found, bytes, savedAt: statSync(found).mtimeMs };
}
