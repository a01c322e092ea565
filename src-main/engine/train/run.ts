import { createHash } from 'node:crypto';
import { AppFailure, throwFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/run-spec';
import { tick, type Signals } from '../jobs/signals';
import type { EngineEvent, TrainOutcome } from '../protocol';
import type { Session } from '../graph/types';
import type { LoraPlan } from '../models/types';
import { checkpointPath, newestCheckpoint, removeCheckpoints, sweepUnfinished, type Checkpoint } from './checkpoint';
import { PairWindow, profileBinTokens } from './metrics';
import { trainLoop, type LoopState } from './loop';
import { objectiveOf } from './objective';
import { planSteps } from './order';
import { pairsHash, readReference, referenceKey, writeReference } from './reference-cache';
import { restoreCheckpoint, saveCheckpoint, type RunIdentity } from './run-checkpoint';
import type { TokenLogprobs } from './scoring';
import type { StepContext } from './step';
import { freshWatch } from './stop-rules';
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
  /** Log-probs of all pairs under the reference: the session's initial weights, or another model's. */
  scoreReference(pairs: readonly TokenizedPair[], onProgress: (done: number) => void, pause: () => Promise<void>): Promise<ReadonlyMap<number, TokenLogprobs>>;
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
  const plan = planSteps(train.length, spec.training);
  const identity: RunIdentity = { specHash: specHash(spec), dataHash: pairsHash(all), modelHash: setup.modelHash, lora: setup.lora };

  if (setup.resume) await sweepUnfinished(runDir);
  else await removeCheckpoints(runDir);
  const checkpoint = setup.resume ? await newestCheckpoint(runDir, (message) => emit({ kind: 'problem', message })) : null;
  if (checkpoint) refuseOther(checkpoint, identity);

  const reference = objective.method.needsReference ? await referenceTable(setup, all) : null;
  if (checkpoint) await restoreCheckpoint(session, setup.program, checkpoint);
  const state = initialState(checkpoint);
  emit({ kind: 'running', firstStep: state.step + 1, totalSteps: plan.totalSteps });

  const context: StepContext = { session, buckets: setup.program.buckets, objective, reference, training: spec.training };
  const longest = Math.max(...all.map((p) => Math.max(p.chosenIds.length, p.rejectedIds.length)));
  const { outcome, checkpointPath: latest } = await trainLoop(
    {
      ...context,
      spec,
      plan,
      train,
      held,
      signals,
      profileBin: profileBinTokens(longest),
      resumed: checkpoint && { step: state.step, path: checkpoint.path },
      emit,
      probe: setup.probe,
      save: async (now) => {
        const { keepBest, keepCheckpoints } = spec.training;
        const best = keepBest ? now.watch.best : null;
        const { path, bytes } = await saveCheckpoint(session, setup.program, runDir, identity, now, { last: keepCheckpoints, step: best?.step ?? null });
        emit({ kind: 'checkpoint', step: now.step, path, bytes, best });
        return path;
      },
    },
    state,
  );
  return { outcome, steps: state.step, checkpointPath: latest, best: spec.training.keepBest ? bestOf(runDir, state) : null };
}

const bestOf = (runDir: string, { watch: { best } }: LoopState): TrainOutcome['best'] => best && { ...best, path: checkpointPath(runDir, best.step) };

const initialState = (checkpoint: Checkpoint | null): LoopState =>
  checkpoint
    ? { step: checkpoint.state.step, evaluatedStep: checkpoint.state.evaluatedStep, probedStep: checkpoint.state.probedStep, numTokens: checkpoint.state.numTokens, window: new PairWindow(checkpoint.state.window), watch: checkpoint.state.watch }
    : { step: 0, evaluatedStep: -1, probedStep: -1, numTokens: 0, window: new PairWindow(), watch: freshWatch };

/** Everything in a spec that changes a step; its name, probes, how often it reports and when it ends do not. */
export function specHash(spec: RunSpec): string {
  const { checkpointEvery: _checkpoint, evalEvery: _eval, keepCheckpoints: _keep, keepBest: _best, earlyStopping: _stopping, ...training } = spec.training;
  const { objective, method, adapter, rounds, model, dataset } = spec;
  return createHash('sha256').update(JSON.stringify({ objective, method, adapter, rounds, model: model.reference !== null, dataset: [dataset.format, dataset.evalFraction, dataset.limit], training })).digest('hex');
}

function refuseOther({ state, path }: Checkpoint, identity: RunIdentity): void {
  const changed = state.specHash !== identity.specHash ? 'spec' : state.dataHash !== identity.dataHash ? 'dataset' : state.modelHash !== identity.modelHash ? 'model' : null;
  if (changed === null) return;
  throwFailure('bad-input', `This run cannot go on: its ${changed} is not the one its checkpoint of step ${state.step} was made with.`, `Put the ${changed} back as it was, or start a new run.`, { path, changed });
}

/** From the cache when it is there and whole; otherwise computed and cached. */
async function referenceTable(setup: RunSetup, pairs: readonly TokenizedPair[]): Promise<ReadonlyMap<number, TokenLogprobs>> {
  const { cacheDir, emit, signals } = setup;
  const key = referenceKey({ ...setup.reference, buckets: setup.program.buckets, pairs });
  const progress = (done: number): void => emit({ kind: 'phase', phase: 'reference', done, total: pairs.length });
  const known = await readReference(cacheDir, key, pairs);
  if (known) {
    progress(pairs.length);
    return known;
  }
  progress(0);
  const table = await setup.scoreReference(pairs, progress, () => pauseOrStop(signals));
  try {
    await writeReference(cacheDir, key, pairs, table);
  } catch (thrown) {
    // the run itself does not need the file
    const reason = thrown instanceof AppFailure || thrown instanceof Error ? thrown.message : String(thrown);
    emit({ kind: 'problem', message: `The reference log-probs could not be cached (${reason}); the next run computes them again.` });
  }
  return table;
}
