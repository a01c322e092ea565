import { createHash } from 'node:crypto';
import { largest } from '../../shared/extremes';
import { throwFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/run-spec';
import { tick, type Signals } from '../jobs/signals';
import type { EngineEvent, TrainOutcome } from '../protocol';
import type { Session } from '../graph/types';
import type { LoraPlan } from '../models/types';
import {
  checkpointPath,
  folderBytes,
  newestCheckpoint,
  removeCheckpoints,
  sweepUnfinished,
  type Checkpoint,
} from './checkpoint';
import { PairWindow, profileBinTokens } from './metrics';
import { trainLoop, type LoopContext, type LoopState } from './loop';
import { objectiveOf } from './objective';
import type { PackedLogprobs } from './logprob-table';
import { pairsOfRound, planSteps } from './order';
import { pairsHash } from './reference-cache';
import { clearOptimizer, restoreCheckpoint, saveCheckpoint, type RunIdentity } from './run-checkpoint';
import { openReference, renewReference } from './run-reference';
import type { ReferenceSource } from './step';
import { freshWatch, type Watch } from './stop-rules';
import type { TokenizedPair, TrainProgram } from './types';

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

/** Reference first (it needs the initial weights), then the checkpoint to go on from, then the loop. */
export async function runTraining(setup: RunSetup): Promise<TrainOutcome> {
  const { spec, runDir, train, held, session, signals, emit } = setup;
  const all = [...train, ...held];
  const objective = objectiveOf(spec);
  const plan = planSteps(train.length, spec.training, spec);
  // a short run on a large file looks at few of its pairs
  const scored = (round: number): readonly TokenizedPair[] => [
    ...pairsOfRound(train, plan, spec.training, round),
    ...held,
  ];
  const identity: RunIdentity = {
    specHash: specHash(spec),
    dataHash: pairsHash(all),
    modelHash: setup.modelHash,
    lora: setup.lora,
  };

  if (setup.resume) await sweepUnfinished(runDir);
  else await removeCheckpoints(runDir);
  const checkpoint = setup.resume
    ? await newestCheckpoint(runDir, (message) => emit({ kind: 'problem', message }))
    : null;
  if (checkpoint) refuseOther(checkpoint, identity);

  if (checkpoint) emit({ kind: 'checkpoint', ...(await reportOf(checkpoint)) }); // the report may have died with the process that saved it

  const round = checkpoint?.state.round ?? 0;
  const reference = await openReference(setup, objective, scored(round), round);
  if (checkpoint) await restoreCheckpoint(session, setup.program, checkpoint);
  const state = initialState(checkpoint);
  emit({ kind: 'running', firstStep: state.step + 1, totalSteps: plan.totalSteps });

  const longest = largest(all, (p) => Math.max(p.chosenIds.length, p.rejectedIds.length)) ?? 0;
  const { everySteps, mixup } = spec.method.referenceSync;
  const context: LoopContext & { reference: ReferenceSource } = {
    session,
    buckets: setup.program.buckets,
    layout: setup.program.layout,
    lanes: setup.program.lanes,
    objective,
    reference,
    training: spec.training,
    spec,
    plan,
    train,
    held,
    signals,
    profileBin: profileBinTokens(longest),
    resumed: checkpoint && { step: state.step, path: checkpoint.path },
    emit,
    probe: setup.probe,
    startRound: async (round, now) => {
      try {
        context.reference = await renewReference(setup, objective, scored(round), round);
      } catch (thrown) {
        if (thrown instanceof StoppedEarly) return false;
        throw thrown;
      }
      clearOptimizer(session, setup.program);
      now.round = round;
      now.memory = {};
      emit({ kind: 'running', firstStep: now.step + 1, totalSteps: plan.totalSteps });
      return true;
    },
    afterStep: (step) => {
      if (everySteps > 0 && step % everySteps === 0) session.run('sync', { mixup: Float32Array.of(mixup) });
    },
    save: async (now) => {
      const { keepBest, keepCheckpoints } = spec.training;
      const best = keepBest ? now.watch.best : null;
      setup.syncReports(); // no checkpoint may be newer than what was reported before it
      const { path, bytes } = await saveCheckpoint(session, setup.program, runDir, identity, now, {
        last: keepCheckpoints,
        step: best?.step ?? null,
      });
      emit({ kind: 'checkpoint', step: now.step, path, bytes, best });
      return path;
    },
  };
  const { outcome, checkpointPath: latest } = await trainLoop(context, state);
  return {
    outcome,
    steps: state.step,
    checkpointPath: latest,
    best: spec.training.keepBest ? bestOf(runDir, state) : null,
  };
}

const bestOf = (runDir: string, { watch: { best } }: LoopState): TrainOutcome['best'] =>
  best && { ...best, path: checkpointPath(runDir, best.step) };

/** A checkpoint as its report tells of it. */
async function reportOf({ path, state }: Checkpoint): Promise<{
  readonly step: number;
  readonly path: string;
  readonly bytes: number;
  readonly best: Watch['best'];
}> {
  return { step: state.step, path, bytes: await folderBytes(path), best: state.watch.best };
}

const initialState = (checkpoint: Checkpoint | null): LoopState =>
  checkpoint
    ? {
        step: checkpoint.state.step,
        evaluatedStep: checkpoint.state.evaluatedStep,
        probedStep: checkpoint.state.probedStep,
        numTokens: checkpoint.state.numTokens,
        memory: checkpoint.state.memory,
        round: checkpoint.state.round,
        window: new PairWindow(checkpoint.state.window),
        watch: checkpoint.state.watch,
      }
    : {
        step: 0,
        evaluatedStep: -1,
        probedStep: -1,
        numTokens: 0,
        memory: {},
        round: 0,
        window: new PairWindow(),
        watch: freshWatch,
      };

/** Everything in a spec that changes a step; its name, probes, how often it reports and when it ends do not. */
export function specHash(spec: RunSpec): string {
  const {
    checkpointEvery: _checkpoint,
    evalEvery: _eval,
    keepCheckpoints: _keep,
    keepBest: _best,
    earlyStopping: _stopping,
    ...training
  } = spec.training;
  const { objective, method, adapter, rounds, roundData, model, dataset } = spec;
  return createHash('sha256')
    .update(
      JSON.stringify({
        objective,
        method,
        adapter,
        rounds,
        roundData,
        model: model.reference !== null,
        dataset: [dataset.format, dataset.evalFraction, dataset.limit],
        training,
      }),
    )
    .digest('hex');
}

function refuseOther({ state, path }: Checkpoint, identity: RunIdentity): void {
  const changed =
    state.specHash !== identity.specHash
      ? 'spec'
      : state.dataHash !== identity.dataHash
        ? 'dataset'
        : state.modelHash !== identity.modelHash
          ? 'model'
          : null;
  if (changed === null) return;
  throwFailure(
    'bad-input',
    `This run cannot go on: its ${changed} is not the one its checkpoint of step ${state.step} was made with.`,
    `Put the ${changed} back as it was, or start a new run.`,
    { path, changed },
  );
}
