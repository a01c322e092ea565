import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { weights } from '../../../src-main/engine/families/llama/weights';
import type { LlamaConfig } from '../../../src-main/engine/families/llama/config';
import { writeSafetensors } from '../../../src-main/engine/weights/safetensors';
import { Random } from '../../../src-main/shared/random';
import { starter } from './cli';

const words = ['red', 'blue', 'green', 'white', 'big', 'small', 'old', 'new'] as const;

/** A model of one layer, with the starter model's tokenizer: its graphs are built in a tenth of the time. */
export async function tinyModel(folder: string, seed: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(path.join(starter.model, name), path.join(folder, name));
  const json = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 588,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 8,
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    max_position_embeddings: 128,
    tie_word_embeddings: true,
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: 1,
    eos_token_id: 4,
    pad_token_id: 0,
  };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(json));
  const shape = {
    vocabulary: 588,
    layers: 1,
    width: 16,
    heads: 2,
    kvHeads: 1,
    headDim: 8,
    ffWidth: 24,
    tiedHead: true,
    own: { attentionBias: false, mlpBias: false },
  };
  const random = Random.keyed(seed);
  const tensors = weights(shape as LlamaConfig).map(({ name, shape: size, role }) => ({
    name,
    shape: size,
    read: () =>
      Float32Array.from({ length: size.reduce((n, d) => n * d, 1) }, () => (role === 'norm' ? 1 : random.next() - 0.5)),
  }));
  await writeSafetensors(path.join(folder, 'model.safetensors'), 'F32', tensors);
  return folder;
}

const lines = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

/** The same pairs under names that nobody can guess. */
export function renamedFile(folder: string): {
  readonly path: string;
  readonly columns: Readonly<Record<string, string>>;
} {
  const columns = { prompt: 'ask', chosen: 'this one', rejected: 'not that' };
  const file = path.join(folder, 'renamed.jsonl');
  writeFileSync(
    file,
    lines(
      pairRows().map(({ prompt, chosen, rejected }) => ({ ask: prompt, 'this one': chosen, 'not that': rejected })),
    ),
  );
  return { path: file, columns };
}

function pairRows(): readonly { readonly prompt: string; readonly chosen: string; readonly rejected: string }[] {
  return Array.from({ length: 24 }, (_, i) => {
    const answer = (count: number): string =>
      `A cow is ${Array.from({ length: count }, (_, k) => words[(i + k) % words.length]!).join(' and ')}.`;
    return {
      prompt: `What is the color of ${i} cows?`,
      chosen: answer(1 + (i % 5)),
      rejected: answer(1 + ((i * 3) % 4)),
    };
  });
}

/** 24 pairs of unlike lengths in each format that a spec can name. */
export function pairFiles(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true });
  const rows = pairRows();
  const turn = (role: string, content: string): object => ({ role, content });
  const written = {
    pairs: rows,
    messages: rows.map(({ prompt, chosen, rejected }) => ({
      prompt: [turn('user', prompt)],
      chosen: [turn('assistant', chosen)],
      rejected: [turn('assistant', rejected)],
    })),
    sharegpt: rows.map(({ prompt, chosen, rejected }) => ({
      conversations: [{ from: 'human', value: prompt }],
      chosen: { from: 'gpt', value: chosen },
      rejected: { from: 'gpt', value: rejected },
    })),
    alpaca: rows.map(({ prompt, chosen, rejected }, i) => ({
      instruction: prompt,
      input: i % 2 === 0 ? '' : 'They are in the sea.',
      chosen,
      rejected,
    })),
    hh: rows.map(({ prompt, chosen, rejected }) => ({
      chosen: `\n\nHuman: ${prompt}\n\nAssistant: ${chosen}`,
      rejected: `\n\nHuman: ${prompt}\n\nAssistant: ${rejected}`,
    })),
  };
  return Object.fromEntries(
    Object.entries(written).map(([format, list]) => {
      const file = path.join(folder, `${format}.jsonl`);
      writeFileSync(file, lines(list));
      return [format, file];
    }),
  );
}
