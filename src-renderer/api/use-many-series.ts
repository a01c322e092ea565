import { useCallback, useEffect, useState } from 'react';
import type { RunId } from '../../src-main/shared/ids';
import type { MetricName } from '../../src-main/shared/metrics/registry';
import type { RunUpdate, SeriesByName } from '../../src-main/shared/views/run';
import { frameQueue } from '../state/frame-queue';
import { fromStore, noMetrics, seriesLimit, withUpdates, type RunMetrics } from '../state/run-metrics';
import { useApi, useEvent, useReturn } from './api-context';
import { settle } from './use-request';

/** The same series of several runs, kept live: what Compare overlays. */
export function useManySeries(
  ids: readonly RunId[],
  names: readonly MetricName[],
): { readonly byRun: ReadonlyMap<string, SeriesByName>; readonly isLoading: boolean } {
  const api = useApi();
  const key = ids.join(',');
  const nameKey = names.join(',');
  const [byRun, setByRun] = useState<ReadonlyMap<string, RunMetrics>>(new Map());
  const [isLoading, setLoading] = useState(true);
  const [count, setCount] = useState(0);
  const reload = useCallback(() => setCount((n) => n + 1), []);

  useEffect(() => {
    let isCurrent = true;
    const wanted = key === '' ? [] : (key.split(',') as RunId[]);
    void Promise.all(
      wanted.map(
        async (id) =>
          [
            id,
            await settle(
              api.request('runs:series', {
                id,
                names: nameKey.split(',') as MetricName[],
                fromStep: null,
                toStep: null,
                maxPoints: seriesLimit,
              }),
            ),
          ] as const,
      ),
    ).then((all) => {
      if (!isCurrent) return;
      setByRun(
        (known) =>
          new Map(
            all.map(([id, result]) => [
              id,
              result.ok ? fromStore(result.value, [], null, known.get(id)?.lastSeq ?? 0) : (known.get(id) ?? noMetrics),
            ]),
          ),
      );
      setLoading(false);
    });
    return () => {
      isCurrent = false;
    };
  }, [api, key, nameKey, count]);

  const [queue, setQueue] = useState<ReturnType<typeof frameQueue<RunUpdate>> | null>(null);
  useEffect(() => {
    const created = frameQueue<RunUpdate>((updates) =>
      setByRun((now) => {
        const next = new Map(now);
        for (const update of updates) {
          const known = next.get(update.runId);
          if (known) next.set(update.runId, withUpdates(known, [{ ...update, pairs: [], profile: null }]));
        }
        return next;
      }),
    );
    setQueue(created);
    return created.stop;
  }, []);
  useEvent('runs:metrics', (update) => {
    if (key.split(',').includes(update.runId)) queue?.push(update);
  });
  useReturn(reload);

  return { byRun: new Map([...byRun].map(([id, metrics]) => [id, metrics.series])), isLoading };
}
