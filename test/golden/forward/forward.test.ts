import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Compile } from '../../../src-main/engine/graph/types';
import { compileEager } from '../../../src-main/engine/backends/eager/session';
import { compileTensorflow } from '../../../src-main/engine/backends/tensorflow/session';
import { parseModelConfig } from '../../../src-main/engine/weights/config';
import { furthest, goldens, models, score } from './scoring';

// Per-token log-probs of tiny random checkpoints by transformers in float32 (make.py, which names its versions).

const lowerings: readonly (readonly [string, () => Promise<Compile>])[] = [
  ['TensorFlow', () => Promise.resolve(compileTensorflow)],
  ['wasm', () => compileEager('wasm')],
];

describe.each(lowerings)('forward pass against transformers: %s', (_name, open) => {
  it.each(goldens.cases)('$name', async ({ name, logprobs }) => {
    expect(logprobs.map((row) => row.length)).toEqual(goldens.sequences.map((ids) => ids.length - 1));
    expect(furthest(await score(join(models, name), await open()), logprobs)).toBeLessThan(1e-4);
  });
});

it('reads configurations of transformers 4 as those of transformers 5', () => {
  const read = (model: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(models, model, 'config.json'), 'utf8')) as Record<string, unknown>;
  const rope = (json: Record<string, unknown>): Record<string, unknown> =>
    json.rope_parameters as Record<string, unknown>;
  const geometry = (json: unknown) => ({ ...parseModelConfig(json, 'config.json').config, huggingFace: null });

  const { rope_parameters: _scaled, ...llama3 } = read('llama-rope-llama3');
  const { rope_theta: theta, ...scaling } = rope(read('llama-rope-llama3'));
  expect(geometry({ ...llama3, rope_theta: theta, rope_scaling: scaling })).toEqual(
    geometry(read('llama-rope-llama3')),
  );

  const { rope_parameters: _neox, ...neox } = read('neox-rotary-half-gelu-new');
  expect(geometry({ ...neox, rotary_pct: 0.5, rotary_emb_base: 2000 })).toEqual(
    geometry(read('neox-rotary-half-gelu-new')),
  );
});
