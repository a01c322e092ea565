import type { Range, XY } from './chart-math';
import { formatCorrelation, formatNumber, formatPercent } from './format';

export interface CompareChartSpec {
  readonly id: string;
  readonly title: string;
  /** Name of the series; null: mean length of probe answers. */
  readonly name: string | null;
  readonly yLabel: string;
  readonly kind: 'number' | 'percent' | 'correlation';
  readonly range?: Range;
  readonly includesZero?: boolean;
  readonly isSmoothed?: boolean;
  readonly hasDots?: boolean;
}

/** Values of noisy series are means of this many last points. */
const window = 10;

/** Says where each line stands; judging is left to the verdict, which knows intervals. */
export function compareSentence(chart: CompareChartSpec, series: readonly { readonly label: string; readonly points: readonly XY[] }[]): string | null {
  const format = chart.kind === 'percent' ? (v: number) => formatPercent(v) : chart.kind === 'correlation' ? formatCorrelation : (v: number) => formatNumber(v);
  const known = series.filter(({ points }) => points.length > 0);
  if (known.length === 0) return null;
  const count = chart.isSmoothed === true ? window : 1;
  const parts = known.map(({ label, points }) => {
    const last = points.slice(-count);
    const value = last.reduce((sum, p) => sum + p.y, 0) / last.length;
    const first = points[0];
    return chart.name === null && first !== undefined && points.length > 1 ? `${label} ${format(first.y)} → ${format(value)}` : `${label} ${format(value)}`;
  });
  const basis = chart.name === null ? 'Mean tokens, first to last' : count > 1 ? `Mean of the last ${count} steps` : 'Last value';
  return `${basis}: ${parts.join(', ')}.`;
}
