import { isActive } from '../../src-main/shared/runs/run-status';
import type { RunView } from '../../src-main/shared/views/run';
import { formatCount } from './format';
import { progressWords } from './run-words';

/** When a run began to wait; a resumed one waits behind those that were there before it. */
const since = (run: RunView & { readonly queuedAt?: number }): number => run.queuedAt ?? run.createdAt;

/** Runs that wait, in the order of their turns. */
export const queueOf = (runs: readonly RunView[]): readonly RunView[] =>
  runs.filter(({ status }) => status === 'queued').sort((a, b) => since(a) - since(b));

/** Runs wait although nothing is at work: so it is after a pause, until somebody goes on. */
export const isQueueStill = (runs: readonly RunView[]): boolean =>
  runs.some(({ status }) => status === 'queued') && !runs.some(({ status }) => isActive(status) && status !== 'queued');

/** One line of where a run stands; one that waits has its place in the queue. */
export const standingWords = (runs: readonly RunView[], run: RunView): string =>
  run.status === 'queued' ? waitingWords(runs, run) : progressWords(run);

function waitingWords(runs: readonly RunView[], run: RunView): string {
  const queue = queueOf(runs);
  const place = queue.findIndex(({ id }) => id === run.id) + 1;
  if (place === 0) return 'starts when its turn comes'; // the list is a moment behind
  if (isQueueStill(runs))
    return queue.length === 1
      ? 'the queue stands still'
      : `number ${formatCount(place)} of ${formatCount(queue.length)}; the queue stands still`;
  return place === 1
    ? 'next, when the run at work ends'
    : `number ${formatCount(place)} of ${formatCount(queue.length)} that wait`;
}
