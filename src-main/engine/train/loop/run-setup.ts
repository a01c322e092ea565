import type { RunSpec } from '../../../shared/spec/run-spec';
import type { TokenizedPair } from '../../batch/types';
import type { Session } from '../../graph/types';
import { tick, type Signals } from '../../signals';
import type { LoraPlan } from '../../model/lora-plan';
import type { EngineEvent } from '../../../shared/ipc/engine-events';
import type { PackedLogprobs } from '../../infer/logprob-table';
import type { TrainProgram } from '../../program/types';

/** Everything a run needs once model and data are open; the session holds the initial weights. */
export interface RunSetup {
  readonly spec: RunSpec;
  readonly runDir: string;
  readonly cacheDir: string;
  readonly resume: boolean;
  readonly signals: Signals;
  readonly session: Session;
  readonly program: TrainProgram;
  readonly lora: LoraPlan | null;
  readonly train: readonly TokenizedPair[];
  readonly held: readonly TokenizedPair[];
  readonly modelHash: string;
  /** What the reference is: its content, and the library that computes it. */
  readonly reference: { readonly modelHash: string; readonly adapterHash: string | null; readonly engine: string };
  emit(event: EngineEvent): void;
  /** All that was emitted is on the disk once this returns. */
  syncReports(): void;
  /** Log-probs of all pairs under the reference: the session's initial weights, or another model's. */
  scoreReference(
    pairs: readonly TokenizedPair[],
    onProgress: (done: number) => void,
    pause: () => Promise<void>,
  ): Promise<PackedLogprobs>;
  probe(step: number): Promise<boolean>;
}

/** A wish to pause or stop that came before the first step; there is nothing new to save. */
export class StoppedEarly extends Error {}

export async function pauseOrStop(signals: Signals): Promise<void> {
  await tick();
  if (signals.wish !== null) throw new StoppedEarly();
}
