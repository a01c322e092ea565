import { answerText, promptText } from '../../shared/pair-text';
import { readPairs } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';
import type { JobContext } from './index';

/** One page of a dataset's usable rows, filtered by a search over all three parts. */
export async function datasetRows({ offset, limit, search, ...source }: EngineJobs['dataset-rows']['in'], _context: JobContext): Promise<EngineJobs['dataset-rows']['out']> {
  const { pairs } = await readPairs(source);
  const wanted = search.trim().toLowerCase();
  const all = pairs.map(({ row, prompt, chosen, rejected }) => ({ row, prompt: promptText(prompt), chosen: answerText(chosen), rejected: answerText(rejected) }));
  const found = wanted === '' ? all : all.filter((r) => `${r.prompt}\n${r.chosen}\n${r.rejected}`.toLowerCase().includes(wanted));
  return { total: found.length, rows: found.slice(offset, offset + limit) };
}
