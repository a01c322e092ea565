import { log } from '../../shared/log';
import { AppFailure, appError, assertNever, toAppError } from '../../shared/result';
import type { EngineCommand } from '../protocol';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import { chooseDevice } from '../backends/tensorflow/device';
import { freeMemoryBytes } from '../train/plan/free-memory';
import { jobs } from '.';
import type { JobContext } from './context';
import { SignalBox } from '../signals';
import { openTransport, type Transport } from './transport';

/**
 * One process, one job: says `ready`, takes one `start`, streams events, ends with `done` or `failed`, and exits 0 once
 * everything is sent. The exit code carries no error: a parent that sees an exit without `done` or `failed` knows that
 * the process died.
 */
export function startEngine(transport: Transport = openTransport(), exit: () => void = () => process.exit(0)): void {
  const signals = new SignalBox();
  let started = false;
  transport.onMessage((message) => {
    const command = asCommand(message);
    if (command === null) {
      transport.send({
        kind: 'failed',
        error: appError(
          'bad-input',
          'The engine got a message it does not know.',
          'This is a fault of the app. Copy the details into a report.',
          { message },
        ),
      });
      return;
    }
    switch (command.kind) {
      case 'pause':
      case 'stop':
        signals.ask(command.kind);
        return;
      case 'start':
        if (started) return;
        started = true;
        void runToEnd(command, signals, transport).then(exit);
        return;
      default:
        assertNever(command);
    }
  });
  transport.onClosed(exit); // whoever started the job is gone; parent-watch.ts sees to it where this thread is busy
  transport.send({ kind: 'ready' });
}

type Start = Extract<EngineCommand, { readonly kind: 'start' }>;

async function runToEnd(command: Start, signals: SignalBox, transport: Transport): Promise<void> {
  const emit = (event: EngineEvent): void => transport.send(event);
  try {
    chooseDevice(command);
    log.debug('jobs', `${command.job} with engine ${command.engine}, device ${command.device}`);
    const value = await runJob(command, {
      freeBytes: () => command.gpuFreeBytes ?? freeMemoryBytes(),
      onCard: command.gpuFreeBytes !== null,
      engine: command.engine,
      signals,
      emit,
    });
    emit({ kind: 'done', job: command.job, value });
  } catch (thrown) {
    if (!(thrown instanceof AppFailure)) log.error('jobs', `a fault in ${command.job}`, thrown);
    emit({ kind: 'failed', error: toAppError(thrown) });
  }
  await transport.flush();
}

/** The table of jobs is typed per name; at run time the command names its own input. */
function runJob(command: Start, context: JobContext): Promise<unknown> {
  const job = jobs[command.job] as (input: Start['input'], context: JobContext) => Promise<unknown>;
  return job(command.input, context);
}

function asCommand(message: unknown): EngineCommand | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  const { kind } = message;
  if (kind === 'pause' || kind === 'stop') return { kind };
  if (
    kind === 'start' &&
    'job' in message &&
    typeof message.job === 'string' &&
    Object.hasOwn(jobs, message.job) &&
    'input' in message
  )
    return message as Start;
  return null;
}
