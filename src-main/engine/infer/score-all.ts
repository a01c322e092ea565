import { throwFailure } from '../../shared/result';
import { PackedLogprobs } from './logprob-table';
import { microBatches } from '../batch/micro-batches';
import { runBatches, scoreTokens, type Scoring } from '../program/scoring';
import type { TokenizedPair } from '../batch/types';

/** Calls between two reports of a lane: neighbours are of nearly one length, so lanes end nearly together. */
const callsPerReport = 4;

/**
 * One forward pass over all pairs under the present weights. `pause` lets messages in and may throw to end the pass.
 */
export async function scoreAll(
  scoring: Scoring,
  pairs: readonly TokenizedPair[],
  onProgress: (done: number) => void,
  pause: () => Promise<void>,
  score = scoreTokens,
): Promise<PackedLogprobs> {
  const table = new PackedLogprobs(pairs);
  let done = 0;
  const batches = microBatches(pairs, scoring.buckets);
  const together = scoring.lanes.count > 1 ? callsPerReport * scoring.lanes.count : 1;
  for (let first = 0; first < batches.length; first += together) {
    await pause();
    let ended: unknown;
    const found = await runBatches(
      scoring,
      batches.slice(first, first + together),
      (batch) => score(scoring, batch),
      () =>
        pause().then(
          () => false,
          (thrown: unknown) => ((ended = thrown), true),
        ),
    );
    if (found === null) throw ended;
    for (const { batch, value } of found) {
      value.forEach((logprobs, b) => {
        const { row } = batch.pairs[b]!;
        if (![...logprobs.chosen, ...logprobs.rejected].every(Number.isFinite)) {
          throwFailure(
            'bad-model',
            `The model gives row ${row} a log-prob that is not a finite number.`,
            'Its weights are damaged or do not belong to its configuration; try another copy of the model.',
            { row },
          );
        }
        table.set(row, logprobs);
        done++;
      });
    }
    onProgress(done);
  }
  return table;
}
