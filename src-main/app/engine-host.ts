import type { EngineChoice, EngineCommand, EngineEvent, EngineJobs, JobName } from '../engine/protocol';
import { appError, type AppError, type Result } from '../shared/result';

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
  /** Asks; a training job saves first. The process is killed where it does not answer in time. */
  stop(): void;
  pause(): void;
}

/** A stuck start is a fault; stopping waits for the step under way and a checkpoint, which can take minutes on a slow machine. */
const startLimitMs = 60_000;
const stopLimitMs = 300_000;

/** Starts a process for one job and owns it until it is gone. */
export function startJob<J extends JobName>(spawn: SpawnEngine, job: J, input: EngineJobs[J]['in'], engine: EngineChoice, onEvent: (event: EngineEvent) => void): EngineJob<J> {
  const channel = spawn();
  let settle: (result: Result<EngineJobs[J]['out']>) => void = () => undefined;
  let settled = false;
  const result = new Promise<Result<EngineJobs[J]['out']>>((resolve) => (settle = resolve));
  let asked: 'stop' | 'pause' | null = null;
  let started = false;
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, work: () => void): void => void timers.add(setTimeout(work, ms));
  const finish = (outcome: Result<EngineJobs[J]['out']>): void => {
    if (settled) return;
    settled = true;
    for (const timer of timers) clearTimeout(timer);
    settle(outcome);
  };
  const failed = (error: AppError): void => finish({ ok: false, error });

  after(startLimitMs, () => {
    if (started) return;
    channel.kill();
    failed(appError('engine-failed', 'The engine process did not start within a minute.', 'Close other programs and try again; npx sampo doctor tells what the engine needs.', {}));
  });
  channel.onMessage((message) => {
    const event = message as EngineEvent;
    if (typeof event !== 'object' || event === null || typeof event.kind !== 'string') return failed(appError('internal', 'The engine sent a message that is not part of its protocol.', 'Copy the details into a report.', { message }));
    if (event.kind === 'ready') {
      started = true;
      channel.post({ kind: 'start', job, input, engine } as EngineCommand);
      if (asked) channel.post({ kind: asked });
      return;
    }
    if (settled) return;
    onEvent(event);
    if (event.kind === 'done') finish({ ok: true, value: event.value as EngineJobs[J]['out'] });
    if (event.kind === 'failed') failed(event.error);
  });
  channel.onExit((reason) =>
    failed(appError('engine-failed', `The engine process ended unexpectedly (${reason}).`, 'Often the machine ran out of memory: use a smaller max length or model. A training run can be resumed from its last checkpoint.', { reason, asked, retry: true })),
  );

  const ask = (kind: 'stop' | 'pause'): void => {
    if (settled) return;
    asked = kind;
    if (started) channel.post({ kind });
    after(stopLimitMs, () => {
      channel.kill();
      failed(appError('engine-failed', 'The engine did not stop within five minutes and was ended.', 'The run can be resumed from its last checkpoint.'));
    });
  };
  return { result, stop: () => ask('stop'), pause: () => ask('pause') };
}
