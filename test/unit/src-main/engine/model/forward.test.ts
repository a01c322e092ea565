import { describe, expect, it } from 'vitest';
import { largest } from '../../../../../src-main/shared/extremes';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { linearModules, type ModelConfig } from '../../../../../src-main/engine/families/registry';
import type { LoraPlan } from '../../../../../src-main/engine/model/lora-plan';
import { buildInferenceProgram } from '../../../../../src-main/engine/program/inference-program';
import { randomizeWeights, tinyLlama, tinyNeox } from '../../../support/tiny-config';

const prompt = [3, 7, 1, 12];
const chosen = [5, 9, 2, 8, 30, 4];
const rejected = [6, 9, 11];

interface Row {
  readonly ids: readonly number[];
  readonly positions: readonly number[];
  readonly segments: readonly number[];
}

const pad = ({ ids, positions, segments }: Row, tokens: number): Row => {
  const missing = tokens - ids.length;
  const fill = (values: readonly number[], value: number): readonly number[] => [
    ...values,
    ...new Array<number>(missing).fill(value),
  ];
  return { ids: fill(ids, 0), positions: fill(positions, 0), segments: fill(segments, 3) };
};
const count = (n: number, from = 0): readonly number[] => Array.from({ length: n }, (_, i) => from + i);
const repeat = (n: number, value: number): readonly number[] => new Array<number>(n).fill(value);

const shared: Row = {
  ids: [...prompt, ...chosen, ...rejected],
  positions: [...count(prompt.length + chosen.length), ...count(rejected.length, prompt.length)],
  segments: [...repeat(prompt.length, 0), ...repeat(chosen.length, 1), ...repeat(rejected.length, 2)],
};
const single = (response: readonly number[]): Row => ({
  ids: [...prompt, ...response],
  positions: count(prompt.length + response.length),
  segments: [...repeat(prompt.length, 0), ...repeat(response.length, 1)],
});
const lastPrompt = prompt.length - 1;
const indexOf = (start: number, n: number): readonly number[] =>
  count(n).map((i) => (i === 0 ? lastPrompt : start + i - 1));

/** Log-probs of the given rows, each padded to T. */
async function score(
  config: ModelConfig,
  rows: readonly Row[],
  tokens: number,
  index: readonly number[],
  targets: readonly number[],
  lora: LoraPlan | null = null,
): Promise<readonly number[]> {
  const built = buildInferenceProgram(config, lora, [{ rows: rows.length, tokens, completions: index.length }], null);
  const session = await compileTensorflow(built.program);
  try {
    randomizeWeights(session, built.packs);
    const flat = (pick: (row: Row) => readonly number[]): Int32Array =>
      Int32Array.from(rows.flatMap((row) => pick(pad(row, tokens))));
    const feeds = {
      ids: flat((r) => r.ids),
      positions: flat((r) => r.positions),
      segments: flat((r) => r.segments),
      completionIndex: Int32Array.from(index),
      targets: Int32Array.from(targets),
    };
    return Array.from(session.run('logprobs:0', feeds).logprobs!);
  } finally {
    session.dispose();
  }
}

const difference = (a: readonly number[], b: readonly number[]): number =>
  largest(a.map((x, i) => Math.abs(x - b[i]!)))!;

const everywhere = (config: ModelConfig): LoraPlan => ({
  rank: 2,
  alpha: 4,
  modules: count(config.layers).flatMap((layer) =>
    linearModules(config).map((module) =>
      config.family === 'llama'
        ? `model.layers.${layer}.${module.endsWith('_proj') && ['gate_proj', 'up_proj', 'down_proj'].includes(module) ? 'mlp' : 'self_attn'}.${module}`
        : `gpt_neox.layers.${layer}.${module.startsWith('dense_') ? 'mlp' : 'attention'}.${module}`,
    ),
  ),
});

describe.each([
  ['llama', tinyLlama()],
  ['llama, untied with biases', tinyLlama({ tiedHead: false, own: { attentionBias: true, mlpBias: true } })],
  ['gpt-neox', tinyNeox()],
  ['gpt-neox, sequential', tinyNeox({ own: { ...tinyNeox().own, parallelResidual: false } })],
])('%s', (_name, config) => {
  const index = [...indexOf(prompt.length, chosen.length), ...indexOf(prompt.length + chosen.length, rejected.length)];
  const targets = [...chosen, ...rejected];

  it('scores a shared-prefix row as two sequences of their own', async () => {
    const together = await score(config, [shared], shared.ids.length, index, targets);
    const apart = await score(
      config,
      [single(chosen), single(rejected)],
      12,
      [...indexOf(prompt.length, chosen.length), ...indexOf(prompt.length, rejected.length).map((i) => 12 + i)],
      targets,
    );
    expect(difference(together, apart)).toBeLessThan(1e-5);
  });

  it('gives the same log-probs whatever the padding', async () => {
    const tight = await score(config, [shared], shared.ids.length, index, targets);
    const loose = await score(config, [shared], 32, index, targets);
    expect(difference(tight, loose)).toBeLessThan(1e-5);
  });

  it('lets adapters act on every linear layer', async () => {
    const plain = await score(config, [shared], 16, index, targets);
    const adapted = await score(config, [shared], 16, index, targets, everywhere(config));
    expect(difference(plain, adapted)).toBeGreaterThan(1e-2);
  });

  it('generates from the cache what the whole sequence gives', async () => {
    const sequence = [...prompt, ...chosen];
    const full = await score(config, [single(chosen)], sequence.length, indexOf(prompt.length, chosen.length), chosen);
    const built = buildInferenceProgram(config, null, [], { rows: 2, promptTokens: 6, capacity: 12 });
    const session = await compileTensorflow(built.program);
    try {
      randomizeWeights(session, built.packs);
      const logSoftmax = (row: Float32Array, target: number): number =>
        row[target]! - Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
      const second = (logits: ArrayLike<number>): Float32Array =>
        Float32Array.from(Array.from(logits).slice(config.vocabulary)); // row 0 is another prompt
      const ids = Int32Array.from([1, 2, 3, 4, 5, 6, ...prompt, 0, 0]);
      const logprobs: number[] = [];
      let logits = session.run('prefill', { ids, lengths: Int32Array.of(6, prompt.length) }).logits!;
      chosen.forEach((target, i) => {
        logprobs.push(logSoftmax(second(logits), target));
        logits = session.run('decode', {
          ids: Int32Array.of(1, target),
          positions: Int32Array.of(6 + i, prompt.length + i),
        }).logits!;
      });
      expect(difference(logprobs, full)).toBeLessThan(1e-5);
    } finally {
      session.dispose();
    }
  });
});
