import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largest } from '../../../src-main/shared/extremes';
import type { Compile } from '../../../src-main/engine/graph/types';
import { compileEager } from '../../../src-main/engine/lower/eager/session';
import { compileTensorflow } from '../../../src-main/engine/lower/tensorflow/session';
import { packRows, sizeOf } from '../../../src-main/engine/train/layout';
import { loadWeights } from '../../../src-main/engine/train/load-weights';
import { buildInferenceProgram } from '../../../src-main/engine/train/program';
import type { Bucket, TokenizedPair } from '../../../src-main/engine/train/types';
import { parseModelConfig } from '../../../src-main/engine/weights/config';
import { openModel } from '../../../src-main/engine/weights/open-model';

// Per-token log-probs of tiny random checkpoints by transformers in float32 (make.py, which names its versions).

interface Golden {
  readonly sequences: readonly (readonly number[])[];
  readonly cases: readonly { readonly name: string; readonly model: string; readonly logprobs: readonly (readonly number[])[] }[];
}
const folder = import.meta.dirname;
const golden = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Golden;
const lowerings: readonly (readonly [string, () => Promise<Compile>])[] = [['TensorFlow', () => Promise.resolve(compileTensorflow)], ['wasm', () => compileEager('wasm')]];

/** A sequence as a pair: its first token is the prompt, the rest the chosen response; `other` rides along as rejected to show that it does not matter. */
const asPair = (ids: readonly number[], other: readonly number[], row: number): TokenizedPair => ({ row, promptIds: ids.slice(0, 1), chosenIds: ids.slice(1), rejectedIds: other, cut: { prompt: 0, chosen: 0, rejected: 0 } });
const pairs = golden.sequences.map((ids, i) => asPair(ids, [5, 9, 4 + i], i + 1));
const bucket: Bucket = { rows: pairs.length, tokens: 128, completions: pairs.reduce((sum, p) => sum + sizeOf(p).completions, 0) + 3 };

async function score(model: string, compile: Compile): Promise<readonly (readonly number[])[]> {
  const source = await openModel(join(folder, model));
  const session = await compile(buildInferenceProgram(source.config, null, [bucket], null).program);
  try {
    await loadWeights(session, source, () => undefined, () => Promise.resolve());
    const { feeds, slots } = packRows(pairs, bucket);
    const logprobs = session.run('logprobs:0', feeds).logprobs as Float32Array;
    return pairs.map(({ chosenIds }, b) => Array.from(logprobs.slice(slots[b]!.chosen, slots[b]!.chosen + chosenIds.length)));
  } finally {
    session.dispose();
    await source.close();
  }
}

describe.each(lowerings)('forward pass against transformers: %s', (_name, open) => {
  it.each(golden.cases)('$name', async ({ model, logprobs }) => {
    const ours = await score(model, await open());
    const differences = logprobs.flatMap((expected, i) => expected.map((e, t) => Math.abs(ours[i]![t]! - e)));
    expect(differences).toHaveLength(golden.sequences.reduce((n, ids) => n + ids.length - 1, 0));
    expect(largest(differences)).toBeLessThan(1e-4);
  });
});

it('reads configurations of transformers 4 as those of transformers 5', () => {
  const read = (model: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, 'models', model, 'config.json'), 'utf8')) as Record<string, unknown>;
  const rope = (json: Record<string, unknown>): Record<string, unknown> => json.rope_parameters as Record<string, unknown>;
  const geometry = (json: unknown) => ({ ...parseModelConfig(json, 'config.json').config, huggingFace: null });

  const { rope_parameters: _scaled, ...llama3 } = read('llama-rope-llama3');
  const { rope_theta: theta, ...scaling } = rope(read('llama-rope-llama3'));
  expect(geometry({ ...llama3, rope_theta: theta, rope_scaling: scaling })).toEqual(geometry(read('llama-rope-llama3')));

  const { rope_parameters: _neox, ...neox } = read('neox-rotary-half-gelu-new');
  expect(geometry({ ...neox, rotary_pct: 0.5, rotary_emb_base: 2000 })).toEqual(geometry(read('neox-rotary-half-gelu-new')));
});
