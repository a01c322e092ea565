import type { ComparisonView, RunView, SeriesByName, SeriesPoint } from '../../src-main/shared/views';
import type { ProbeSample } from '../../src-main/shared/metrics';
import type { XY } from './chart-math';
import { formatCorrelation, formatDuration, formatNumber, formatPercent, none } from './format';
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
  const lengthOf = (index: number): ComparisonView['length']['runs'][number] | undefined => view.length.runs.find((row) => row.runId === view.runs[index]?.id);
  const row = (id: string, label: string, help: string, pick: (run: RunView, index: number) => number | null, format: (value: number | null) => string): CompareRow => {
    const exact = view.runs.map(pick);
    return { id, label, help, exact, cells: exact.map(format) };
  };
  const tokens = (value: number | null): string => (value === null ? none : value.toFixed(value < 100 ? 1 : 0));
  return [
    row('loss', 'Final loss', 'The training loss of the last step. Losses of different methods are not on one scale.', (run) => run.finalLoss, (v) => formatNumber(v)),
    row('accuracy', 'Held-out accuracy', 'Share of held-out pairs whose chosen answer has the higher reward.', (_, i) => lengthOf(i)?.heldOutAccuracy ?? null, (v) => formatPercent(v)),
    row('longer', 'Accuracy, chosen longer', 'The same where the chosen answer is the longer one.', (_, i) => lengthOf(i)?.accuracyChosenLonger ?? null, (v) => formatPercent(v)),
    row('shorter', 'Accuracy, chosen shorter', 'The same where the chosen answer is the shorter one. A gap between both means that length decides.', (_, i) => lengthOf(i)?.accuracyChosenShorter ?? null, (v) => formatPercent(v)),
    row('correlation', 'Margin follows Δ length', 'Pearson correlation of the margin with chosen minus rejected tokens: 0 is none, 1 is full.', (_, i) => lengthOf(i)?.marginLengthCorrelation ?? null, formatCorrelation),
    {
      id: 'probes',
      label: 'Probe answers, tokens',
      help: 'Mean length of the answers to the fixed prompts, before training and now.',
      exact: view.runs.map((_, i) => lengthOf(i)?.probeTokensAfter ?? null),
      cells: view.runs.map((_, i) => {
        const { probeTokensBefore: before = null, probeTokensAfter: after = null } = lengthOf(i) ?? {};
        if (before === null && after === null) return none;
        const change = before !== null && after !== null && before > 0 ? ` (${after >= before ? '+' : ''}${formatPercent(after / before - 1)})` : '';
        return `${tokens(before)} → ${tokens(after)}${change}`;
      }),
    },
    row('time', 'Time', 'From the start of the engine to the end.', (run) => runTime(run, now), formatDuration),
  ];
}

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

export const toXY = (points: readonly SeriesPoint[] | undefined, place: (step: number) => number = (step) => step): readonly XY[] =>
  (points ?? []).map(({ step, value, min, max }) => (min === max ? { x: place(step), y: value } : { x: place(step), y: value, min, max }));

/** Newest complete answer of each run to a prompt, and the one before training. */
export interface AnswerRow {
  readonly prompt: number;
  readonly promptText: string;
  readonly before: ProbeSample | null;
  readonly after: readonly (ProbeSample | null)[];
}

export function answerRows(probes: readonly (readonly ProbeSample[])[], prompts: readonly string[]): readonly AnswerRow[] {
  const ids = [...new Set(probes.flatMap((samples) => samples.map((s) => s.prompt)))].sort((a, b) => a - b);
  return ids.map((prompt) => {
    const own = probes.map((samples) => samples.filter((s) => s.prompt === prompt).sort((a, b) => a.step - b.step));
    const newest = own.map((samples) => samples.findLast((s) => s.step > 0) ?? null);
    const before = own.flatMap((samples) => samples.filter((s) => s.step === 0))[0] ?? null;
    return { prompt, promptText: own.flat()[0]?.promptText ?? prompts[prompt] ?? '', before, after: newest };
  });
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
