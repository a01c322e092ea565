import path from 'node:path';
import type { EngineChoice, EngineJobs, EngineSettings } from '../engine/protocol';
import type { EngineEvent } from '../shared/ipc/engine-events';
import { backends } from '../shared/ipc/engine-events';
import type { JobView, ShortJobName } from '../shared/ipc/jobs';
import { AppFailure, throwFailure } from '../shared/result';
import type { RunSpec } from '../shared/spec/run-spec';
import { openStore, type Store } from '../store';
import { cardInUse, gpuCards, isCudaLibrary } from './gpu-cards';
import type { SpawnEngine } from './engines/engine-host';
import { describeError } from './errors';
import { openFolders, type Folders } from './folders';
import { JobQueue } from './engines/job-queue';
import { log } from '../shared/log';
import { LogFile, openLog } from './log-file';
import { sweepNotedExports } from './runs/partial-exports';
import { isOwnerAlive } from './engines/process-owner';
import type { RunEvents } from './runs/run-events';
import { RunManager } from './runs/run-manager';

/** What handlers and commands work with; neither knows whether a window is there. */
export interface Services {
  readonly folders: Folders;
  readonly store: Store;
  readonly runs: RunManager;
  readonly jobs: JobQueue;
  /**
   * Runs a job other than training in a process of its own, when its turn comes. Throws AppFailure where it fails or is
   * cancelled.
   */
  runJob<J extends ShortJobName>(
    job: J,
    input: EngineJobs[J]['in'],
    onEvent?: (event: EngineEvent) => void,
  ): Promise<EngineJobs[J]['out']>;
  engineSettings(): EngineSettings;
  close(): void;
}

export const quietEvents: RunEvents = {
  changed: () => undefined,
  removed: () => undefined,
  metrics: () => undefined,
  probe: () => undefined,
  checkpoint: () => undefined,
  problem: () => undefined,
};

export function openServices(
  home: string,
  spawn: SpawnEngine,
  events: RunEvents = quietEvents,
  onJob: (job: JobView) => void = () => undefined,
): Services {
  const forced = forcedEngine();
  const folders = openFolders(home);
  openLog(new LogFile(folders.logs));
  logCrashes();
  log.info(
    'app',
    `opens ${home} with ${process.versions.electron ? `Electron ${process.versions.electron}, ` : ''}Node ` +
      `${process.versions.node} on ${process.platform} ${process.arch}`,
  );
  const store = openStore(folders.database);
  sweepNotedExports(folders.caches);
  const engineSettings = (): EngineSettings => {
    const { engine, device, tf32 } = store.settings.get();
    return {
      engine: forced ?? engine,
      device,
      tf32,
      gpuFreeBytes: isCudaLibrary() ? (cardInUse(gpuCards(), device, true)?.freeBytes ?? null) : null,
    };
  };
  try {
    const healing = new RunManager(store, folders, spawn, quietEvents, engineSettings); // nobody listens yet
    for (const id of store.runs.interruptOrphans(isOwnerAlive, Date.now())) healing.heal(id);
  } catch (thrown) {
    store.close();
    throw new AppFailure(describeError(thrown), { cause: thrown });
  }
  const jobs = new JobQueue(spawn, engineSettings, onJob);
  return {
    folders,
    store,
    jobs,
    runs: new RunManager(store, folders, spawn, withLog(events), engineSettings),
    runJob: (job, input, onEvent) => jobs.run(job, input, onEvent),
    engineSettings,
    close: () => {
      keepBackup(store);
      store.close();
      log.info('app', 'closed');
    },
  };
}

/** `SAMPO_ENGINE`, for tests and for comparing engines on the command line; null: what the settings say. */
function forcedEngine(given = process.env.SAMPO_ENGINE): EngineChoice | null {
  if (!given) return null;
  const known: readonly EngineChoice[] = ['auto', ...backends];
  const found = known.find((name) => name === given);
  const what = `SAMPO_ENGINE is ${given}, which is no engine of this version.`;
  return found ?? throwFailure('bad-input', what, `Known: ${known.join(', ')}.`, { variable: 'SAMPO_ENGINE' });
}

/** No backup is no reason to end badly. */
function keepBackup(store: Store): void {
  try {
    const backup = store.backup();
    if (backup) log.info('app', `backed up the run history: ${backup.file}`);
  } catch (thrown) {
    log.error('app', 'the run history could not be backed up', thrown);
  }
}

let watchesCrashes = false;
function logCrashes(): void {
  if (!watchesCrashes)
    process.on('uncaughtExceptionMonitor', (thrown) => log.error('app', 'a fault that nothing caught', thrown));
  watchesCrashes = true;
}

/** What runs do, in the log: each status once. */
function withLog(events: RunEvents): RunEvents {
  const seen = new Map<string, string>();
  return {
    ...events,
    changed: (run) => {
      if (seen.get(run.id) !== run.status)
        log[run.status === 'failed' ? 'warn' : 'info'](
          'runs',
          `${run.id} (${run.methodId}) is ${run.status} at step ` +
            `${run.progress.step}${run.error ? `: ${run.error.code}` : ''}`,
        );
      seen.set(run.id, run.status);
      events.changed(run);
    },
  };
}

/** How a run's model and data are called where they have no name of their own. */
export const pathNames = (spec: RunSpec): { readonly model: string; readonly dataset: string } => ({
  model: path.basename(path.resolve(spec.model.path)).replace(/\.gguf$/, ''),
  dataset: path.basename(path.resolve(spec.dataset.path)).replace(/\.(jsonl?|ndjson)(\.gz)?$/, ''),
});

/** How the starter content is called. */
export const starterNames = { model: 'Starter model', dataset: 'Starter pairs' } as const;

/** The folder of starter content: beside the bundle in development, in the app's resources when packaged. */
export function starterFolder(
  bundle: string = __dirname,
  packaged = (process as { readonly resourcesPath?: string }).resourcesPath,
): string {
  const inside = path.join(bundle, '..', 'resources', 'starter');
  return bundle.includes('app.asar') && packaged ? path.join(packaged, 'starter') : inside;
}

export const requireFound = <T>(value: T | null | undefined, what: string): T =>
  value ?? throwFailure('not-found', `${what} is not there any more.`, 'Reload the list; it may have been removed.');
