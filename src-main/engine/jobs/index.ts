import type { JobName } from '../../shared/ipc/jobs';
import type { Job } from './context';
import { datasetColumns } from './dataset-columns';
import { datasetRows } from './dataset-rows';
import { doctor } from './doctor';
import { exportRun } from './export';
import { generateAnswer } from './generate';
import { inspectDatasetJob } from './inspect-dataset';
import { inspectModel } from './inspect-model';
import { logprobs } from './logprobs';
import { measure } from './measure';
import { preflight } from './preflight';
import { previewPairsJob } from './preview-pairs';
import { train } from './train';

/** A job without an entry, or with the wrong types, fails the build. */
export const jobs: { readonly [J in JobName]: Job<J> } = {
  train,
  'inspect-model': inspectModel,
  'inspect-dataset': inspectDatasetJob,
  'dataset-columns': datasetColumns,
  'preview-pairs': previewPairsJob,
  'dataset-rows': datasetRows,
  preflight,
  measure,
  logprobs,
  generate: generateAnswer,
  export: exportRun,
  doctor,
};
