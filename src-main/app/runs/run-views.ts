import { existsSync } from 'node:fs';
import { answerGrowth } from '../../shared/length/answer-growth';
import { comparisonNotes, comparisonVerdict, distinctNames, type ComparedRun } from '../../shared/length/comparison';
import { largest, smallest } from '../../shared/extremes';
import type { RunId } from '../../shared/ids';
import { conditionalAccuracy, lengthCorrelation } from '../../shared/length/length-bias';
import { leadVerdict, runVerdicts, type LengthEvidence } from '../../shared/length/length-verdicts';
import { metricOf } from '../../shared/metrics/registry';
import { isActive } from '../../shared/runs/run-status';
import type { ComparisonView } from '../../shared/views/comparison';
import type { RunDetail, RunView, Verdict } from '../../shared/views/run';
import type { Store } from '../../store';
import type { RunRecord, RunSummary } from '../../store/runs';
import type { Folders } from '../folders';
import { folderBytes } from '../folder-size';
import { runSpecFile, trainCommand } from './spec-files';

/**
 * What a run's verdicts rest on, read from the store: the same for list, page, comparison, command line and model card.
 */
const lengthEvidence = (store: Store, id: RunId): LengthEvidence => ({
  ...store.runData.verdictPairs(id),
  growth: answerGrowth(store.runData.probes(id)),
});

/** A run's view is made at every report; its verdicts change with evaluations and probes only. */
const known = new WeakMap<Store, Map<RunId, { readonly version: string; readonly verdicts: readonly Verdict[] }>>();

function verdictsOf(store: Store, id: RunId): readonly Verdict[] {
  const ofStore =
    known.get(store) ?? new Map<RunId, { readonly version: string; readonly verdicts: readonly Verdict[] }>();
  known.set(store, ofStore);
  const version = store.runData.evidenceVersion(id);
  const before = ofStore.get(id);
  if (before?.version === version) return before.verdicts;
  const verdicts = runVerdicts(lengthEvidence(store, id));
  ofStore.set(id, { version, verdicts });
  return verdicts;
}

export function runView(store: Store, run: RunRecord): RunView {
  const {
    owner: _owner,
    problems: _problems,
    checkpointPath: _checkpoint,
    datasetHash: _data,
    modelHash: _model,
    queuedAt: _queued,
    reported: _reported,
    summary: _summary,
    ...shown
  } = run;
  const { length, finalLoss } = summaryOf(store, run);
  return { ...shown, length, lengthVerdict: leadVerdict(length)?.text ?? null, finalLoss };
}

/**
 * Raise it when the rules or words of verdicts change: what was noted of runs by older ones is then worked out again.
 */
const summaryVersion = 2;

/**
 * Noted with the run once it has ended, so that ten thousand runs are listed without reading what they reported. The
 * store forgets it at the next report.
 */
function summaryOf(store: Store, { id, status, summary }: RunRecord): RunSummary {
  if (summary?.version === summaryVersion) return summary;
  const made = { version: summaryVersion, length: verdictsOf(store, id), finalLoss: store.runData.last(id, 'loss') };
  try {
    if (!isActive(status)) store.runs.update(id, { summary: made });
  } catch {
    // a full disk, say: it is worked out again next time
  }
  return made;
}

export function runDetail(store: Store, folders: Folders, runDir: string, run: RunRecord): RunDetail {
  const probes = store.runData.probes(run.id);
  const prompts = [...new Map(probes.map((p) => [p.prompt, p.promptText])).entries()]
    .sort(([a], [b]) => a - b)
    .map(([, text]) => text);
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
  const called = distinctNames(runs);
  const views = runs.map((run, i) => ({ ...runView(store, run), name: called[i]! })); // as the sentences speak of them
  const compared = runs.map(
    (run, i): ComparedRun => ({
      ...lengthEvidence(store, run.id),
      name: called[i]!,
      probes: store.runData.probes(run.id),
      model: run.modelHash ?? run.spec.model.path,
      dataset: run.datasetHash ?? run.spec.dataset.path,
    }),
  );
  return {
    runs: views,
    differences: [...specDifferences(runs.map((run) => run.spec)), ...factDifferences(runs)],
    notes: comparisonNotes(compared, views),
    metrics: names.map((name) => {
      const series = runs.map((run) => store.runData.raw(run.id, name).map(([, value]) => value));
      const best = metricOf(name)?.better === 'lower' ? smallest : largest;
      return { name, last: series.map((values) => values.at(-1) ?? null), best: series.map((values) => best(values)) };
    }),
    length: {
      verdict: comparisonVerdict(compared),
      runs: runs.map((run, i) => {
        const { pairs, split, growth } = compared[i]!;
        const accuracy = conditionalAccuracy(pairs);
        const { margin, interval } = lengthCorrelation(pairs);
        return {
          runId: run.id,
          verdicts: views[i]!.length,
          pairs: pairs.length,
          split,
          probeTokensBefore: growth?.before ?? null,
          probeTokensAfter: growth?.after ?? null,
          marginLengthCorrelation: margin,
          marginLengthInterval: interval,
          accuracyChosenLonger: accuracy.chosenLonger.accuracy,
          accuracyChosenShorter: accuracy.chosenShorter.accuracy,
          heldOutAccuracy: store.runData.last(run.id, 'eval_rewards/accuracies'),
        };
      }),
    },
    probes: compared.map(({ probes }) => probes),
  };
}

/** What no spec says: the engine a run was computed with, and content that changed under the same path. */
function factDifferences(runs: readonly RunRecord[]): ComparisonView['differences'] {
  const facts = [
    { path: 'engine', values: runs.map((run) => run.engine ?? '–') },
    { path: 'dataset.content', values: runs.map((run) => run.datasetHash?.slice(0, 12) ?? '–') },
    { path: 'model.content', values: runs.map((run) => run.modelHash?.slice(0, 12) ?? '–') },
  ];
  return facts.filter(({ values }) => new Set(values.filter((value) => value !== '–')).size > 1);
}

/** Leaves of the specs that are not equal everywhere. */
export function specDifferences(specs: readonly unknown[]): ComparisonView['differences'] {
  const flat = specs.map((spec) => new Map(leaves(spec, '')));
  const paths = [...new Set(flat.flatMap((m) => [...m.keys()]))].sort();
  return paths
    .map((path) => ({ path, values: flat.map((m) => m.get(path) ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}

function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}
