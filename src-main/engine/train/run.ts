import { largest } from '../../shared/extremes';
import type { EngineEvent } from '../../shared/ipc/engine-events';
import type { TrainOutcome } from '../protocol';
import {
  checkpointPath,
  folderBytes,
  newestCheckpoint,
  removeCheckpoints,
  sweepUnfinished,
  type Checkpoint,
} from './checkpoint/checkpoint';
import { PairWindow, profileBinTokens } from './report/metrics';
import { trainLoop } from './loop/loop';
import type { LoopContext, LoopState } from './loop/loop-types';
import { objectiveOf } from './step/objective';
import { pairsOfRound, planSteps } from './loop/order';
import { pairsHash } from './reference/reference-cache';
import { clearOptimizer, restoreCheckpoint, saveCheckpoint } from './checkpoint/run-checkpoint';
import { refuseOther, specHash, type RunIdentity } from './checkpoint/run-identity';
import { StoppedEarly, type RunSetup } from './loop/run-setup';
import { openReference, renewReference } from './reference/run-reference';
import type { ReferenceSource } from './step/step';
import { freshWatch } from './step/stop-rules';
import type { TokenizedPair } from '../batch/types';

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

  // the report may have died with the process that saved it
  if (checkpoint) emit({ kind: 'checkpoint', ...(await reportOf(checkpoint)) });

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
async function reportOf({
  path,
  state,
}: Checkpoint): Promise<Omit<EngineEvent & { kind: 'checkpoint' }, 'kind' | 'seq'>> {
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
