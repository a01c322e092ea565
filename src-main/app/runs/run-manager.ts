import { inCheckout } from '../../shared/build-kind';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { EngineSettings, TrainOutcome } from '../../engine/protocol';
import type { RunId } from '../../shared/ids';
import { throwFailure, type Result } from '../../shared/result';
import { isActive, isResumable, type RunStatus } from '../../shared/runs/run-status';
import type { RunSpec } from '../../shared/spec/run-spec';
import type { ClosingView } from '../../shared/views/app';
import type { Store } from '../../store';
import { noProgress, type RunRecord } from '../../store/runs';
import { startJob, type EngineJob, type SpawnEngine } from '../engines/engine-host';
import { describeError } from '../errors';
import type { Folders } from '../folders';
import { log } from '../../shared/log';
import { processOwner } from '../engines/process-owner';
import type { RunEvents } from './run-events';
import { writeRunFile } from './run-file';
import { dropJournal } from './run-journal';
import { RunReports } from './run-reports';
import { SilenceWatch } from './silence-watch';
import { withAbsolutePaths } from './spec-paths';

export interface RunNames {
  readonly model: string;
  readonly dataset: string;
}

/** Queues and trains runs, one at a time, and writes down all they report. */
export class RunManager {
  private active: { readonly id: RunId; readonly job: EngineJob<'train'> } | null = null;
  private closing = false;
  private readonly reports: RunReports;
  private readonly ends = new Map<RunId, ((run: RunRecord) => void)[]>();

  constructor(
    private readonly store: Store,
    private readonly folders: Folders,
    private readonly spawn: SpawnEngine,
    private readonly events: RunEvents,
    private readonly engine: () => EngineSettings,
    private readonly now: () => number = Date.now,
  ) {
    this.reports = new RunReports(store, (id) => this.runDir(id), events, now);
  }

  /** Relative paths in the spec count from the current folder. */
  create(given: RunSpec, names: RunNames): RunId {
    const spec = withAbsolutePaths(given);
    const id = `r_${randomBytes(5).toString('hex')}` as RunId;
    const now = this.now();
    const name = spec.name || `${spec.method.id} on ${names.dataset}`;
    this.store.runs.insert({
      id,
      name,
      status: 'queued',
      spec,
      modelName: names.model,
      datasetName: names.dataset,
      methodId: spec.method.id,
      createdAt: now,
      startedAt: null,
      endedAt: null,
      engine: null,
      progress: noProgress,
      error: null,
      owner: processOwner(),
      problems: [],
      checkpointPath: null,
      queuedAt: now,
    });
    this.writeDown(id);
    this.events.changed(this.get(id));
    return id;
  }

  /** Starts the run now if nothing else trains; otherwise it waits as `queued`. */
  start(id: RunId): void {
    if (this.active === null) this.launch(this.get(id));
  }

  /**
   * Goes on from its last checkpoint, or waits for its turn where another run trains. A run that waits already begins
   * now if nothing trains.
   */
  resume(id: RunId): void {
    const run = this.get(id);
    if (run.status !== 'queued' && !isResumable(run.status))
      throwFailure(
        'bad-input',
        `Run ${run.name} is ${run.status} and cannot be resumed.`,
        'Only paused, stopped, failed and interrupted runs go on from their last checkpoint.',
      );
    if (this.active === null) this.launch(run);
    else if (run.status !== 'queued')
      this.change(id, { status: 'queued', queuedAt: this.now(), owner: processOwner(), error: null, endedAt: null });
  }

  /** The queue stands still after a pause, until a run is resumed or started. */
  pause(id: RunId): void {
    if (this.waitsHere(id))
      this.end(id, { status: 'paused', checkpointPath: this.get(id).checkpointPath, error: null });
    else this.ask(id, 'pausing', (job) => job.pause());
  }

  stop(id: RunId): void {
    const run = this.get(id);
    if (this.waitsHere(id) || run.status === 'paused')
      this.end(id, { status: 'stopped', checkpointPath: run.checkpointPath, error: null });
    else this.ask(id, 'stopping', (job) => job.stop());
  }

  async delete(id: RunId): Promise<void> {
    const run = this.get(id);
    if (isActive(run.status) && run.status !== 'queued')
      throwFailure('bad-input', `Run ${run.name} is ${run.status}.`, 'Stop it before you delete it.');
    await rm(this.runDir(id), { recursive: true, force: true });
    this.store.runs.delete(id);
    this.events.removed(id);
  }

  rename(id: RunId, name: string): void {
    this.change(this.get(id).id, { name });
  }

  get(id: RunId): RunRecord {
    return (
      this.store.runs.get(id) ??
      throwFailure(
        'not-found',
        `There is no run ${id}.`,
        inCheckout('npx sampo runs list shows all of them.', 'The page Runs shows all of them.'),
      )
    );
  }

  runDir(id: RunId): string {
    return path.join(this.folders.runs, id);
  }

  /** Resolves when the run has ended (finished, paused, stopped or failed). */
  whenEnded(id: RunId): Promise<RunRecord> {
    const run = this.get(id);
    if (!isActive(run.status)) return Promise.resolve(run);
    return new Promise((resolve) => this.ends.set(id, [...(this.ends.get(id) ?? []), resolve]));
  }

  /** Puts into the store what a run reported to a process that died before it could. */
  heal(id: RunId): void {
    const outcome = this.reports.heal(id);
    if (!outcome) return; // its engine may still be writing
    this.change(id, {
      status: outcome.outcome,
      error: null,
      checkpointPath: outcome.checkpointPath || this.get(id).checkpointPath,
    });
    this.dropJournal(id);
  }

  /** For the end of the program: asks the run at work to save, and waits. `endNow` ends the wait. */
  async shutDown(): Promise<void> {
    this.closing = true;
    if (this.active === null) return;
    const { id } = this.active;
    if (!['pausing', 'stopping'].includes(this.get(id).status)) this.pause(id);
    await this.whenEnded(id);
  }

  /** The run that trains here, how far it is and from where it could go on. */
  atWork(): (Pick<RunRecord, 'id' | 'name'> & Pick<ClosingView, 'step' | 'savedStep'>) | null {
    if (this.active === null) return null;
    const { id, name, progress } = this.get(this.active.id);
    return {
      id,
      name,
      step: progress.step,
      savedStep: this.store.runData.checkpoints(id, existsSync).at(-1)?.step ?? null,
    };
  }

  /** For a person who will not wait: the run at work loses what came after its last checkpoint. */
  endNow(): void {
    this.active?.job.endNow();
  }

  private ask(id: RunId, status: RunStatus, ask: (job: EngineJob<'train'>) => void): void {
    if (this.active?.id !== id)
      throwFailure(
        'bad-input',
        `Run ${this.get(id).name} is not training here.`,
        'Only a running run can be paused or stopped, by the program that started it.',
      );
    this.change(id, { status });
    ask(this.active!.job);
  }

  private waitsHere(id: RunId): boolean {
    return this.store.runs.waiting(processOwner()).includes(id);
  }

  /** A run that has begun before goes on from its last checkpoint. */
  private launch(run: RunRecord): void {
    const { id, spec } = run;
    const resume = run.startedAt !== null || run.checkpointPath !== null;
    const from: readonly RunStatus[] = ['queued', 'paused', 'stopped', 'failed', 'interrupted'];
    if (!this.store.runs.claim(id, from, processOwner()))
      throwFailure(
        'bad-input',
        `Run ${run.name} belongs to another program at work.`,
        'Wait until it ends there, or stop it there.',
      );
    if (resume) this.reports.heal(id);
    const {
      progress: { step, totalSteps },
      problems,
      reported,
    } = this.get(id);
    const progress = { ...noProgress, step, totalSteps };
    this.change(id, {
      error: null,
      endedAt: null,
      startedAt: run.startedAt ?? this.now(),
      problems: resume ? problems : [],
      progress,
    });
    const silence = new SilenceWatch((words) => this.reports.problem(id, words));
    const job = startJob(
      this.spawn,
      'train',
      { spec, runDir: this.runDir(id), cacheDir: this.folders.caches, resume, reported },
      this.engine(),
      (event) => {
        silence.hear(event);
        this.reports.take(id, event);
      },
    );
    this.active = { id, job };
    this.tellQueue();
    void job.result.then((result) => {
      silence.stop();
      this.onEnd(id, result);
    });
  }

  private onEnd(id: RunId, result: Result<TrainOutcome>): void {
    this.active = null;
    const healed = this.healed(id);
    const died = !result.ok && result.error.details?.reason !== undefined;
    const { checkpointPath } = this.get(id);
    // it may have died after its last word was written down
    const outcome = result.ok ? result.value : died ? healed.outcome : null;
    const end = outcome
      ? { status: outcome.outcome, checkpointPath: outcome.checkpointPath || checkpointPath, error: null }
      : {
          status: died ? ('interrupted' as const) : ('failed' as const),
          checkpointPath,
          error: result.ok ? null : result.error,
        };
    this.end(id, end);
    if (healed.isWhole) this.dropJournal(id);
    if (!this.closing && end.status !== 'paused') this.startNext();
  }

  private healed(id: RunId): { readonly outcome: TrainOutcome | null; readonly isWhole: boolean } {
    try {
      return { outcome: this.reports.catchUp(id), isWhole: true };
    } catch {
      return { outcome: null, isWhole: false }; // the store cannot be written: the journal stays
    }
  }

  /** All that it holds is stored, and the store is told to be on the disk first. */
  private dropJournal(id: RunId): void {
    try {
      this.store.durably(() => this.store.runs.update(id, { reported: this.get(id).reported }));
      dropJournal(this.runDir(id));
    } catch {
      // the next resume reads it once more, and finds nothing new
    }
  }

  /**
   * Whoever waits is told even where the end cannot be written (a full disk); the next start of the program then finds
   * the run interrupted.
   */
  private end(id: RunId, end: Pick<RunRecord, 'status' | 'checkpointPath' | 'error'>): void {
    const before = this.get(id);
    const ended = {
      ...end,
      owner: null,
      endedAt: this.now(),
      progress: { ...before.progress, phase: null, remainingMs: null },
    };
    const run = ((): RunRecord => {
      try {
        this.change(id, ended);
        return this.get(id);
      } catch (thrown) {
        return { ...before, ...ended, status: 'failed', error: end.error ?? describeError(thrown) };
      }
    })();
    for (const resolve of this.ends.get(id) ?? []) resolve(run);
    this.ends.delete(id);
  }

  /** The run that has waited longest in this process's queue. */
  private startNext(): void {
    const [id] = this.store.runs.waiting(processOwner());
    if (id === undefined) return;
    try {
      this.launch(this.get(id));
    } catch (thrown) {
      this.end(id, { status: 'failed', checkpointPath: this.get(id).checkpointPath, error: describeError(thrown) });
      this.startNext();
    }
  }

  /** Those that wait have moved up. */
  private tellQueue(): void {
    for (const id of this.store.runs.waiting(processOwner())) this.events.changed(this.get(id));
  }

  private change(id: RunId, change: Partial<RunRecord>): void {
    this.store.runs.update(id, change);
    if ('status' in change || 'name' in change) this.writeDown(id);
    this.events.changed(this.get(id));
  }

  /** Into the run's own folder, for the day the history is lost; the history itself is kept either way. */
  private writeDown(id: RunId): void {
    try {
      writeRunFile(this.runDir(id), this.get(id));
    } catch (thrown) {
      log.error('runs', `${id} could not be written into its folder`, thrown);
    }
  }
}
