import { isActive } from '../../shared/runs/run-status';
import type { Store } from '../../store';
import { noProgress, type NewRun, type RunRecord } from '../../store/runs';
import { log } from '../../shared/log';
import { findLostRuns, type LostRun } from './run-file';
import { firstReport } from './run-journal';
import { RunReports } from './run-reports';
import { quietEvents, type Services } from '../services';

/** Run folders that the history does not know: its file was lost, or an older one was put back. */
export function lostRuns({ store, folders }: Pick<Services, 'store' | 'folders'>): readonly LostRun[] {
  return findLostRuns(folders.runs, (id) => store.runs.get(id) !== null);
}

export interface Recovery {
  readonly added: readonly RunRecord[];
  /** Folders that do not say what was trained: their checkpoints stay where they are. */
  readonly left: readonly LostRun[];
}

/**
 * Lists the runs again whose folder says what they were. Their charts are gone with the old history, but for what their
 * journals still hold: that is of the steps since their last checkpoint. They can be resumed and exported.
 */
export function recoverRuns(services: Pick<Services, 'store' | 'folders'>): Recovery {
  const lost = lostRuns(services);
  const added = lost.flatMap((run) => {
    const record = recordOf(run);
    return record === null ? [] : [listAgain(services.store, run, record)];
  });
  log.info('runs', `listed again from their folders: ${added.length} of ${lost.length}`);
  return { added, left: lost.filter((run) => run.known === null) };
}

function listAgain(store: Store, { id, folder, checkpoint }: LostRun, record: NewRun): RunRecord {
  store.runs.insert(record);
  if (checkpoint)
    store.runData.addCheckpoint(id, checkpoint.step, checkpoint.path, checkpoint.bytes, Math.round(checkpoint.savedAt));
  store.runs.update(id, { reported: firstReport(folder) - 1 }); // else all before it would count as unreadable
  const outcome = new RunReports(store, () => folder, quietEvents, Date.now).heal(id);
  const { checkpointPath } = store.runs.get(id)!;
  if (outcome)
    store.runs.update(id, { status: outcome.outcome, checkpointPath: outcome.checkpointPath || checkpointPath });
  return store.runs.get(id)!;
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
    problems: [
      'This run was listed again from its folder, because the history that held it was lost. Its charts and ' +
        'answers are there from its last checkpoint on at most.',
    ],
    checkpointPath: checkpoint?.path ?? null,
    queuedAt: null,
  };
}
