import { seriesNames, type Api } from '../../src-main/shared/ipc/contract';
import type { RunId } from '../../src-main/shared/ids';
import type { MetricName } from '../../src-main/shared/metrics/registry';
import type { Result } from '../../src-main/shared/result';
import type { SeriesByName } from '../../src-main/shared/views/run';
import { seriesLimit } from '../state/run-metrics';
import { settle } from './use-request';

export interface StepRange {
  readonly fromStep: number | null;
  readonly toStep: number | null;
}

/** All series asked for, in as many requests as that takes. */
export async function loadSeries(
  api: Api,
  id: RunId,
  names: readonly MetricName[],
  range: StepRange,
): Promise<Result<SeriesByName>> {
  const parts = Array.from({ length: Math.ceil(names.length / seriesNames) }, (_, i) =>
    names.slice(i * seriesNames, (i + 1) * seriesNames),
  );
  const answers = await Promise.all(
    parts.map((part) => settle(api.request('runs:series', { id, names: part, ...range, maxPoints: seriesLimit }))),
  );
  const series: SeriesByName = {};
  for (const answer of answers) {
    if (!answer.ok) return answer;
    Object.assign(series, answer.value);
  }
  return { ok: true, value: series };
}
