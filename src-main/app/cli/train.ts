import { readFileSync } from 'node:fs';
import type { RunId } from '../../shared/ids';
import { appError, throwFailure, messageOf } from '../../shared/result';
import { checkRunSpec } from '../../shared/spec/run-spec-check';
import { isActive } from '../../shared/runs/run-status';
import type { RunSpec } from '../../shared/spec/run-spec';
import type { RunRecord } from '../../store/runs';
import type { RunEvents } from '../runs/run-events';
import { runView } from '../runs/run-views';
import { pathNames, type Services } from '../services';
import type { Output } from './output';
import { exitCodeOf, exitCodes, shown } from './output';
import { findRun, type Command } from './context';

export const train: Command = {
  usage: 'train --spec FILE | train --resume RUN',
  help:
    'Trains what a run spec says (paths in it count from the current folder), or goes on with a run from its last ' +
    'checkpoint. Ctrl-C saves and stops.',
  flags: [
    { name: 'spec', value: 'FILE' },
    { name: 'resume', value: 'RUN' },
  ],
  words: [0, 0],
  run: async ({ args, output, services }) => {
    const [file, resume] = [args.flag('spec'), args.flag('resume')];
    if ((file === null) === (resume === null))
      throwFailure(
        'bad-input',
        'Give either --spec FILE or --resume RUN.',
        'npx sampo spec --example prints a spec to start from.',
      );
    const spec = file === null ? null : readSpec(file);
    const open = services(eventStream(output));
    if (spec) {
      const id = open.runs.create(spec, pathNames(spec));
      open.runs.start(id);
      output.event({ event: 'run', runId: id });
      return follow(open, output, [id]);
    }
    const { id } = findRun(open, resume!);
    open.runs.resume(id); // refused or begun, before anything is said
    output.event({ event: 'run', runId: id });
    return follow(open, output, [id]);
  },
};

export function readSpec(file: string): RunSpec {
  const text = (() => {
    try {
      return readFileSync(file, 'utf8');
    } catch (thrown) {
      return throwFailure('bad-spec', `The run spec ${file} cannot be read: ${messageOf(thrown)}`, 'Check the path.', {
        file,
      });
    }
  })();
  const json = (() => {
    try {
      return JSON.parse(text) as unknown;
    } catch (thrown) {
      return throwFailure(
        'bad-spec',
        `The run spec ${file} is not JSON: ${messageOf(thrown)}`,
        'npx sampo spec --example prints a complete one.',
        { file },
      );
    }
  })();
  const checked = checkRunSpec(json);
  return checked.ok
    ? checked.value
    : throwFailure(checked.error.code, checked.error.message, checked.error.hint, checked.error.details);
}

/** One Ctrl-C arrives several times: the terminal signals its whole group, and npx and our starter pass theirs on. */
const samePressMs = 1000;
/** A person's, a supervisor's, and that of a terminal that was closed. */
export const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Waits for runs to end in turn. The first Ctrl-C asks to save and stop, the second ends at once. */
export async function follow({ runs, store }: Services, output: Output, ids: readonly RunId[]): Promise<number> {
  let askedAt: number | null = null;
  const interrupt = (): void => {
    if (askedAt !== null && Date.now() - askedAt < samePressMs) return;
    if (askedAt !== null) process.exit(exitCodes.stopped);
    askedAt = Date.now();
    output.note('Saving and stopping; press Ctrl-C again to end at once.');
    for (const id of ids) if (['queued', 'preparing', 'running'].includes(runs.get(id).status)) runs.stop(id);
  };
  for (const signal of endings) process.on(signal, interrupt);
  try {
    for (const id of ids) {
      const run = await runs.whenEnded(id);
      finalStatus(output, run);
      if (run.status !== 'finished') await stopAll(runs, ids);
      if (run.status === 'stopped' || run.status === 'paused') {
        if (!output.json)
          output.note(
            `${run.name} ${run.status} after step ${run.progress.step}. npx sampo train --resume ${id} goes on.`,
          );
        return exitCodes.stopped;
      }
      if (run.status !== 'finished') {
        const error =
          run.error ??
          appError('engine-failed', `The run ended as ${run.status}.`, 'npx sampo runs show last tells more.');
        if (!output.json) output.error(error); // the last event has said it
        return error.code === 'no-space' ? exitCodes.failed : exitCodeOf(error);
      }
      if (output.json) continue;
      const end = `${run.name} finished: loss ${shown(store.runData.last(id, 'loss'))}.`;
      const { lengthVerdict } = runView(store, run);
      output.note(lengthVerdict === null ? end : `${end} ${lengthVerdict}`);
    }
    return exitCodes.done;
  } finally {
    for (const signal of endings) process.off(signal, interrupt);
  }
}

/** One run of several did not get to its end: the others have nothing to be compared with. */
async function stopAll(runs: Services['runs'], ids: readonly RunId[]): Promise<void> {
  for (const id of ids) {
    if (isActive(runs.get(id).status) && runs.get(id).status !== 'stopping') runs.stop(id);
    await runs.whenEnded(id);
  }
}

/** The last line of the stream; a failure carries its error there, so stdout stays one JSON object a line. */
const finalStatus = (output: Output, { status, error }: RunRecord): void =>
  output.event({ event: 'status', status, ...(error ? { error } : {}) });

/** Events of docs/contract.md on stdout, or a progress line. */
export function eventStream(output: Output): RunEvents {
  const phases = new Map<string, string>();
  return {
    changed: (run) => {
      const { phase, done, total } = run.progress;
      const key = `${phase} ${done}`;
      if (run.status !== 'preparing' || phase === null || phases.get(run.id) === key) return;
      phases.set(run.id, key);
      output.event({ event: 'status', status: 'preparing', phase, done, total });
      output.progress(`${run.name}: ${phase} ${done} of ${total}`);
    },
    removed: () => undefined,
    metrics: ({ step, epoch, values, runId }) => {
      output.event({ event: 'metrics', step, epoch, values });
      const margin = values['rewards/margins'];
      if (values.loss !== undefined)
        output.progress(
          `${runId} step ${step}: loss ` +
            `${shown(values.loss)}${margin === undefined ? '' : `, margin ${shown(margin)}`}, ` +
            `${shown(values['perf/pairs_per_second'])} pairs/s`,
        );
    },
    probe: (_id, { step, prompt, text, tokens, finish }) =>
      output.event({ event: 'probe', step, prompt, text, tokens, finish }),
    checkpoint: (_id, step) => output.event({ event: 'checkpoint', step }),
    problem: (_id, message) => output.note(message),
  };
}
