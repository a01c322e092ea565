import type { FileColumns } from '../../shared/dataset';
import { fileColumns } from '../data/columns';
import { readRows } from '../data/read-rows';
import type { EngineJobs } from '../protocol';

export async function datasetColumns({ path }: EngineJobs['dataset-columns']['in']): Promise<FileColumns> {
  return fileColumns((await readRows(path)).rows);
}
