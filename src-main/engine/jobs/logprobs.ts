import { throwFailure } from '../../shared/result';
import { problemGroups, problemSentence } from '../../shared/row-problems';
import { readPairs } from '../data/read-pairs';
import { tokenizePairs } from '../data/tokenize';
import type { EngineJobs, LogprobsOutcome } from '../protocol';
import { chooseBuckets } from '../train/buckets';
import { oneLane } from '../train/lanes';
import { sizeOf } from '../train/layout';
import { scoreAll } from '../train/reference';
import { plainLayout } from '../train/scoring';
import type { TokenizedPair } from '../train/types';
import { openModel } from '../weights/open-model';
import type { RowProblem } from '../../shared/dataset';
import { openInference } from './inference';
import type { JobContext } from './index';
import { tickOrStop } from './signals';

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
      const table = await scoreAll(
        { session, buckets, layout: plainLayout, lanes: oneLane },
        pairs,
        (done) => emit({ kind: 'progress', done, total: pairs.length, what: 'score pairs' }),
        () => tickOrStop(signals),
      );
      return {
        pairs: pairs.map(({ row, promptIds, chosenIds, rejectedIds }) => {
          const { chosen, rejected } = table.get(row)!;
          return {
            row,
            promptIds: [...promptIds],
            chosenIds: [...chosenIds],
            rejectedIds: [...rejectedIds],
            chosenLogprobs: [...chosen],
            rejectedLogprobs: [...rejected],
          };
        }),
      };
    } finally {
      session.dispose();
    }
  } finally {
    await source.close();
  }
}
