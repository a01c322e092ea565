import type { ComparisonView } from '../../src-main/shared/views/comparison';
import type { RunView, SeriesByName, SeriesPoint } from '../../src-main/shared/views/run';
import { promptKeys } from '../../src-main/shared/length/answer-growth';
import { groupBy } from '../../src-main/shared/group-by';
import type { ProbeSample } from '../../src-main/shared/metrics/reports';
import type { XY } from './chart-math';
import { formatCorrelation, formatCount, formatDuration, formatNumber, formatPercent, none } from './format';
import { runTime } from './run-words';

export interface CompareRow {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly cells: readonly string[];
  readonly exact: readonly (number | null)[];
}

/** The small table on top of Compare: a column a run. */
export function compareRows(view: ComparisonView, now: number): readonly CompareRow[] {
  const lengthOf = (index: number): ComparisonView['length']['runs'][number] | undefined =>
    view.length.runs.find((row) => row.runId === view.runs[index]?.id);
  const row = (
    id: string,
    label: string,
    help: string,
    pick: (run: RunView, index: number) => number | null,
    format: (value: number | null) => string,
  ): CompareRow => {
    const exact = view.runs.map(pick);
    return { id, label, help, exact, cells: exact.map(format) };
  };
  const tokens = (value: number | null): string => (value === null ? none : value.toFixed(value < 100 ? 1 : 0));
  const basis = [
    ...new Set(
      view.length.runs
        .filter((one) => one.pairs > 0)
        .map((one) => `${formatCount(one.pairs)} ${one.split === 'eval' ? 'held-out' : 'training'} pairs`),
    ),
  ].join(', ');
  const measured = basis === '' ? '' : ` Measured on ${basis}.`;
  return [
    {
      id: 'probes',
      label: 'Probe answers, tokens',
      help: 'Mean length of the answers to the fixed prompts, before training and now.',
      exact: view.runs.map((_, i) => lengthOf(i)?.probeTokensAfter ?? null),
      cells: view.runs.map((_, i) => {
        const { probeTokensBefore: before = null, probeTokensAfter: after = null } = lengthOf(i) ?? {};
        if (before === null && after === null) return none;
        const change = before !== null && after !== null && before > 0 ? ` (${signedPercent(after / before - 1)})` : '';
        return `${tokens(before)} → ${tokens(after)}${change}`;
      }),
    },
    row(
      'accuracy',
      'Held-out accuracy',
      'Share of held-out pairs whose chosen answer has the higher reward.',
      (_, i) => lengthOf(i)?.heldOutAccuracy ?? null,
      (v) => formatPercent(v),
    ),
    row(
      'shorter',
      'Accuracy, chosen shorter',
      `The same where the chosen answer is the shorter one: what length bias costs shows here.${measured}`,
      (_, i) => lengthOf(i)?.accuracyChosenShorter ?? null,
      (v) => formatPercent(v),
    ),
    row(
      'longer',
      'Accuracy, chosen longer',
      `The same where the chosen answer is the longer one.${measured}`,
      (_, i) => lengthOf(i)?.accuracyChosenLonger ?? null,
      (v) => formatPercent(v),
    ),
    {
      id: 'correlation',
      label: 'Margin follows Δ length',
      help:
        'Pearson correlation of the margin with chosen minus rejected tokens, with its 95 % interval. 0 is none; ' +
        `where longer answers are better by more, some of it is deserved.${measured}`,
      exact: view.runs.map((_, i) => lengthOf(i)?.marginLengthCorrelation ?? null),
      cells: view.runs.map((_, i) => {
        const { marginLengthCorrelation: r = null, marginLengthInterval: range = null } = lengthOf(i) ?? {};
        return `${formatCorrelation(r)}${range === null ? '' : ` (${formatCorrelation(range[0])} to ${formatCorrelation(range[1])})`}`;
      }),
    },
    row(
      'loss',
      'Final loss',
      'The training loss of the last step. Losses of different methods are not on one scale.',
      (run) => run.finalLoss,
      (v) => formatNumber(v),
    ),
    row('time', 'Time', 'From the start of the engine to the end.', (run) => runTime(run, now), formatDuration),
  ];
}

const signedPercent = (share: number): string =>
  `${share > 0 && !/^0\D*$/.test(formatPercent(share)) ? '+' : ''}${formatPercent(share)}`;

export type CompareAxis = 'step' | 'pairs' | 'time';

/** Where a step lies on the chosen axis. Time is the sum of the steps' own times, so pauses do not stretch it. */
export function axisOf(axis: CompareAxis, run: RunView, series: SeriesByName): (step: number) => number {
  if (axis === 'pairs') return (step) => step * run.spec.training.pairsPerStep;
  if (axis === 'step') return (step) => step;
  const times = series['perf/step_ms'] ?? [];
  const sums: { readonly step: number; readonly seconds: number }[] = [];
  let total = 0;
  let before = 0;
  for (const point of times) {
    total += ((point.step - before) * point.value) / 1000;
    before = point.step;
    sums.push({ step: point.step, seconds: total });
  }
  return (step) => sums.find((sum) => sum.step >= step)?.seconds ?? total;
}

export const toXY = (
  points: readonly SeriesPoint[] | undefined,
  place: (step: number) => number = (step) => step,
): readonly XY[] =>
  (points ?? []).map(({ step, value, min, max }) =>
    min === max ? { x: place(step), y: value } : { x: place(step), y: value, min, max },
  );

/** One prompt, told by its text: the newest answer of each run, and what each said before training. */
export interface AnswerRow {
  readonly key: string;
  readonly promptText: string;
  /** By run: the prompt is among its own. */
  readonly asked: readonly boolean[];
  readonly before: readonly (ProbeSample | null)[];
  /** The answer before training where all runs that gave one gave the same; null where they part (other models). */
  readonly common: ProbeSample | null;
  readonly after: readonly (ProbeSample | null)[];
  /** Whether runs trained on the prompt; null where that was not written down. */
  readonly trained: string | null;
}

/** Prompts that all runs share come first. */
export function answerRows(probes: readonly (readonly ProbeSample[])[]): readonly AnswerRow[] {
  const byRun = probes.map(newestByPrompt);
  const keys = [...new Set(byRun.flatMap((run) => [...run.keys()]))];
  const rows = keys.map((key): AnswerRow => {
    const own = byRun.map((run) => run.get(key));
    const before = own.map((one) => one?.before ?? null);
    const first = before.find((sample) => sample !== null) ?? null;
    const isCommon = before.every((sample) => sample === null || sample.text === first?.text);
    const any = own.find((one) => one !== undefined)!;
    return {
      key,
      promptText: (any.before ?? any.after)!.promptText,
      asked: own.map((one) => one !== undefined),
      before,
      common: isCommon ? first : null,
      after: own.map((one) => one?.after ?? null),
      trained: trainedText(own.map((one) => (one?.after ?? one?.before)?.trained)),
    };
  });
  return rows.toSorted((a, b) => Number(b.asked.every(Boolean)) - Number(a.asked.every(Boolean)));
}

function newestByPrompt(
  samples: readonly ProbeSample[],
): ReadonlyMap<string, { readonly before: ProbeSample | null; readonly after: ProbeSample | null }> {
  const found = new Map<string, { readonly before: ProbeSample | null; readonly after: ProbeSample | null }>();
  const rounds = [...groupBy(samples, (s) => s.step)].sort(([a], [b]) => a - b);
  for (const [step, round] of rounds) {
    for (const [key, sample] of promptKeys(round)) {
      const known = found.get(key) ?? { before: null, after: null };
      found.set(key, step === 0 ? { ...known, before: sample } : { ...known, after: sample });
    }
  }
  return found;
}

/** Whether the runs that asked a prompt trained on it; null where none wrote that down. */
export function trainedText(trained: readonly (boolean | undefined)[]): string | null {
  const known = trained.filter((one) => one !== undefined);
  if (known.length === 0) return null;
  if (known.every((one) => !one)) return 'never trained on';
  return known.every(Boolean) ? 'trained on' : 'trained on by some of the runs';
}

/** Blind mode: the order of columns differs from row to row, the same for one seed. */
export function blindOrder(count: number, row: number, seed: number): readonly number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  let state = (seed ^ Math.imul(row + 1, 0x9e3779b1)) >>> 0;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    const j = (state >>> 8) % (i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}
