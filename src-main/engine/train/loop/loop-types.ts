import type { RunSpec } from '../../../shared/spec/run-spec';
import type { TokenizedPair } from '../../batch/types';
import type { Signals } from '../../signals';
import type { MethodMemory } from '../../methods/types';
import type { EngineEvent } from '../../../shared/ipc/engine-events';
import type { PairWindow } from '../report/metrics';
import type { StepPlan } from './order';
import type { StepContext } from '../step/step';
import type { Watch } from '../step/stop-rules';

/** Where a run stands between two steps: all that a checkpoint holds beside weights and optimizer moments. */
export interface LoopState {
  step: number; // updates done
  evaluatedStep: number; // the last step whose evaluation is out
  probedStep: number; // the last step whose probe answers are out
  numTokens: number;
  /** Running means of the method. */
  memory: MethodMemory;
  /** The round that weights, reference and optimizer are ready for, from 0. */
  round: number;
  readonly window: PairWindow;
  watch: Watch;
}

export interface LoopContext extends StepContext {
  readonly spec: RunSpec;
  readonly plan: StepPlan;
  readonly train: readonly TokenizedPair[];
  readonly held: readonly TokenizedPair[];
  readonly signals: Signals;
  readonly profileBin: number;
  emit(event: EngineEvent): void;
  /** Answers the probes; false when a wish to stop came in between and nothing was reported. */
  probe(step: number): Promise<boolean>;
  /** The checkpoint this process resumed from: it need not be saved again. */
  readonly resumed: { readonly step: number; readonly path: string } | null;
  /** Makes the present weights the reference of a round, with a fresh optimizer; false: interrupted. */
  startRound(round: number, state: LoopState): Promise<boolean>;
  /** Moves the reference towards the model, where the method says so. */
  afterStep(step: number): void;
  /** Saves the state and returns the checkpoint's path. */
  save(state: LoopState): Promise<string>;
}
