import { answerRounds, isSameAnswer, type AnswerGrowth } from './answer-growth';
import { groupBy } from '../group-by';
import { lowerFirst, plainNumber, plural, tokenRange } from './length-words';
import { answerVerdict, leadVerdict, lengthThresholds, runVerdicts, type LengthEvidence } from './length-verdicts';
import type { ProbeSample } from '../metrics/reports';
import { excludesZero, meanInterval, type MeanInterval } from '../statistics';
import type { ComparisonNote } from '../views/comparison';
import type { RunView, Verdict } from '../views/run';

/** A run as a comparison sees it. */
export interface ComparedRun extends LengthEvidence {
  readonly name: string;
  readonly probes: readonly ProbeSample[];
  /** What tells model and data apart: their content where it was written down, otherwise where they lie. */
  readonly model: string;
  readonly dataset: string;
}

/** Names as a comparison speaks of its runs: two of one name get their number with it. */
export function distinctNames(runs: readonly { readonly name: string; readonly ordinal: number }[]): readonly string[] {
  const counts = groupBy(runs, (run) => run.name);
  return runs.map((run) => (counts.get(run.name)!.length > 1 ? `${run.name} (run ${run.ordinal})` : run.name));
}

/**
 * One sentence a run, the same that its own page leads with; then how the answers of two runs differ on the prompts
 * they share.
 */
export function comparisonVerdict(runs: readonly ComparedRun[]): Verdict {
  const measured = runs.filter((run): run is ComparedRun & { readonly growth: AnswerGrowth } => run.growth !== null);
  if (measured.length === 0) {
    const verdicts = runs.map((run) => leadVerdict(runVerdicts(run)));
    const text = runs
      .map((run, i) => `${run.name}: ${lowerFirst(verdicts[i]?.text ?? 'Nothing about length is measured yet.')}`)
      .join(' ');
    return {
      kind: 'pairs',
      text,
      basis: `${verdicts.find((v) => v !== null)?.basis ?? 'nothing yet'}; no probes were answered`,
      level: levelOf(verdicts),
    };
  }
  const verdicts = measured.map((run) => answerVerdict(run.growth, `${run.name}’s answers`));
  const counts = [...new Set(measured.map((run) => run.growth.probes))];
  const opening = counts.length === 1 ? `On ${plural(counts[0]!, 'probe')} ` : '';
  const missing = runs.filter((run) => run.growth === null).map((run) => run.name);
  const rest = missing.length > 0 ? [`No probe answers yet from ${missing.join(', ')}.`] : [];
  const text = `${opening}${[...verdicts.map((v) => v.text), ...differenceText(measured), ...rest].join(' ')}`;
  return {
    kind: 'answers',
    text,
    basis: `${[...new Set(verdicts.map((v) => v.basis))].join('; ')}; intervals of 95 %`,
    level: levelOf(verdicts),
  };
}

const levelOf = (verdicts: readonly (Verdict | null)[]): Verdict['level'] =>
  verdicts.some((v) => v?.level === 'warning')
    ? 'warning'
    : verdicts.every((v) => v?.level === 'good')
      ? 'good'
      : 'neutral';

/** Newest answers of both runs to the prompts that both have, paired by the prompt's text. */
export function answerDifference(
  first: readonly ProbeSample[],
  second: readonly ProbeSample[],
): {
  readonly shared: number;
  readonly cut: number;
  readonly same: number;
  readonly difference: MeanInterval | null;
} {
  const [a, b] = [answerRounds(first)?.after, answerRounds(second)?.after];
  const pairs = [...(a ?? [])].flatMap(([key, sample]) => {
    const other = b?.get(key);
    return other === undefined ? [] : [{ sample, other }];
  });
  const cut = pairs.filter(({ sample, other }) => sample.finish === 'length' || other.finish === 'length').length;
  const same = pairs.filter(({ sample, other }) => isSameAnswer(sample, other)).length;
  return {
    shared: pairs.length,
    cut,
    same,
    difference: meanInterval(pairs.map(({ sample, other }) => sample.tokens - other.tokens)),
  };
}

/** Two runs side by side; tokens of different models are not one unit, and answers cut at a limit tell nothing. */
function differenceText(runs: readonly ComparedRun[]): readonly string[] {
  const [first, second] = runs;
  if (runs.length !== 2 || first === undefined || second === undefined || first.model !== second.model) return [];
  const { shared, cut, same, difference } = answerDifference(first.probes, second.probes);
  if (shared > 0 && same === shared)
    return [`On the ${plural(shared, 'prompt')} they share the two give the same answers, word for word.`];
  if (shared < lengthThresholds.minProbes || difference === null || cut > lengthThresholds.cutAnswers * shared)
    return [];
  const interval = [difference.low, difference.high] as const;
  const where = `On the ${plural(shared, 'prompt')} they share`;
  if (difference.low === 0 && difference.high === 0) return [`${where} the two give answers of the same lengths.`];
  if (!excludesZero(interval))
    return [
      `${where} the two do not visibly differ (${plainNumber(Math.abs(difference.mean), 1)} tokens apart, ` +
        `${tokenRange(interval)}).`,
    ];
  const [longer, shorter] = difference.mean > 0 ? [first, second] : [second, first];
  const range = difference.mean > 0 ? interval : ([-interval[1], -interval[0]] as const);
  return [
    `${where} ${longer.name}’s answers are ${plainNumber(Math.abs(difference.mean), 1)} tokens longer than ` +
      `${shorter.name}’s (${tokenRange(range)}).`,
  ];
}

const groupsOf = <T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] => [
  ...groupBy(items, key).values(),
];

const listed = (groups: readonly (readonly ComparedRun[])[], name: (run: ComparedRun) => string): string =>
  groups
    .map((group) => `${group.map((run) => run.name).join(', ')} on ${group[0] === undefined ? '' : name(group[0])}`)
    .join('; ');

/** What stands on top of a comparison because every number below has to be read with it. */
export function comparisonNotes(runs: readonly ComparedRun[], views: readonly RunView[]): readonly ComparisonNote[] {
  const viewOf = (run: ComparedRun): RunView | undefined => views[runs.indexOf(run)];
  const notes: ComparisonNote[] = [];
  const byModel = groupsOf(runs, (run) => run.model);
  const byData = groupsOf(runs, (run) => run.dataset);
  const names = (
    groups: readonly (readonly ComparedRun[])[],
    of: (view: RunView | undefined) => string,
    path: (view: RunView | undefined) => string,
  ): string => {
    const shown = groups.map((group) => of(viewOf(group[0]!)));
    const isAmbiguous = new Set(shown).size < shown.length; // two files of one name
    return listed(groups, (run) => (isAmbiguous ? `${of(viewOf(run))} (${path(viewOf(run))})` : of(viewOf(run))));
  };
  if (byModel.length > 1)
    notes.push({
      level: 'warning',
      text: `Different models: ${names(
        byModel,
        (v) => v?.modelName ?? '',
        (v) => v?.spec.model.path ?? '',
      )}. Losses, rewards and token counts are not on one scale.`,
    });
  if (byData.length > 1)
    notes.push({
      level: 'warning',
      text: `Different data: ${names(
        byData,
        (v) => v?.datasetName ?? '',
        (v) => v?.spec.dataset.path ?? '',
      )}. Accuracies, correlations and losses were measured on different pairs.`,
    });
  if (byData.length === 1 && runs.some((run) => run.split === 'eval')) {
    const splits = new Set(
      views.map(({ spec: { dataset, training } }) =>
        JSON.stringify([dataset.evalFraction, dataset.limit, training.seed, training.maxLength, training.truncation]),
      ),
    );
    if (splits.size > 1)
      notes.push({
        level: 'neutral',
        text: 'Seed, share held out, limit or longest pair differ: these runs were not tested on quite the same pairs.',
      });
  }
  if (new Set(runs.filter((run) => run.pairs.length > 0).map((run) => run.split)).size > 1)
    notes.push({
      level: 'warning',
      text:
        'Some runs were measured on held-out pairs, others on pairs they trained on: their accuracies and ' +
        'correlations cannot be compared.',
    });
  const prompts = promptNote(runs);
  return prompts === null ? notes : [...notes, prompts];
}

function promptNote(runs: readonly ComparedRun[]): ComparisonNote | null {
  const sets = runs.filter((run) => run.probes.length > 0).map((run) => new Set(run.probes.map((s) => s.promptText)));
  if (sets.length < 2) return null;
  const all = new Set(sets.flatMap((set) => [...set]));
  const shared = [...all].filter((text) => sets.every((set) => set.has(text)));
  if (shared.length === all.size) return null;
  if (shared.length === 0)
    return {
      level: 'warning',
      text:
        'These runs share no probe prompt: their answers are to different questions, so lengths are compared with ' +
        'each run’s own answers before training only.',
    };
  return {
    level: 'neutral',
    text: `${shared.length} of ${all.size} probe prompts were answered by every run; the others stand alone below.`,
  };
}
