import type { PreferencePair } from '../../shared/data/dataset';
import { answerText, promptText } from '../../shared/data/pair-text';
import { isPair, openPairs } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';

/** One page of a dataset's usable rows, filtered by a search over all three parts. */
export async function datasetRows(
  { offset, limit, search, ...source }: EngineJobs['dataset-rows']['in'],
  { signals }: JobContext,
): Promise<EngineJobs['dataset-rows']['out']> {
  const wanted = search.trim().toLowerCase();
  const reader = await openPairs(source);
  const rows: ReturnType<typeof shown>[] = [];
  let total = 0;
  for await (const { items } of reader.batches) {
    await tickOrStop(signals);
    for (const item of items) {
      if (!isPair(item)) continue;
      if (wanted === '' && (total < offset || rows.length === limit)) {
        total++;
        continue;
      }
      const row = shown(item);
      if (wanted !== '' && !`${row.prompt}\n${row.chosen}\n${row.rejected}`.toLowerCase().includes(wanted)) continue;
      if (total >= offset && rows.length < limit) rows.push(row);
      total++;
    }
  }
  return { total, rows };
}

const shown = ({ row, prompt, chosen, rejected }: PreferencePair) => ({
  row,
  prompt: promptText(prompt),
  chosen: answerText(chosen),
  rejected: answerText(rejected),
});
