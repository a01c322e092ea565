import { useCallback, useEffect, useRef, useState } from 'react';
import type { Api } from '../../src-main/shared/ipc/contract';
import type { RunId } from '../../src-main/shared/ids';
import type { AppError, Result } from '../../src-main/shared/result';
import type { RunDetail, RunUpdate } from '../../src-main/shared/views/run';
import { frameQueue } from '../state/frame-queue';
import { withSample } from '../state/probe-table';
import { fromStore, noMetrics, pairLimit, withUpdate, withUpdates, type RunMetrics } from '../state/run-metrics';
import { useApi, useEvent, useReturn } from './api-context';
import { loadSeries } from './load-series';
import { settle } from './use-request';

export interface LiveRun {
  readonly detail: RunDetail | null;
  readonly metrics: RunMetrics;
  readonly error: AppError | null;
  readonly reload: () => void;
}

interface Snapshot {
  readonly detail: RunDetail;
  readonly metrics: RunMetrics;
}

/**
 * Everything the store holds about a run. The sequence number is read first: reports that come in between are applied
 * again, which changes nothing.
 */
async function load(api: Api, id: RunId): Promise<Result<Snapshot>> {
  const detail = await settle(api.request('runs:get', { id }));
  if (!detail.ok) return detail;
  const [series, pairs, profile] = await Promise.all([
    loadSeries(api, id, detail.value.metricNames, { fromStep: null, toStep: null }),
    settle(api.request('runs:pairs', { id, sinceStep: 0, limit: pairLimit })),
    settle(api.request('runs:profile', { id })),
  ]);
  if (!series.ok) return series;
  if (!pairs.ok) return pairs;
  if (!profile.ok) return profile;
  return {
    ok: true,
    value: { detail: detail.value, metrics: fromStore(series.value, pairs.value, profile.value, detail.value.lastSeq) },
  };
}

/**
 * A run as it happens: loaded once, moved by events, loaded again after a gap, on return to the window and when its
 * status changes.
 */
export function useLiveRun(id: RunId): LiveRun {
  const api = useApi();
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [error, setError] = useState<AppError | null>(null);
  const waiting = useRef<RunUpdate[] | null>([]);
  const asked = useRef(0);

  const reload = useCallback(() => {
    const ask = ++asked.current;
    waiting.current = [];
    void load(api, id).then((result) => {
      if (ask !== asked.current) return;
      const missed = waiting.current ?? [];
      waiting.current = null;
      if (result.ok) {
        setSnapshot({
          ...result.value,
          metrics: withUpdates(
            result.value.metrics,
            missed.filter((u) => u.seq > result.value.metrics.lastSeq),
          ),
        });
        setError(null);
      } else setError(result.error);
    });
  }, [api, id]);

  useEffect(() => {
    setSnapshot(null);
    setError(null);
    reload();
    return () => {
      asked.current++;
    };
  }, [reload]);

  const queue = useRef<ReturnType<typeof frameQueue<RunUpdate>> | null>(null);
  useEffect(() => {
    const created = frameQueue<RunUpdate>((updates) => {
      for (const update of updates) waiting.current?.push(update);
      setSnapshot((now) => (now === null ? now : { ...now, metrics: updates.reduce(withUpdate, now.metrics) }));
    });
    queue.current = created;
    return created.stop;
  }, [id]);

  useEvent('runs:metrics', (update) => {
    if (update.runId === id) queue.current?.push(update);
  });
  useEvent('runs:probe', ({ runId, sample }) => {
    if (runId === id)
      setSnapshot((now) =>
        now === null ? now : { ...now, detail: { ...now.detail, probes: withSample(now.detail.probes, sample) } },
      );
  });
  const status = snapshot?.detail.run.status;
  useEvent('runs:changed', ({ run }) => {
    if (run.id !== id) return;
    setSnapshot((now) => (now === null ? now : { ...now, detail: { ...now.detail, run } }));
    if (status !== undefined && run.status !== status) reload();
  });
  useReturn(reload);

  const hasGap = snapshot?.metrics.hasGap ?? false;
  useEffect(() => {
    if (!hasGap) return undefined;
    const timer = setTimeout(reload, 500);
    return () => clearTimeout(timer);
  }, [hasGap, reload]);

  return {
    detail: snapshot?.detail ?? null,
    metrics: snapshot?.metrics ?? noMetrics,
    error: snapshot === null ? error : null,
    reload,
  };
}
