import type { PairPoint, PositionProfile } from '../../src-main/shared/metrics/reports';
import type { MetricName } from '../../src-main/shared/metrics/registry';
import type { RunUpdate, SeriesByName, SeriesPoint } from '../../src-main/shared/views/run';

/** Everything a live page draws, as far as it has arrived. The store of main is the truth; this is a window on it. */
export interface RunMetrics {
  readonly series: SeriesByName;
  readonly pairs: readonly PairPoint[];
  readonly profile: PositionProfile | null;
  readonly lastSeq: number;
  /** An update did not follow the one before it: ask the store again. */
  readonly hasGap: boolean;
}

export const noMetrics: RunMetrics = { series: {}, pairs: [], profile: null, lastSeq: 0, hasGap: false };

/** The newest pairs are enough for every picture of pairs. */
export const pairLimit = 4000;
export const seriesLimit = 2000;

/**
 * What is drawn: the newest pairs, and the last evaluation's however long ago that was. Pictures of pairs show what the
 * verdicts rest on (shared/length/length-bias.ts).
 */
function newestPairs(pairs: readonly PairPoint[]): readonly PairPoint[] {
  if (pairs.length <= pairLimit) return pairs;
  const tail = pairs.slice(-pairLimit);
  const lastEvaluation = pairs.reduce((last, p) => (p.split === 'eval' ? Math.max(last, p.step) : last), -1);
  const isHeldOut = (p: PairPoint): boolean => p.split === 'eval' && p.step === lastEvaluation;
  return [...pairs.slice(0, -pairLimit).filter(isHeldOut), ...tail];
}

export function fromStore(
  series: SeriesByName,
  pairs: readonly PairPoint[],
  profile: PositionProfile | null,
  lastSeq: number,
): RunMetrics {
  return { series, pairs: newestPairs(pairs), profile, lastSeq, hasGap: false };
}

/** Adds what one report brought. Points are keyed by step, so a repeated report changes nothing. */
export function withUpdate(metrics: RunMetrics, update: RunUpdate): RunMetrics {
  const series = withPoints(metrics.series, update.points);
  // Too long to draw: the store will thin it out, which is also "ask again".
  const isLong = Object.values(series).some((points) => points.length > 2 * seriesLimit);
  const hasGap = metrics.hasGap || isLong || update.seq > metrics.lastSeq + 1;
  return {
    series,
    pairs: update.pairs.length === 0 ? metrics.pairs : withPairs(metrics.pairs, update.pairs),
    profile: update.profile ?? metrics.profile,
    lastSeq: Math.max(metrics.lastSeq, update.seq),
    hasGap,
  };
}

export const withUpdates = (metrics: RunMetrics, updates: readonly RunUpdate[]): RunMetrics =>
  updates.reduce(withUpdate, metrics);

function withPoints(series: SeriesByName, points: RunUpdate['points']): SeriesByName {
  if (points.length === 0) return series;
  const changed: Partial<Record<MetricName, readonly SeriesPoint[]>> = { ...series };
  for (const { name, step, value } of points)
    changed[name] = upsert(changed[name] ?? [], { step, value, min: value, max: value });
  return changed;
}

function upsert(points: readonly SeriesPoint[], point: SeriesPoint): readonly SeriesPoint[] {
  const last = points.at(-1);
  if (last === undefined || point.step > last.step) return [...points, point];
  const index = points.findIndex((p) => p.step >= point.step);
  const known = points[index];
  // A bucket that stands for several steps is not replaced by one of them: a reload will settle it.
  if (known === undefined || (known.step === point.step && known.min !== known.max)) return points;
  return known.step === point.step ? points.with(index, point) : points.toSpliced(index, 0, point);
}

function withPairs(known: readonly PairPoint[], fresh: readonly PairPoint[]): readonly PairPoint[] {
  const first = fresh.reduce((least, p) => Math.min(least, p.step), Infinity);
  if ((known.at(-1)?.step ?? -1) < first) return newestPairs([...known, ...fresh]);
  // A repeated or late report: rare, so the whole list is put in order again.
  const key = (p: PairPoint): string => `${p.split}:${p.step}:${p.row}`;
  const keys = new Set(fresh.map(key));
  return newestPairs([...known.filter((p) => !keys.has(key(p))), ...fresh].sort((a, b) => a.step - b.step));
}

export const lastValue = (metrics: { readonly series: SeriesByName }, name: MetricName): number | null =>
  metrics.series[name]?.at(-1)?.value ?? null;

/** Mean of the last `count` values: single steps hold few pairs and jump. */
export function recentMean(metrics: { readonly series: SeriesByName }, name: MetricName, count: number): number | null {
  const points = metrics.series[name]?.slice(-count) ?? [];
  return points.length === 0 ? null : points.reduce((sum, p) => sum + p.value, 0) / points.length;
}
