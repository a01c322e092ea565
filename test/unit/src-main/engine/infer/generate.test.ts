import { describe, expect, it } from 'vitest';
import { generate, type GenerationRequest } from '../../../../../src-main/engine/infer/generate';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { buildInferenceProgram } from '../../../../../src-main/engine/program/inference-program';
import type { GenerationShape } from '../../../../../src-main/engine/program/types';
import { randomizeWeights, tinyLlama } from '../../../support/tiny-config';

const prompts = [[3, 4, 5], [6], [7, 8, 9, 10, 11], [12, 13], [14, 15, 16]];

async function answers(
  shape: GenerationShape,
  over: Partial<GenerationRequest> = {},
  shouldStop: () => boolean = () => false,
): Promise<Awaited<ReturnType<typeof generate>>> {
  const { program, packs } = buildInferenceProgram(tinyLlama(), null, [], shape);
  const session = await compileTensorflow(program);
  try {
    randomizeWeights(session, packs);
    return await generate(
      session,
      shape,
      { prompts, maxNewTokens: 8, temperature: 0, seed: 1, stopIds: [], padId: 0, ...over },
      shouldStop,
    );
  } finally {
    session.dispose();
  }
}
const wide: GenerationShape = { rows: 5, promptTokens: 8, capacity: 16 };

describe('generate', () => {
  it('answers each prompt as if it were alone', async () => {
    const together = await answers(wide);
    expect(together.map((a) => a.tokenIds.length)).toEqual([8, 8, 8, 8, 8]);
    expect(await answers({ rows: 1, promptTokens: 5, capacity: 13 })).toEqual(together);
    expect(await answers({ rows: 2, promptTokens: 8, capacity: 24 })).toEqual(together); // 2 + 2 + 1 rows
  });

  it('ends at a stop id, which counts as a token', async () => {
    const [first] = await answers(wide);
    const stop = first!.tokenIds[3]!;
    const [again] = await answers(wide, { stopIds: [stop] });
    const at = first!.tokenIds.indexOf(stop);
    expect(again).toEqual({ tokenIds: first!.tokenIds.slice(0, at + 1), finish: 'eos' });
  });

  it('ends at the number of tokens or where the window ends', async () => {
    const limited = await answers(wide, { maxNewTokens: 2 });
    expect(limited.every((a) => a.tokenIds.length === 2 && a.finish === 'length')).toBe(true);
    const [, , longest] = await answers({ rows: 5, promptTokens: 5, capacity: 7 });
    expect(longest).toMatchObject({ finish: 'length' });
    expect(longest!.tokenIds).toHaveLength(3); // positions 5 and 6 are fed, and one more token is predicted
  });

  it('samples alike with the same seed, whoever else is answered', async () => {
    const hot = { temperature: 1.5, seed: 9 };
    const together = await answers(wide, hot);
    expect(await answers({ rows: 2, promptTokens: 8, capacity: 16 }, hot)).toEqual(together);
    expect(await answers(wide, { ...hot, seed: 10 })).not.toEqual(together);
  });

  it('stops when told, with what there is', async () => {
    let calls = 0;
    const stopped = await answers(wide, {}, () => ++calls === 3);
    expect(stopped[0]).toMatchObject({ finish: 'stop' });
    expect(stopped[0]!.tokenIds).toHaveLength(3);
  });

  it('refuses empty and overlong prompts', async () => {
    await expect(answers(wide, { prompts: [[]] })).rejects.toMatchObject({ error: { code: 'bad-input' } });
    await expect(answers(wide, { prompts: [new Array<number>(9).fill(1)] })).rejects.toMatchObject({
      error: { code: 'bad-input' },
    });
  });
});
