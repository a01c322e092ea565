import type { EngineChoice, EngineEvent, EngineJobs, JobName } from '../protocol';
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
import type { Signals } from './signals';
import { train } from './train';

/** What every job gets beside its input. */
export interface JobContext {
  readonly engine: EngineChoice;
  /** Free memory where the weights will be: the machine's, or the card's. */
  freeBytes(): number;
  /** Whether those are a graphics card's. */
  readonly onCard?: boolean;
  readonly signals: Signals;
  emit(event: EngineEvent): void;
}

export type Job<J extends JobName> = (input: EngineJobs[J]['in'], context: JobContext) => Promise<EngineJobs[J]['out']>;

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
