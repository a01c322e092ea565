import type { Compile } from '../../graph/types';
import type { ModelSource } from '../../source/types';
import { oneLane } from '../../batch/lanes';
import type { PackedLogprobs } from '../../infer/logprob-table';
import { loadWeights } from '../../program/load-weights';
import { buildInferenceProgram } from '../../program/inference-program';
import { scoreAll } from '../../infer/score-all';
import { plainLayout } from '../../program/scoring-layout';
import type { Bucket, TokenizedPair } from '../../batch/types';

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
