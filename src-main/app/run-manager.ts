import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { EngineEvent, EngineSettings, TrainOutcome } from '../engine/protocol';
import type { RunId } from '../shared/ids';
import type { ProbeSample } from '../shared/metrics';
import { throwFailure, type Result } from '../shared/result';
import { isActive, isResumable, type RunStatus } from '../shared/run-status';
import type { RunSpec } from '../shared/run-spec';
import type { RunUpdate } from '../shared/views';
import type { Store } from '../store';
import { noProgress, type RunRecord } from '../store/runs';
import { startJob, type EngineJob, type SpawnEngine } from './engine-host';
import { describeError } from './errors';
import type { Folders } from './folders';
import { log } from './log';
import { processOwner } from './process-owner';
import { writeRunFile } from './run-file';
import { withAbsolutePaths } from './spec-paths';

/** What happens to runs, told after it is stored. */
export interface RunEvents {
  changed(run: RunRecord): void;
  removed(id: RunId): void;
  metrics(update: RunUpdate & { readonly step: number; readonly epoch: number; readonly values: Readonly<Record<string, number>> }): void;
  probe(id: RunId, sample: ProbeSample): void;
  checkpoint(id: RunId, step: number): void;
  problem(id: RunId, message: string): void;
}

export interface RunNames {
  readonly model: string;
  readonly dataset: string;
}

/** Queues and trains runs, one at a time, and writes down all they report. */
export class RunManager {
  private active: { readonly id: RunId; readonly job: EngineJob<'train'> } | null = null;
  private phaseAt = 0;
  private closing = false;
  private readonly ends = new Map<RunId, ((run: RunRecord) => void)[]>();

  constructor(
    private readonly store: Store,
    private readonly folders: Folders,
    private readonly spawn: SpawnEngine,
    private readonly events: RunEvents,
    private readonly engine: () => EngineSettings,
    private readonly now: () => number = Date.now,
  ) {}

  /** Relative paths in the spec count from the current folder. */
  create(given: RunSpec, names: RunNames): RunId {
    const spec = withAbsolutePaths(given);
    const id = `r_${randomBytes(5).toString('hex')}` as RunId;
    const name = spec.name || `${spec.method.id} on ${names.dataset}`;
    this.store.runs.insert({ id, name, status: 'queued', spec, modelName: names.model, datasetName: names.dataset, methodId: spec.method.id, createdAt: this.now(), startedAt: null, endedAt: null, engine: null, progress: noProgress, error: null, owner: processOwner(), problems: [], checkpointPath: null });
    this.writeDown(id);
    this.events.changed(this.get(id));
    return id;
  }

  /** Starts the run now if nothing else trains; otherwise it waits as `queued`. */
  start(id: RunId): void {
    if (this.active === null) this.launch(this.get(id), false);
  }

  resume(id: RunId): void {
    const run = this.get(id);
    if (!isResumable(run.status)) throwFailure('bad-input', `Run ${run.name} is ${run.status} and cannot be resumed.`, 'Only paused, stopped, failed and interrupted runs go on from their last checkpoint.');
    if (this.active !== null) throwFailure('bad-input', 'Another run is training.', 'Pause or stop it first, or wait until it ends.');
    this.launch(run, true);
  }

  pause(id: RunId): void {
    this.ask(id, 'pausing', (job) => job.pause());
  }

  stop(id: RunId): void {
    const run = this.get(id);
    if (run.status === 'queued' || run.status === 'paused') this.change(id, { status: 'stopped', endedAt: this.now(), owner: null });
    else this.ask(id, 'stopping', (job) => job.stop());
  }

  async delete(id: RunId): Promise<void> {
    const run = this.get(id);
    if (isActive(run.status) && run.status !== 'queued') throwFailure('bad-input', `Run ${run.name} is ${run.status}.`, 'Stop it before you delete it.');
    await rm(this.runDir(id), { recursive: true, force: true });
    this.store.runs.delete(id);
    this.events.removed(id);
  }

  rename(id: RunId, name: string): void {
    this.change(this.get(id).id, { name });
  }

  get(id: RunId): RunRecord {
    return this.store.runs.get(id) ?? throwFailure('not-found', `There is no run ${id}.`, 'npx sampo runs list shows all of them.');
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

  /** For the end of the program: asks the run at work to save, and waits. */
  async shutDown(): Promise<void> {
    this.closing = true;
    if (this.active === null) return;
    const { id } = this.active;
    if (this.get(id).status !== 'stopping') this.pause(id);
    await this.whenEnded(id);
  }

  /** The run that trains here, how far it is and from where it could go on. */
  atWork(): { readonly id: RunId; readonly name: string; readonly step: number; readonly savedStep: number | null } | null {
    if (this.active === null) return null;
    const { id, name, progress } = this.get(this.active.id);
    return { id, name, step: progress.step, savedStep: this.store.runData.checkpoints(id, existsSync).at(-1)?.step ?? null };
  }

  /** For a person who will not wait: the run at work loses what came after its last checkpoint. */
  endNow(): void {
    this.active?.job.endNow();
  }

  private ask(id: RunId, status: RunStatus, ask: (job: EngineJob<'train'>) => void): void {
    if (this.active?.id !== id) throwFailure('bad-input', `Run ${this.get(id).name} is not training here.`, 'Only a running run can be paused or stopped, by the program that started it.');
    this.change(id, { status });
    ask(this.active!.job);
  }

  private launch(run: RunRecord, resume: boolean): void {
    const { id, spec } = run;
    this.change(id, { status: 'preparing', owner: processOwner(), error: null, endedAt: null, startedAt: run.startedAt ?? this.now(), problems: resume ? run.problems : [], progress: { ...noProgress, step: run.progress.step, totalSteps: run.progress.totalSteps } });
    const job = startJob(this.spawn, 'train', { spec, runDir: this.runDir(id), cacheDir: this.folders.caches, resume }, this.engine(), (event) => this.onEvent(id, event));
    this.active = { id, job };
    void job.result.then((result) => this.onEnd(id, result));
  }

  private onEvent(id: RunId, event: EngineEvent): void {
    const { store, events } = this;
    switch (event.kind) {
      case 'engine':
        this.change(id, { engine: [event.engine.library, ...event.engine.devices].join(' · ') });
        if (event.engine.reason) this.problem(id, `Training with ${event.engine.library}: ${event.engine.reason}.`);
        return;
      case 'phase':
        if (event.done < event.total && event.done > 0 && this.now() - this.phaseAt < 250) return; // a model has hundreds of tensors
        this.phaseAt = this.now();
        this.change(id, { progress: { ...this.get(id).progress, phase: event.phase, done: event.done, total: event.total } });
        return;
      case 'content':
        this.change(id, { datasetHash: event.datasetHash, modelHash: event.modelHash });
        return;
      case 'running':
        this.change(id, { ...(this.get(id).status === 'preparing' ? { status: 'running' as const } : {}), progress: { ...this.get(id).progress, phase: null, step: event.firstStep - 1, totalSteps: event.totalSteps } });
        return;
      case 'metrics': {
        const { step, epoch, values, pairs, profile } = event;
        const { seq, points, kept } = store.runData.addMetrics(id, step, values, pairs, profile);
        const { progress, spec } = this.get(id);
        const rate = values['perf/pairs_per_second'] ?? progress.pairsPerSecond;
        const smooth = progress.pairsPerSecond === null || rate === null ? rate : 0.8 * progress.pairsPerSecond + 0.2 * rate;
        const remainingMs = smooth ? (1000 * (progress.totalSteps - step) * spec.training.pairsPerStep) / smooth : null;
        this.change(id, { progress: { ...progress, step, pairsPerSecond: smooth, remainingMs } });
        events.metrics({ runId: id, seq, points, pairs: kept, profile, step, epoch, values });
        return;
      }
      case 'probe':
        store.runData.addProbe(id, event.sample);
        events.probe(id, event.sample);
        return;
      case 'checkpoint':
        store.runData.addCheckpoint(id, event.step, event.path, event.bytes, this.now());
        this.change(id, { checkpointPath: event.path });
        events.checkpoint(id, event.step);
        return;
      case 'problem':
        this.problem(id, event.message);
        return;
      default: // ready, planned, progress, done and failed are the host's business
    }
  }

  private problem(id: RunId, message: string): void {
    this.change(id, { problems: [...this.get(id).problems, message] });
    this.events.problem(id, message);
  }

  private onEnd(id: RunId, result: Result<TrainOutcome>): void {
    this.active = null;
    const died = !result.ok && result.error.details?.reason !== undefined;
    const { checkpointPath } = this.get(id);
    const end = result.ok
      ? { status: result.value.outcome, checkpointPath: result.value.checkpointPath || checkpointPath, error: null }
      : { status: died ? ('interrupted' as const) : ('failed' as const), checkpointPath, error: result.error };
    this.end(id, end);
    if (!this.closing) this.startNext();
  }

  /** Whoever waits is told even where the end cannot be written (a full disk); the next start of the program then finds the run interrupted. */
  private end(id: RunId, end: Pick<RunRecord, 'status' | 'checkpointPath' | 'error'>): void {
    const before = this.get(id);
    const ended = { ...end, owner: null, endedAt: this.now(), progress: { ...before.progress, phase: null, remainingMs: null } };
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

  /** The oldest run that waits in this process's queue. */
  private startNext(): void {
    const next = this.store.runs.list().filter((run) => run.status === 'queued' && run.owner === processOwner()).at(-1);
    if (!next) return;
    try {
      this.launch(next, false);
    } catch (thrown) {
      this.end(next.id, { status: 'failed', checkpointPath: null, error: describeError(thrown) });
    }
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
