import type { SeriesPoint } from '../../src-main/shared/views/run';
import type { TableData } from './csv';

/** Several series by step, one row a step; a series without a value at that step leaves its cell empty. */
export function seriesTable<Name extends string>(
  series: Readonly<Partial<Record<Name, readonly SeriesPoint[]>>>,
  names: readonly Name[],
): TableData {
  const shown = names.filter((name) => (series[name] ?? []).length > 0);
  const byStep = shown.map((name) => new Map((series[name] ?? []).map((point) => [point.step, point.value])));
  const steps = [...new Set(byStep.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  return {
    columns: ['step', ...shown],
    rows: steps.map((step) => [step, ...byStep.map((values) => values.get(step) ?? null)]),
  };
}
