import type { RunId } from '../../../src-main/shared/ids';
import { useRequest } from '../../api/use-request';
import { useZoom } from '../../components/charts/chart-group';
import { seriesLimit, type RunMetrics } from '../../state/run-metrics';
import { valueOf } from '../../state/loadable';

/** Long runs arrive downsampled; a zoomed range is asked for again, so that raw values show. */
export function useZoomedSeries(id: RunId, metrics: RunMetrics): RunMetrics {
  const zoom = useZoom();
  const isDownsampled = Object.values(metrics.series).some((points) => points.length > 0 && (points.at(-1)?.step ?? 0) > points.length * 1.5 && points.some((p) => p.min !== p.max));
  const names = Object.keys(metrics.series).slice(0, 64);
  const request = zoom === null || !isDownsampled ? null : { id, names, fromStep: Math.max(0, Math.floor(zoom[0])), toStep: Math.ceil(zoom[1]), maxPoints: seriesLimit };
  const raw = useRequest('runs:series', request, 120);
  const series = request === null || raw.isStale ? null : valueOf(raw.data);
  return series === null ? metrics : { ...metrics, series: { ...metrics.series, ...series } };
}
