import type { Compile } from '../graph/types';
import type { ModelSource } from '../weights/types';
import { oneLane } from './lanes';
import type { PackedLogprobs } from './logprob-table';
import { loadWeights } from './load-weights';
import { buildInferenceProgram } from './inference-program';
import { scoreAll } from './reference';
import { plainLayout } from './scoring-layout';
import type { Bucket, TokenizedPair } from '../batch/types';

/** Scores all pairs with another model, which is in memory only as long as that takes. */
export async function scoreWithModel(
  compile: Compile,
  source: ModelSource,
  buckets: readonly Bucket[],
  pairs: readonly TokenizedPair[],
  onProgress: (done: number) => void,
  pause: () => Promise<void>,
): Promise<PackedLogprobs> {
  const { program } = buildInferenceProgram(source.config, null, buckets, null);
  const session = await compile(program);
  try {
    await loadWeights(session, source, () => undefined, pause);
    return await scoreAll({ session, buckets, layout: plainLayout, lanes: oneLane }, pairs, onProgress, pause);
  } finally {
    session.dispose();
    await source.close();
  }
}
