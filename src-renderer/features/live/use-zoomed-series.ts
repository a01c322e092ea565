import { useEffect, useState } from 'react';
import type { RunId } from '../../../src-main/shared/ids';
import type { MetricName } from '../../../src-main/shared/metrics/registry';
import type { SeriesByName } from '../../../src-main/shared/views/run';
import { useApi } from '../../api/api-context';
import { loadSeries } from '../../api/load-series';
import { useZoom } from '../../components/charts/chart-group';
import type { RunMetrics } from '../../state/run-metrics';

/** Zooming moves the range with every pixel; only where it rests is asked for. */
const restMs = 120;

/** Long runs arrive downsampled; a zoomed range is asked for again, so that raw values show. */
export function useZoomedSeries(id: RunId, metrics: RunMetrics): RunMetrics {
  const api = useApi();
  const zoom = useZoom();
  const [raw, setRaw] = useState<{ readonly key: string; readonly series: SeriesByName } | null>(null);
  const isDownsampled = Object.values(metrics.series).some(
    (points) =>
      points.length > 0 && (points.at(-1)?.step ?? 0) > points.length * 1.5 && points.some((p) => p.min !== p.max),
  );
  const names = Object.keys(metrics.series) as MetricName[];
  const key =
    zoom === null || !isDownsampled
      ? null
      : JSON.stringify([id, Math.max(0, Math.floor(zoom[0])), Math.ceil(zoom[1]), names]);
  useEffect(() => {
    if (key === null) return undefined;
    const [run, fromStep, toStep, wanted] = JSON.parse(key) as [RunId, number, number, MetricName[]];
    let isCurrent = true;
    const timer = setTimeout(() => {
      void loadSeries(api, run, wanted, { fromStep, toStep }).then((answer) => {
        if (isCurrent && answer.ok) setRaw({ key, series: answer.value });
      });
    }, restMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [api, key]);
  return raw === null || raw.key !== key ? metrics : { ...metrics, series: { ...metrics.series, ...raw.series } };
}
