import type { FileColumns } from '../../shared/data/dataset';
import { fileColumns } from '../data/shapes/columns';
import { firstRows } from '../data/read-pairs';
import type { EngineJobs } from '../protocol';

export async function datasetColumns({ path }: EngineJobs['dataset-columns']['in']): Promise<FileColumns> {
  return fileColumns(await firstRows(path));
}
