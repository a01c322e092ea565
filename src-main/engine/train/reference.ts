import { throwFailure } from '../../shared/result';
import { microBatches } from './micro-batches';
import { scoreTokens, type Scoring, type TokenLogprobs } from './scoring';
import type { TokenizedPair } from './types';

/** One forward pass over all pairs under the present weights. `pause` lets messages in and may throw to end the pass. */
export async function scoreAll(scoring: Scoring, pairs: readonly TokenizedPair[], onProgress: (done: number) => void, pause: () => Promise<void>, score = scoreTokens): Promise<ReadonlyMap<number, TokenLogprobs>> {
  const table = new Map<number, TokenLogprobs>();
  for (const batch of microBatches(pairs, scoring.buckets)) {
    await pause();
    score(scoring, batch).forEach((logprobs, b) => {
      const { row } = batch.pairs[b]!;
      if (![...logprobs.chosen, ...logprobs.rejected].every(Number.isFinite)) {
        throwFailure('bad-model', `The model gives row ${row} a log-prob that is not a finite number.`, 'Its weights are damaged or do not belong to its configuration; try another copy of the model.', { row });
      }
      table.set(row, logprobs);
    });
    onProgress(table.size);
  }
  return table;
}
