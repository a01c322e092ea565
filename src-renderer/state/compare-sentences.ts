import type { MetricName } from '../../src-main/shared/metrics/registry';
import type { Range, XY } from './chart-math';
import { formatCorrelation, formatNumber, formatPercent } from './format';

export interface CompareChartSpec {
  readonly id: string;
  readonly title: string;
  /** Name of the series; null: mean length of probe answers. */
  readonly name: MetricName | null;
  readonly yLabel: string;
  readonly kind: 'number' | 'percent' | 'correlation';
  readonly range?: Range;
  readonly includesZero?: boolean;
  readonly isSmoothed?: boolean;
  readonly hasDots?: boolean;
}

/** Values of noisy series are means of this many last points. */
const window = 10;

/** More lines than this are told by their lowest and highest. */
const namedRuns = 3;
const nameLength = 28;
const shortName = (label: string): string =>
  label.length <= nameLength ? label : `${label.slice(0, nameLength - 1).trimEnd()}…`;

/** Says where each line stands; judging is left to the verdict, which knows intervals. */
export function compareSentence(
  chart: CompareChartSpec,
  series: readonly { readonly label: string; readonly points: readonly XY[] }[],
): string | null {
  const format =
    chart.kind === 'percent'
      ? (v: number) => formatPercent(v)
      : chart.kind === 'correlation'
        ? formatCorrelation
        : (v: number) => formatNumber(v);
  const known = series.filter(({ points }) => points.length > 0);
  if (known.length === 0) return null;
  const count = chart.isSmoothed === true ? window : 1;
  const ends = known.map(({ label, points }) => {
    const last = points.slice(-count);
    return {
      label: shortName(label),
      first: points.length > 1 ? (points[0]?.y ?? null) : null,
      value: last.reduce((sum, p) => sum + p.y, 0) / last.length,
    };
  });
  const basis =
    chart.name === null ? 'Mean tokens, first to last' : count > 1 ? `Mean of the last ${count} steps` : 'Last value';
  if (ends.length > namedRuns) {
    const sorted = [...ends].sort((a, b) => a.value - b.value);
    const [lowest, highest] = [sorted[0], sorted.at(-1)];
    if (lowest === undefined || highest === undefined) return null;
    return (
      `${chart.name === null ? 'Mean tokens now' : basis}: from ${format(lowest.value)} (${lowest.label}) to ` +
      `${format(highest.value)} (${highest.label}).`
    );
  }
  const parts = ends.map(({ label, first, value }) =>
    chart.name === null && first !== null
      ? `${label} ${format(first)} → ${format(value)}`
      : `${label} ${format(value)}`,
  );
  return `${basis}: ${parts.join(', ')}.`;
}
