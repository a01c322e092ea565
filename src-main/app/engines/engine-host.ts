import { inCheckout } from '../../shared/build-kind';
import type { EngineCommand, EngineJobs, EngineSettings } from '../../engine/protocol';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { JobName } from '../../shared/ipc/jobs';
import { appError, type AppError, type Result, messageOf } from '../../shared/result';
import { parseEngineEvent } from './engine-events';
import { describeError } from '../errors';
import { forLog, log } from '../../shared/log';

const startHint = inCheckout(
  'Close other programs and try again; npx sampo doctor tells what the engine needs.',
  'Close other programs and try again; Settings, “Measure this machine” tells what the engine needs.',
);

/** A started engine process, however it was started: Electron's utilityProcess or Node's fork. */
export interface EngineChannel {
  post(command: EngineCommand): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The process is gone; `reason` says how. */
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}
export type SpawnEngine = () => EngineChannel;

export interface EngineJob<J extends JobName> {
  readonly result: Promise<Result<EngineJobs[J]['out']>>;
  /** The process has ended, which may be a little after its result. */
  readonly gone: Promise<void>;
  /** Asks; a training job saves first. The process is killed where it does not answer in time. */
  stop(): void;
  pause(): void;
  /** At once, without saving. */
  endNow(): void;
}

export interface EngineLimits {
  readonly startMs: number;
  /** A stop waits for the step under way and a checkpoint, which can take minutes on a slow machine. */
  readonly stopMs: number;
  /** Between the last word and the end of the process. */
  readonly exitMs: number;
}
const engineLimits: EngineLimits = { startMs: 60_000, stopMs: 300_000, exitMs: 10_000 };

type Outcome<J extends JobName> = Result<EngineJobs[J]['out']>;

/** Starts a process for one job and owns it until it is gone. */
export function startJob<J extends JobName>(
  spawn: SpawnEngine,
  job: J,
  input: EngineJobs[J]['in'],
  settings: EngineSettings,
  onEvent: (event: EngineEvent) => void,
  limits: EngineLimits = engineLimits,
): EngineJob<J> {
  log.info('engine', `${job} begins`);
  const started = Date.now();
  const running = new RunningJob(spawn, job, input, settings, onEvent, limits);
  void running.result.then((result) =>
    log[result.ok ? 'info' : 'warn'](
      'engine',
      `${job} ended after ${Date.now() - started} ms: ${result.ok ? 'done' : forLog(result.error)}`,
    ),
  );
  return running;
}

class RunningJob<J extends JobName> implements EngineJob<J> {
  readonly result: Promise<Outcome<J>>;
  readonly gone: Promise<void>;
  private leave: () => void = () => undefined;
  private deliver: (outcome: Outcome<J>) => void = () => undefined;
  private readonly channel: EngineChannel | null;
  private readonly timers = new Set<NodeJS.Timeout>();
  private outcome: Outcome<J> | null = null;
  private asked: 'stop' | 'pause' | null = null;
  private isStarted = false;
  private heard: EngineEvent['kind'] | null = null;
  private planned: Planned | null = null;

  constructor(
    spawn: SpawnEngine,
    private readonly job: J,
    private readonly input: EngineJobs[J]['in'],
    private readonly settings: EngineSettings,
    private readonly onEvent: (event: EngineEvent) => void,
    private readonly limits: EngineLimits,
  ) {
    this.result = new Promise((resolve) => (this.deliver = resolve));
    this.gone = new Promise((resolve) => (this.leave = resolve));
    this.channel = this.open(spawn);
  }

  stop(): void {
    this.ask('stop');
  }

  pause(): void {
    this.ask('pause');
  }

  endNow(): void {
    this.fail(
      appError(
        'engine-failed',
        'The engine was ended without saving.',
        'The run can be resumed from its last checkpoint.',
        { reason: 'ended without saving' },
      ),
      true,
    );
  }

  private open(spawn: SpawnEngine): EngineChannel | null {
    try {
      const channel = spawn();
      this.after(
        this.limits.startMs,
        () =>
          this.isStarted ||
          this.fail(
            appError(
              'engine-failed',
              `The engine process did not start within ${seconds(this.limits.startMs)}.`,
              startHint,
            ),
            true,
          ),
      );
      channel.onMessage((message) => this.hear(message));
      channel.onExit((reason) => this.end(reason));
      return channel;
    } catch (thrown) {
      this.outcome = {
        ok: false,
        error: appError('engine-failed', `The engine process could not be started: ${messageOf(thrown)}`, startHint),
      };
      this.deliver(this.outcome);
      this.leave();
      return null;
    }
  }

  private hear(message: unknown): void {
    if (this.outcome) return;
    const event = parseEngineEvent(message);
    if (event === null)
      return this.fail(
        appError(
          'internal',
          'The engine sent a message that is not part of its protocol.',
          'Copy the details into a report.',
          { message },
        ),
        true,
      );
    if (event.kind !== this.heard) log.debug('engine', `${this.job}: ${event.kind}`); // hundreds of one kind in a row
    this.heard = event.kind;
    if (event.kind === 'ready') {
      this.isStarted = true;
      this.channel?.post({ kind: 'start', job: this.job, input: this.input, ...this.settings } as EngineCommand);
      if (this.asked) this.channel?.post({ kind: this.asked });
      return;
    }
    try {
      this.onEvent(event);
    } catch (thrown) {
      // what it reports cannot be kept (a full disk, say): training on would lose it silently
      return this.fail(describeError(thrown), true);
    }
    if (event.kind === 'done') this.finish({ ok: true, value: event.value as EngineJobs[J]['out'] });
    if (event.kind === 'planned') this.planned = event;
    if (event.kind === 'failed')
      this.fail(
        event.error.details?.memory === true ? { ...event.error, hint: memoryHint(this.planned) } : event.error,
        false,
      );
  }

  private ask(kind: 'stop' | 'pause'): void {
    if (this.outcome) return;
    this.asked = kind;
    if (this.isStarted) this.channel?.post({ kind });
    this.after(this.limits.stopMs, () =>
      this.fail(
        appError(
          'engine-failed',
          `The engine did not stop within ${seconds(this.limits.stopMs)} and was ended.`,
          'The run can be resumed from its last checkpoint.',
          { reason: 'no answer to a stop' },
        ),
        true,
      ),
    );
  }

  private fail(error: AppError, kill: boolean): void {
    this.finish({ ok: false, error });
    if (kill) this.channel?.kill();
  }

  private finish(outcome: Outcome<J>): void {
    if (this.outcome) return;
    this.outcome = outcome;
    this.clear();
    this.after(this.limits.exitMs, () => {
      this.channel?.kill();
      this.deliver(outcome);
      this.leave();
    });
    // the next run must not load its model while the last one still holds its own; other jobs are small
    if (this.job !== 'train') this.deliver(outcome);
  }

  private end(reason: string): void {
    this.clear();
    this.outcome ??= {
      ok: false,
      error: appError('engine-failed', `The engine process ended unexpectedly (${reason}).`, memoryHint(this.planned), {
        reason,
        asked: this.asked,
        retry: true,
      }),
    };
    this.deliver(this.outcome);
    this.leave();
  }

  private after(ms: number, work: () => void): void {
    this.timers.add(setTimeout(work, ms));
  }

  private clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

const seconds = (ms: number): string =>
  ms >= 120_000 ? `${Math.round(ms / 60_000)} minutes` : `${Math.round(ms / 1000)} seconds`;

type Planned = Extract<EngineEvent, { readonly kind: 'planned' }>;

/**
 * What to do when a process is gone or could not have what it asked for: memory is the usual reason, and the plan says
 * what takes it.
 */
function memoryHint(planned: Planned | null): string {
  if (planned === null) return 'Often the machine ran out of memory: close other programs, or use a smaller model.';
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
  return (
    `Often the machine ran out of memory: this run needs about ${gigabytes(planned.neededBytes)}, and ` +
    `${gigabytes(planned.freeBytes)} were free when it began. ${planned.advice} Its last checkpoint is kept: resume ` +
    'it once other programs are closed, or start a smaller run.'
  );
}
