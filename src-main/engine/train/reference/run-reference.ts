import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwFailure, messageOf } from '../../../shared/result';
import type { PackedLogprobs } from '../../infer/logprob-table';
import type { Objective } from '../step/objective';
import { readReference, referenceKey, writeReference } from './reference-cache';
import { pauseOrStop, type RunSetup } from '../loop/run-setup';
import type { ReferenceSource } from '../step/step';
import type { TokenizedPair } from '../../batch/types';

type Table = PackedLogprobs;

/**
 * File of a later round's reference log-probs, in the run's own folder: they depend on weights that only this run ever
 * had.
 */
const roundKey = (round: number): string => `round-${round}`;

/**
 * The reference a run starts or goes on with. The session holds the initial weights; a checkpoint is restored after
 * this.
 */
export async function openReference(
  setup: RunSetup,
  objective: Objective,
  pairs: readonly TokenizedPair[],
  round: number,
): Promise<ReferenceSource> {
  if (!setup.resume) await rm(join(setup.runDir, 'reference'), { recursive: true, force: true });
  copyToLiveReference(setup);
  if (!objective.needsReference) return { kind: 'none' };
  if (objective.method.referenceSync.everySteps > 0) return { kind: 'live' };
  if (round === 0) return { kind: 'table', table: await initialTable(setup, pairs) };
  const table = await readReference(setup.runDir, roundKey(round), pairs);
  return table
    ? { kind: 'table', table }
    : throwFailure(
        'bad-input',
        `The reference log-probs of round ${round + 1} are gone from ${setup.runDir} or damaged.`,
        'Start a new run; the exported result of this one can be its model.',
        { round },
      );
}

/**
 * The present weights become the reference of a round. Throws StoppedEarly when a wish to stop comes in between;
 * nothing has changed then.
 */
export async function renewReference(
  setup: RunSetup,
  objective: Objective,
  pairs: readonly TokenizedPair[],
  round: number,
): Promise<ReferenceSource> {
  const isTable = objective.needsReference && objective.method.referenceSync.everySteps === 0;
  const table = isTable ? await score(setup, pairs) : null;
  if (table) await writeReference(setup.runDir, roundKey(round), table);
  copyToLiveReference(setup);
  if (table) return { kind: 'table', table };
  return { kind: objective.needsReference ? 'live' : 'none' };
}

function copyToLiveReference({ program, session }: RunSetup): void {
  if (program.liveReference) session.run('sync', { mixup: Float32Array.of(1) });
}

function score({ scoreReference, emit, signals }: RunSetup, pairs: readonly TokenizedPair[]): Promise<Table> {
  const progress = (done: number): void => emit({ kind: 'phase', phase: 'reference', done, total: pairs.length });
  progress(0);
  return scoreReference(pairs, progress, () => pauseOrStop(signals));
}

/** From the cache when it is there and whole; otherwise computed and cached. */
async function initialTable(setup: RunSetup, pairs: readonly TokenizedPair[]): Promise<Table> {
  const { cacheDir, emit } = setup;
  const key = referenceKey({ ...setup.reference, buckets: setup.program.buckets, pairs });
  const known = await readReference(cacheDir, key, pairs);
  if (known) {
    emit({ kind: 'phase', phase: 'reference', done: pairs.length, total: pairs.length });
    return known;
  }
  const table = await score(setup, pairs);
  try {
    await writeReference(cacheDir, key, table);
  } catch (thrown) {
    // the run itself does not need the file
    const reason = messageOf(thrown);
    emit({
      kind: 'problem',
      message: `The reference log-probs could not be cached (${reason}); the next run computes them again.`,
    });
  }
  return table;
}
