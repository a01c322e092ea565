import { existsSync } from 'node:fs';
import { plainNumber } from '../../shared/length/length-words';
import { throwFailure } from '../../shared/result';
import type { ComparisonView } from '../../shared/views/comparison';
import { compareRuns, runView } from '../runs/run-views';
import { listBackups } from '../../store/backups';
import { lostRuns, recoverRuns } from '../runs/lost-runs';
import type { Services } from '../services';
import { findRun, type Command } from './context';
import { exitCodes, shown, table, type Output } from './output';

export const runs: Command = {
  usage: 'runs list | runs show RUN | runs delete RUN | runs recover',
  help:
    'The history of runs. RUN is an id, a unique beginning of one, or `last`. Recover lists runs again that only ' +
    'their folders know.',
  flags: [],
  words: [1, 2],
  run: async ({ args, output, services }) => {
    const [what, name] = args.words as readonly [string, string | undefined];
    if ((what === 'list' || what === 'recover') && name !== undefined)
      throwFailure('bad-input', `runs ${what} takes no run (${name}).`, 'runs show RUN tells of one run.');
    const open = services();
    if (what === 'list') {
      noteLost(open, output);
      const all = open.store.runs.list().map((run) => runView(open.store, run));
      output.result(all, () =>
        all.length === 0
          ? 'No runs yet.'
          : table(
              ['run', 'name', 'method', 'status', 'step', 'loss', 'length'],
              all.map((r) => [
                r.id,
                r.name,
                r.methodId,
                r.status,
                `${r.progress.step}`,
                shown(r.finalLoss),
                r.lengthVerdict ?? '–',
              ]),
            ),
      );
      return exitCodes.done;
    }
    if (what === 'recover') return recover(open, output);
    if (name === undefined)
      return throwFailure('bad-input', `runs ${what} needs a run.`, 'Give an id, a unique beginning of one, or last.');
    const run = findRun(open, name);
    if (what === 'delete') {
      await open.runs.delete(run.id);
      output.result({ deleted: run.id }, () => `Deleted ${run.id}.`);
      return exitCodes.done;
    }
    if (what !== 'show')
      return throwFailure(
        'bad-input',
        `There is no command runs ${what}.`,
        'Known: runs list, runs show RUN, runs delete RUN, runs recover.',
      );
    const { runData } = open.store;
    const metrics = Object.fromEntries(
      runData.metricNames(run.id).map((metric) => [metric, runData.raw(run.id, metric)]),
    );
    const view = runView(open.store, run);
    const value = {
      run: view,
      metrics,
      probes: runData.probes(run.id),
      checkpoints: runData.checkpoints(run.id, existsSync),
    };
    output.result(value, () =>
      [
        `${run.name} (${run.id}), ${run.status}${run.error ? `: ${run.error.message}` : ''}`,
        `model ${run.modelName}, data ${run.datasetName}, method ${run.methodId}, engine ${run.engine ?? '–'}`,
        ...view.length.map((verdict) => verdict.text),
        table(
          ['metric', 'last'],
          Object.entries(metrics).map(([metric, points]) => [metric, shown(points.at(-1)?.[1], 4)]),
        ),
      ].join('\n'),
    );
    return exitCodes.done;
  },
};

/** On stderr, so that a list stays a list. */
function noteLost(open: Services, output: Output): void {
  const lost = lostRuns(open);
  if (lost.length === 0) return;
  const backups = listBackups(open.folders.database);
  const what = lost.length === 1 ? 'One run folder is' : `${lost.length} run folders are`;
  const first = lost.slice(0, 5).map((run) => run.id);
  const ids = [...first, ...(lost.length > 5 ? ['…'] : [])].join(', ');
  output.note(`${what} in ${open.folders.runs} but not in this history: ${ids}.`);
  output.note(
    'npx sampo runs recover lists them again' +
      `${backups.length === 0 ? '' : '; npx sampo history backups shows older histories'}.`,
  );
}

function recover(open: Services, output: Output): number {
  const { added, left } = recoverRuns(open);
  const value = {
    added: added.map(({ id, name, status, progress }) => ({ id, name, status, step: progress.step })),
    left: left.map(({ id, folder, checkpoint }) => ({ id, folder, step: checkpoint?.step ?? null })),
  };
  output.result(value, () =>
    [
      added.length === 0
        ? 'No run was listed again.'
        : table(
            ['listed again', 'name', 'status', 'step'],
            value.added.map((run) => [run.id, run.name, run.status, `${run.step}`]),
          ),
      ...value.left.map(
        (run) =>
          `${run.folder} has a checkpoint of step ${run.step}, but does not say what was trained; it stays as it is.`,
      ),
    ].join('\n'),
  );
  return exitCodes.done;
}

export const compare: Command = {
  usage: 'compare RUN RUN…',
  help: 'Two or more runs side by side: what differs, their numbers, and what happened to length.',
  flags: [],
  words: [2, 8],
  run: ({ args, output, services }) => {
    const open = services();
    const chosen = args.words.map((name) => findRun(open, name));
    const view = compareRuns(open.store, chosen);
    const meanTokens = view.length.runs.map((r) => ({
      runId: r.runId,
      before: r.probeTokensBefore,
      after: r.probeTokensAfter,
    }));
    const value = {
      runs: view.runs,
      differences: view.differences,
      notes: view.notes,
      metrics: view.metrics,
      length: { meanTokens, verdict: view.length.verdict.text, runs: view.length.runs },
    };
    output.result(value, () =>
      [
        ...view.notes.map((note) => note.text),
        view.length.verdict.text,
        '',
        table(
          ['', ...view.runs.map((r) => r.name)],
          [
            ['final loss', ...view.runs.map((r) => shown(r.finalLoss))],
            ['held-out accuracy', ...view.length.runs.map((r) => shown(r.heldOutAccuracy))],
            ['accuracy, chosen longer', ...view.length.runs.map((r) => shown(r.accuracyChosenLonger))],
            ['accuracy, chosen shorter', ...view.length.runs.map((r) => shown(r.accuracyChosenShorter))],
            [
              'measured on',
              ...view.length.runs.map((r) =>
                r.pairs === 0 ? '–' : `${r.pairs} ${r.split === 'eval' ? 'held-out' : 'training'} pairs`,
              ),
            ],
            ['margin–length correlation', ...view.length.runs.map((r) => shownInterval(r))],
            ['probe tokens before', ...view.length.runs.map((r) => shown(r.probeTokensBefore))],
            ['probe tokens after', ...view.length.runs.map((r) => shown(r.probeTokensAfter))],
          ],
        ),
        '',
        ...view.differences.map((d) => `${d.path}: ${d.values.join(' | ')}`),
      ].join('\n'),
    );
    return Promise.resolve(exitCodes.done);
  },
};

/** A correlation is nothing without its interval. */
export const shownInterval = ({
  marginLengthCorrelation: r,
  marginLengthInterval: range,
}: ComparisonView['length']['runs'][number]): string =>
  r === null
    ? '–'
    : `${plainNumber(r, 2)}${range === null ? '' : ` (${plainNumber(range[0], 2)} to ${plainNumber(range[1], 2)})`}`;
