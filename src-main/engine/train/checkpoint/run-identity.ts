import { createHash } from 'node:crypto';
import { throwFailure } from '../../../shared/result';
import type { RunSpec } from '../../../shared/spec/run-spec';
import type { LoraPlan } from '../../model/lora-plan';
import type { Checkpoint, CheckpointState } from './checkpoint';

/** What a checkpoint must have been made from, for a run to go on from it. */
export type RunIdentity = Pick<CheckpointState, 'specHash' | 'dataHash' | 'modelHash'> & {
  readonly lora: LoraPlan | null;
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

/** Refuses a checkpoint that another spec, model or file made. */
export function refuseOther({ state, path }: Checkpoint, identity: RunIdentity): void {
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
