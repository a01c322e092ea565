import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf } from '../../../../../src-main/engine/families/registry';
import { elementCount } from '../../../../../src-main/engine/graph/shapes';
import { writeSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { seeded, tinyLlama } from '../../../support/tiny-config';

const words = ['<unk>', '<s>', '</s>', ...Array.from({ length: 28 }, (_, i) => `w${i}`)];

/** A random Llama of 31 words in a folder, as transformers would save it. */
export async function writeTinyModel(folder: string, seed = 1): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const config = tinyLlama();
  const put = (name: string, value: unknown): void => writeFileSync(join(folder, name), JSON.stringify(value));
  put('config.json', {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    intermediate_size: config.ffWidth,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headDim,
    max_position_embeddings: config.contextLength,
    rms_norm_eps: config.normEpsilon,
    rope_theta: 10000,
    tie_word_embeddings: true,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    bos_token_id: 1,
    eos_token_id: 2,
  });
  put('tokenizer.json', {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: words.slice(0, 3).map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: '<unk>' },
  });
  put('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
    model_max_length: 128,
  });
  const random = seeded(seed);
  const tensors = familyOf(config)
    .weights(config)
    .map(({ name, shape, role }) => ({
      name,
      shape,
      read: () =>
        Float32Array.from({ length: elementCount(shape) }, () => (role === 'norm' ? 1 : 0) + (random() - 0.5) * 0.5),
    }));
  await writeSafetensors(join(folder, 'model.safetensors'), 'F32', tensors);
}

/** Pairs of random words; every seventh chosen response is much longer. */
export function writeTinyPairs(file: string, count: number): void {
  const random = seeded(11);
  const text = (length: number): string => Array.from({ length }, () => words[3 + Math.floor(random() * 28)]).join(' ');
  const rows = Array.from({ length: count }, (_, i) => ({
    prompt: `${text(3)} `,
    chosen: text(i % 7 === 0 ? 20 : 4 + Math.floor(random() * 6)),
    rejected: text(3 + Math.floor(random() * 6)),
  }));
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
}
