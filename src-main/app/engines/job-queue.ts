import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { EngineJobs, EngineSettings } from '../../engine/protocol';
import type { JobView, ShortJobName } from '../../shared/ipc/jobs';
import { appError, AppFailure, type Result } from '../../shared/result';
import { startJob, type EngineJob, type EngineLimits, type SpawnEngine } from './engine-host';

/** So many at once beside a run that trains; an export takes minutes and must not hold up a page of rows. */
const atOnce = { export: 1, others: 2 } as const;
type Lane = keyof typeof atOnce;
const laneOf = (job: ShortJobName): Lane => (job === 'export' ? 'export' : 'others');

/**
 * These jobs have nothing to save: one that does not answer a wish to stop is ended. An export removes what it has
 * written so far.
 */
const limits: Readonly<Record<Lane, EngineLimits>> = {
  export: { startMs: 60_000, stopMs: 10_000, exitMs: 10_000 },
  others: { startMs: 60_000, stopMs: 1_000, exitMs: 10_000 },
};
const reportEveryMs = 100;

interface Waiting {
  view: JobView;
  readonly begin: () => EngineJob<ShortJobName>;
  readonly settle: (result: Result<unknown>) => void;
  running: EngineJob<ShortJobName> | null;
  isCancelled: boolean;
  toldAt: number;
}

/** Jobs other than training, in the order they came, a few at once. */
export class JobQueue {
  private readonly jobs = new Map<string, Waiting>();
  private readonly busy: Record<Lane, number> = { export: 0, others: 0 };
  private count = 0;

  constructor(
    private readonly spawn: SpawnEngine,
    private readonly settings: () => EngineSettings,
    private readonly onChange: (job: JobView) => void = () => undefined,
  ) {}

  /** Throws AppFailure where the job fails or is cancelled (`stopped`). */
  run<J extends ShortJobName>(
    job: J,
    input: EngineJobs[J]['in'],
    onEvent: (event: EngineEvent) => void = () => undefined,
  ): Promise<EngineJobs[J]['out']> {
    const id = `j_${++this.count}`;
    return new Promise((resolve, reject) => {
      const hear = (event: EngineEvent): void => {
        if (event.kind === 'progress')
          this.tell(id, { state: 'working', done: event.done, total: event.total, what: event.what });
        onEvent(event);
      };
      this.jobs.set(id, {
        view: { id, job, state: 'waiting', done: 0, total: 0, what: '' },
        begin: () =>
          startJob(this.spawn, job, input, this.settings(), hear, limits[laneOf(job)]) as EngineJob<ShortJobName>,
        settle: (result) =>
          result.ok ? resolve(result.value as EngineJobs[J]['out']) : reject(new AppFailure(result.error)),
        running: null,
        isCancelled: false,
        toldAt: -Infinity,
      });
      this.tell(id, {});
      this.next();
    });
  }

  list(): readonly JobView[] {
    return [...this.jobs.values()].map(({ view }) => view);
  }

  /** One job by its id, or all of a kind. Those that wait end at once, one at work once its process has stopped. */
  cancel(which: string): void {
    for (const [id, job] of [...this.jobs]) if (id === which || job.view.job === which) this.stop(id, job);
  }

  /** Nobody is there any more who waits for an answer. */
  cancelAll(): void {
    for (const [id, job] of [...this.jobs]) this.stop(id, job);
  }

  private stop(id: string, job: Waiting): void {
    job.isCancelled = true;
    if (job.running) job.running.stop();
    else this.end(id, cancelled);
  }

  private next(): void {
    for (const [id, job] of this.jobs) {
      const lane = laneOf(job.view.job);
      if (job.running !== null || this.busy[lane] >= atOnce[lane]) continue;
      this.busy[lane]++;
      job.running = job.begin();
      this.tell(id, { state: 'working' });
      void job.running.result.then((result) => this.end(id, job.isCancelled && !result.ok ? cancelled : result));
      void job.running.gone.then(() => {
        this.busy[lane]--;
        this.next();
      });
    }
  }

  private end(id: string, result: Result<unknown>): void {
    const job = this.jobs.get(id);
    if (!job) return;
    this.tell(id, { state: 'ended' });
    this.jobs.delete(id);
    job.settle(result);
  }

  private tell(id: string, change: Partial<JobView>): void {
    const job = this.jobs.get(id);
    if (!job) return;
    const isProgress = change.done !== undefined && change.done < change.total!;
    job.view = { ...job.view, ...change };
    if (isProgress && Date.now() - job.toldAt < reportEveryMs) return;
    job.toldAt = Date.now();
    this.onChange(job.view);
  }
}

const cancelled: Result<never> = {
  ok: false,
  error: appError('stopped', 'Cancelled before it was done.', 'Start it again when you want the result.'),
};
