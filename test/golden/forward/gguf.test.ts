import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { asLlamaCpp, llamaCppMetadata, writeGguf, type GgufTensor, type GgufValue } from '../../unit/support/gguf-file';
import { openModel } from '../../../src-main/engine/source/open-model';
import { furthest, golden, models, score } from './scoring';

// The same checkpoints as GGUF files and with other flags: transformers' numbers must come out all the same.

const folder = mkdtempSync(join(tmpdir(), 'sampo-gguf-golden-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const configOf = (name: string) =>
  JSON.parse(readFileSync(join(models, name, 'config.json'), 'utf8')) as Record<string, unknown>;

async function asGguf(
  name: string,
  extra: readonly GgufTensor[],
  metadata: Readonly<Record<string, GgufValue>> = {},
): Promise<string> {
  const source = await openModel(join(models, name));
  const heads = { q: source.config.heads, k: source.config.kvHeads };
  const tensors = await Promise.all([...source.tensors.values()].map((tensor) => asLlamaCpp(tensor, heads)));
  const file = join(folder, `${name}.gguf`);
  writeGguf(file, { ...llamaCppMetadata(configOf(name)), ...metadata }, [...tensors, ...extra]);
  return file;
}

/** As the converter computes them for Llama 3.1 and later, in its own words: wavelengths against the two bands. */
function converterFactors(
  {
    rope_theta: theta,
    factor,
    low_freq_factor: low,
    high_freq_factor: high,
    original_max_position_embeddings: old,
  }: Readonly<Record<string, number>>,
  dims: number,
): GgufTensor {
  const values = Float32Array.from({ length: dims / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * theta! ** ((2 * i) / dims);
    if (wavelength < old! / high!) return 1;
    if (wavelength > old! / low!) return factor!;
    const smooth = (old! / wavelength - low!) / (high! - low!);
    return 1 / ((1 - smooth) / factor! + smooth);
  });
  return { name: 'rope_freqs.weight', shape: [dims / 2], values };
}

describe('GGUF files against transformers', () => {
  it('takes rope_freqs.weight, and finds the scaling of config.json that an export needs', async () => {
    const { rope_parameters: rope, head_dim: headDim } = configOf('llama-rope-llama3') as {
      readonly rope_parameters: Record<string, number>;
      readonly head_dim: number;
    };
    const file = await asGguf('llama-rope-llama3', [converterFactors(rope, headDim)]);
    const source = await openModel(file);
    expect(source.config.rope.scaling).toEqual({
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 32,
    });
    expect(source.config.huggingFace.rope_scaling).toEqual({
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 32,
    });
    expect(furthest(await score(file), golden('llama-rope-llama3'))).toBeLessThan(1e-4);
  });

  it('takes factors that no type but a list can say, and says them as transformers reads them', async () => {
    const factors = Float32Array.of(1, 1.5, 3, 7);
    const file = await asGguf('llama-rope-factors', [{ name: 'rope_freqs.weight', shape: [4], values: factors }]);
    expect((await openModel(file)).config.huggingFace.rope_scaling).toEqual({
      rope_type: 'longrope',
      short_factor: [1, 1.5, 3, 7],
      long_factor: [1, 1.5, 3, 7],
      attention_factor: 1,
      original_max_position_embeddings: 256,
    });
    expect(furthest(await score(file), golden('llama-rope-factors'))).toBeLessThan(1e-4);
  });

  it.each([
    ['its type', { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4 }],
    ['no type, as llama.cpp', { 'llama.rope.scaling.factor': 4 }],
    ['the old key', { 'llama.rope.scale_linear': 4 }],
  ])('scales linearly by %s', async (_, metadata) => {
    expect(
      furthest(await score(await asGguf('llama-rope-linear', [], metadata)), golden('llama-rope-linear')),
    ).toBeLessThan(1e-4);
  });

  it('puts biases of q and k back in order, like their weights', async () => {
    expect(furthest(await score(await asGguf('llama-untied-bias', [])), golden('llama-untied-bias'))).toBeLessThan(
      1e-4,
    );
  });
});

describe('a head of its own beside tie_word_embeddings: true', () => {
  const tied = (name: string): string => {
    const copy = join(folder, `tied-${name}`);
    cpSync(join(models, name), copy, { recursive: true });
    writeFileSync(join(copy, 'config.json'), JSON.stringify({ ...configOf(name), tie_word_embeddings: true }));
    return copy;
  };

  it.each(['llama-untied-bias', 'neox-parallel'])(
    'counts, as in transformers, and an export says so: %s',
    async (name) => {
      const copy = tied(name);
      const source = await openModel(copy);
      expect([source.config.tiedHead, source.config.huggingFace.tie_word_embeddings]).toEqual([false, false]);
      expect(source.notes.join()).toMatch(/tie_word_embeddings is true, but (lm_head|embed_out)\.weight differs/);
      expect(furthest(await score(copy), golden(name))).toBeLessThan(1e-4);
    },
  );
});
