import { isActive } from '../shared/run-status';
import { noProgress, type NewRun, type RunRecord } from '../store/runs';
import { log } from './log';
import { findLostRuns, type LostRun } from './run-file';
import type { Services } from './services';

/** Run folders that the history does not know: its file was lost, or an older one was put back. */
export function lostRuns({ store, folders }: Pick<Services, 'store' | 'folders'>): readonly LostRun[] {
  return findLostRuns(folders.runs, (id) => store.runs.get(id) !== null);
}

export interface Recovery {
  readonly added: readonly RunRecord[];
  /** Folders that do not say what was trained: their checkpoints stay where they are. */
  readonly left: readonly LostRun[];
}

/** Lists the runs again whose folder says what they were. Their charts are gone with the old history; their checkpoints can be resumed and exported. */
export function recoverRuns(services: Pick<Services, 'store' | 'folders'>): Recovery {
  const lost = lostRuns(services);
  const added = lost.flatMap((run): readonly RunRecord[] => {
    const record = recordOf(run);
    if (record === null) return [];
    services.store.runs.insert(record);
    const { checkpoint } = run;
    if (checkpoint) services.store.runData.addCheckpoint(record.id, checkpoint.step, checkpoint.path, checkpoint.bytes, Math.round(checkpoint.savedAt));
    return [services.store.runs.get(record.id)!];
  });
  log.info('runs', `listed again from their folders: ${added.length} of ${lost.length}`);
  return { added, left: lost.filter((run) => run.known === null) };
}

function recordOf({ id, known, checkpoint }: LostRun): NewRun | null {
  if (known === null) return null;
  const { name, spec, modelName, datasetName, createdAt, totalSteps } = known;
  return {
    id,
    name,
    status: isActive(known.status) ? 'interrupted' : known.status,
    spec,
    modelName,
    datasetName,
    methodId: spec.method.id,
    createdAt,
    startedAt: null,
    endedAt: checkpoint ? Math.round(checkpoint.savedAt) : null,
    engine: null,
    progress: { ...noProgress, step: checkpoint?.step ?? 0, totalSteps },
    error: null,
    owner: null,
    problems: ['This run was listed again from its folder, because the history that held it was lost. Its charts and answers up to then are not there.'],
    checkpointPath: checkpoint?.path ?? null,
    queuedAt: null,
  };
}
