import { promptText } from '../train/probes';
import { readPairs } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';
import type { JobContext } from './index';

/** One page of a dataset's usable rows, filtered by a search over all three parts. */
export async function datasetRows({ path, format, offset, limit, search }: EngineJobs['dataset-rows']['in'], _context: JobContext): Promise<EngineJobs['dataset-rows']['out']> {
  const { pairs } = await readPairs(path, format);
  const wanted = search.trim().toLowerCase();
  const all = pairs.map(({ row, prompt, chosen, rejected }) => ({ row, prompt: promptText(prompt), chosen, rejected }));
  const found = wanted === '' ? all : all.filter((r) => `${r.prompt}\n${r.chosen}\n${r.rejected}`.toLowerCase().includes(wanted));
  return { total: found.length, rows: found.slice(offset, offset + limit) };
}
