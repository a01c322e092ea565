import { isActive } from '../../src-main/shared/runs/run-status';
import type { RunView } from '../../src-main/shared/views/run';
import { runName, statusWords } from './run-words';

/** What a list of runs can be sorted by; `created` is the order they come in. */
export const runSorts = ['created', 'name', 'status', 'loss'] as const;
export type RunSort = (typeof runSorts)[number];
export interface RunOrder {
  readonly by: RunSort;
  readonly isDescending: boolean;
}
export const newestFirst: RunOrder = { by: 'created', isDescending: true };

/** Kinds of status a person looks for; several statuses are one of them. */
export const statusFilters = {
  all: { label: 'All', has: () => true },
  active: { label: 'At work or waiting', has: ({ status }: RunView) => isActive(status) },
  finished: { label: 'Finished', has: ({ status }: RunView) => status === 'finished' },
  resumable: {
    label: 'Paused, stopped or interrupted',
    has: ({ status }: RunView) => status === 'paused' || status === 'stopped' || status === 'interrupted',
  },
  failed: { label: 'Failed', has: ({ status }: RunView) => status === 'failed' },
} as const;
export type StatusFilter = keyof typeof statusFilters;

const searchable = (run: RunView): string =>
  `${runName(run)} ${run.methodId} ${run.modelName} ${run.datasetName} ${statusWords(run.status).label} ${run.id}`.toLowerCase();

/** Runs in which every word of the search occurs. The whole list is in the page, so nobody has to be asked. */
export function findRuns(runs: readonly RunView[], search: string, filter: StatusFilter): readonly RunView[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const { has } = statusFilters[filter];
  return runs.filter(
    (run) => has(run) && (words.length === 0 || words.every((word) => searchable(run).includes(word))),
  );
}

const names = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const comparers: Readonly<Record<RunSort, (a: RunView, b: RunView) => number>> = {
  created: (a, b) => a.createdAt - b.createdAt,
  name: (a, b) => names.compare(runName(a), runName(b)),
  status: (a, b) => names.compare(statusWords(a.status).label, statusWords(b.status).label),
  loss: (a, b) => a.finalLoss! - b.finalLoss!,
};

/** Stable, so that equal runs stay newest first; runs without a loss come last in either direction. */
export function sortRuns(runs: readonly RunView[], { by, isDescending }: RunOrder): readonly RunView[] {
  if (by === newestFirst.by && isDescending === newestFirst.isDescending) return runs;
  const known = by === 'loss' ? runs.filter((run) => run.finalLoss !== null) : runs;
  const sorted = [...known].sort((a, b) => (isDescending ? comparers[by](b, a) : comparers[by](a, b)));
  return by === 'loss' ? [...sorted, ...runs.filter((run) => run.finalLoss === null)] : sorted;
}

/** A click on a column's head: its own first direction, then the other one. */
export const nextOrder = (order: RunOrder, by: RunSort): RunOrder => ({
  by,
  isDescending: order.by === by ? !order.isDescending : by === 'created',
});
