import { existsSync } from 'node:fs';
import { largest, smallest } from '../shared/extremes';
import type { RunId } from '../shared/ids';
import { answerGrowth, conditionalAccuracy, lengthCorrelation } from '../shared/length-bias';
import { comparisonVerdict, runVerdict } from '../shared/length-verdicts';
import type { ComparisonView, RunDetail, RunView } from '../shared/views';
import type { Store } from '../store';
import type { RunRecord } from '../store/runs';
import type { Folders } from './folders';
import { folderBytes } from './folder-size';
import { runSpecFile, trainCommand } from './spec-files';

/** Pairs of the newest steps that verdicts on a run look at: enough for a steady correlation, few enough to follow training. */
const recentPairs = 256;

export function runView(store: Store, run: RunRecord): RunView {
  const { owner: _owner, problems: _problems, checkpointPath: _checkpoint, ...shown } = run;
  const growth = answerGrowth(store.runData.probes(run.id));
  const correlation = lengthCorrelation(pairsFor(store, run.id));
  return { ...shown, lengthVerdict: runVerdict(growth, correlation)?.text ?? null, finalLoss: store.runData.last(run.id, 'loss') };
}

/** Held-out pairs of the last evaluation where there are any, otherwise the newest training pairs. */
function pairsFor(store: Store, id: RunId): ReturnType<Store['runData']['pairs']> {
  const all = store.runData.pairs(id, 0, 4 * recentPairs);
  const evaluated = all.filter((p) => p.split === 'eval');
  const lastEval = evaluated.filter((p) => p.step === evaluated.at(-1)?.step);
  return lastEval.length >= 50 ? lastEval : all.filter((p) => p.split === 'train').slice(-recentPairs);
}

export function runDetail(store: Store, folders: Folders, runDir: string, run: RunRecord): RunDetail {
  const probes = store.runData.probes(run.id);
  const prompts = [...new Map(probes.map((p) => [p.prompt, p.promptText])).entries()].sort(([a], [b]) => a - b).map(([, text]) => text);
  return {
    run: runView(store, run),
    probes,
    checkpoints: store.runData.checkpoints(run.id, existsSync).map(({ path: _path, ...view }) => view),
    exports: store.exports.ofRun(run.id),
    problems: run.problems,
    metricNames: store.runData.metricNames(run.id),
    lastSeq: store.runData.lastSeq(run.id),
    files: { folder: runDir, bytes: folderBytes(runDir) },
    command: trainCommand(folders.home, runSpecFile(runDir, run.spec)),
    probePrompts: prompts,
  };
}

export function compareRuns(store: Store, runs: readonly RunRecord[]): ComparisonView {
  const names = [...new Set(runs.flatMap((run) => store.runData.metricNames(run.id)))].sort();
  const probes = runs.map((run) => store.runData.probes(run.id));
  const points = runs.map((run) => pairsFor(store, run.id));
  const growth = probes.map((samples) => answerGrowth(samples));
  const correlation = points.map((p) => lengthCorrelation(p));
  return {
    runs: runs.map((run) => runView(store, run)),
    differences: specDifferences(runs.map((run) => run.spec)),
    metrics: names.map((name) => {
      const series = runs.map((run) => store.runData.raw(run.id, name).map(([, value]) => value));
      const best = isLowerBetter(name) ? smallest : largest;
      return { name, last: series.map((values) => values.at(-1) ?? null), best: series.map((values) => best(values)) };
    }),
    length: {
      verdict: comparisonVerdict(runs.map((run, i) => ({ name: run.name, growth: growth[i]!, correlation: correlation[i]! }))),
      runs: runs.map((run, i) => {
        const accuracy = conditionalAccuracy(points[i]!);
        return {
          runId: run.id,
          probeTokensBefore: growth[i]?.before ?? null,
          probeTokensAfter: growth[i]?.after ?? null,
          marginLengthCorrelation: correlation[i]!.margin,
          accuracyChosenLonger: accuracy.chosenLonger.accuracy,
          accuracyChosenShorter: accuracy.chosenShorter.accuracy,
          heldOutAccuracy: store.runData.last(run.id, 'eval_rewards/accuracies'),
        };
      }),
    },
    probes,
    probePrompts: [...new Map(probes.flat().map((p) => [p.prompt, p.promptText])).entries()].sort(([a], [b]) => a - b).map(([, text]) => text),
  };
}

const isLowerBetter = (name: string): boolean => /loss|grad_norm|step_ms|rss/.test(name);

/** Leaves of the specs that are not equal everywhere. */
export function specDifferences(specs: readonly unknown[]): ComparisonView['differences'] {
  const flat = specs.map((spec) => new Map(leaves(spec, '')));
  const paths = [...new Set(flat.flatMap((m) => [...m.keys()]))].sort();
  return paths.map((path) => ({ path, values: flat.map((m) => m.get(path) ?? '–') })).filter(({ values }) => new Set(values).size > 1);
}

function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}
