import type { EngineChoice, EngineJobs } from '../protocol';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { JobName } from '../../shared/ipc/jobs';
import type { Signals } from '../signals';

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
