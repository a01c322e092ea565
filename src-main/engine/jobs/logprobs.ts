import { throwFailure } from '../../shared/result';
import { problemGroups, problemSentence } from '../../shared/data/row-problems';
import { readPairs } from '../data/read-pairs';
import { tokenizePairs } from '../data/tokenize';
import type { EngineJobs, LogprobsOutcome } from '../protocol';
import type { PairLogprobs } from '../../shared/ipc/engine-events';
import { chooseBuckets } from '../batch/buckets';
import { oneLane } from '../batch/lanes';
import type { PackedLogprobs } from '../infer/logprob-table';
import { sizeOf } from '../batch/layout';
import { scoreAll } from '../infer/score-all';
import { plainLayout } from '../program/scoring-layout';
import type { TokenizedPair } from '../batch/types';
import { openModel } from '../source/open-model';
import type { RowProblem } from '../../shared/data/dataset';
import { openInference } from '../infer/session';
import type { JobContext } from './context';
import { tickOrStop } from '../signals';

/** So many pairs are scored at a time, and told of in messages of so many. */
const atOnce = { scored: 2048, told: 64 } as const;

/** Per-token log-probs of both responses of every usable pair, in row order. */
export async function logprobs(
  { modelPath, adapterPath, data, maxLength }: EngineJobs['logprobs']['in'],
  context: JobContext,
): Promise<LogprobsOutcome> {
  const { emit, signals } = context;
  const source = await openModel(modelPath);
  try {
    const chat = await source.tokenizer();
    const file = await readPairs(data);
    const tokenized = tokenizePairs(chat, file.pairs, {
      maxLength: Math.min(maxLength, source.config.contextLength),
      truncation: 'fit',
    });
    const pairs = tokenized.filter((x): x is TokenizedPair => !('code' in x));
    const leftOut = problemSentence(
      problemGroups([...file.problems, ...tokenized.filter((x): x is RowProblem => 'code' in x)]),
    );
    for (const message of [...(leftOut === null ? [] : [leftOut]), ...file.notes]) emit({ kind: 'problem', message });
    if (pairs.length === 0)
      throwFailure('bad-data', `${data.path} has no usable pair.`, leftOut ?? 'Choose another file.');

    const buckets = chooseBuckets(
      pairs.map((pair) => sizeOf(pair)),
      { pairsPerStep: Math.min(8, pairs.length), microBatchPairs: 'auto', steps: Math.ceil(pairs.length / 8) },
    );
    const session = await openInference(source, adapterPath, buckets, null, context);
    try {
      for (let first = 0; first < pairs.length; first += atOnce.scored) {
        const some = pairs.slice(first, first + atOnce.scored);
        const table = await scoreAll(
          { session, buckets, layout: plainLayout, lanes: oneLane },
          some,
          (done) => emit({ kind: 'progress', done: first + done, total: pairs.length, what: 'score pairs' }),
          () => tickOrStop(signals),
        );
        for (let from = 0; from < some.length; from += atOnce.told)
          emit({ kind: 'logprobs', pairs: some.slice(from, from + atOnce.told).map((pair) => told(pair, table)) });
      }
      return { scored: pairs.length };
    } finally {
      session.dispose();
    }
  } finally {
    await source.close();
  }
}

function told({ row, promptIds, chosenIds, rejectedIds }: TokenizedPair, table: PackedLogprobs): PairLogprobs {
  const { chosen, rejected } = table.get(row)!;
  return {
    row,
    promptIds: [...promptIds],
    chosenIds: [...chosenIds],
    rejectedIds: [...rejectedIds],
    chosenLogprobs: [...chosen],
    rejectedLogprobs: [...rejected],
  };
}
