import { writeFileSync } from 'node:fs';
import type { StoredTensor } from '../../../src-main/engine/weights/types';

/**
 * A GGUF file (version 3) of F32 tensors, written as the format's specification says; shapes as Hugging Face has them.
 */
export interface GgufTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** The number of another type, for readers that must refuse it. */
  readonly type?: number;
}
export type GgufValue = number | string | boolean | { readonly u32: number } | readonly string[] | readonly number[];

class Bytes {
  private readonly parts: Uint8Array[] = [];
  length = 0;
  add(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }
  u32 = (value: number): this => this.add(new Uint8Array(new Uint32Array([value]).buffer));
  u64 = (value: number): this => this.add(new Uint8Array(new BigUint64Array([BigInt(value)]).buffer));
  f32 = (value: number): this => this.add(new Uint8Array(new Float32Array([value]).buffer));
  text = (value: string): this => this.u64(new TextEncoder().encode(value).length).add(new TextEncoder().encode(value));
  padTo = (alignment: number): this => this.add(new Uint8Array((alignment - (this.length % alignment)) % alignment));
  all = (): Uint8Array => Buffer.concat(this.parts);
}

/** u32 4, f32 6, bool 7, string 8, array 9. */
function addValue(bytes: Bytes, value: GgufValue): void {
  if (typeof value === 'string') bytes.u32(8).text(value);
  else if (typeof value === 'boolean') bytes.u32(7).add(Uint8Array.of(Number(value)));
  else if (typeof value === 'number') bytes.u32(6).f32(value);
  else if ('u32' in value) bytes.u32(4).u32(value.u32);
  else {
    bytes
      .u32(9)
      .u32(typeof value[0] === 'string' ? 8 : 6)
      .u64(value.length);
    value.forEach((item) => (typeof item === 'string' ? bytes.text(item) : bytes.f32(item)));
  }
}

export function writeGguf(
  file: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): void {
  const bytes = new Bytes()
    .add(new TextEncoder().encode('GGUF'))
    .u32(3)
    .u64(tensors.length)
    .u64(Object.keys(metadata).length);
  for (const [key, value] of Object.entries(metadata)) addValue(bytes.text(key), value);
  let offset = 0;
  for (const { name, shape, values, type = 0 } of tensors) {
    bytes.text(name).u32(shape.length);
    [...shape].reverse().forEach((size) => bytes.u64(size));
    bytes.u32(type).u64(offset);
    offset += Math.ceil((values.length * 4) / 32) * 32;
  }
  bytes.padTo(32);
  for (const { values } of tensors)
    bytes.add(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).padTo(32);
  writeFileSync(file, bytes.all());
}

const llamaCpp: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens/, 'token_embd'],
  [/^model\.norm/, 'output_norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers\.(\d+)\./, 'blk.$1.'],
  [/input_layernorm/, 'attn_norm'],
  [/post_attention_layernorm/, 'ffn_norm'],
  [/self_attn\.([qkv])_proj/, 'attn_$1'],
  [/self_attn\.o_proj/, 'attn_output'],
  [/mlp\.(gate|up|down)_proj/, 'ffn_$1'],
];

/**
 * A tensor as llama.cpp's converter writes it: `reshape(heads, 2, rows / heads / 2, …).swapaxes(1, 2)` for q and k,
 * weights and biases.
 */
export async function asLlamaCpp(
  tensor: StoredTensor,
  heads: { readonly q: number; readonly k: number },
): Promise<GgufTensor> {
  const values = await tensor.read();
  const name = llamaCpp.reduce((text, [from, to]) => text.replace(from, to), tensor.name);
  const kind = /attn_([qk])\./.exec(name)?.[1] as 'q' | 'k' | undefined;
  if (!kind) return { name, shape: tensor.shape, values };
  const [rows, columns = 1] = tensor.shape as readonly [number, number?];
  const perHead = rows / heads[kind];
  const swapped = Float32Array.from(values, (_, at) => {
    const row = Math.floor(at / columns);
    const [head, within] = [Math.floor(row / perHead), row % perHead];
    const [pair, half] = [Math.floor(within / 2), within % 2];
    return values[(head * perHead + half * (perHead / 2) + pair) * columns + (at % columns)]!;
  });
  return { name, shape: tensor.shape, values: swapped };
}

/** The metadata that llama.cpp's converter writes for a Llama of this config.json (transformers 5). */
export function llamaCppMetadata(config: Readonly<Record<string, unknown>>): Record<string, GgufValue> {
  const [number, rope] = [
    (field: string): number => config[field] as number,
    config.rope_parameters as Readonly<Record<string, number>>,
  ];
  const headDim = (config.head_dim as number | null) ?? number('hidden_size') / number('num_attention_heads');
  const count = (value: number): GgufValue => ({ u32: value });
  return {
    'general.architecture': 'llama',
    'general.name': 'golden',
    'llama.block_count': count(number('num_hidden_layers')),
    'llama.context_length': count(number('max_position_embeddings')),
    'llama.embedding_length': count(number('hidden_size')),
    'llama.feed_forward_length': count(number('intermediate_size')),
    'llama.attention.head_count': count(number('num_attention_heads')),
    'llama.attention.head_count_kv': count(number('num_key_value_heads')),
    'llama.attention.layer_norm_rms_epsilon': number('rms_norm_eps'),
    'llama.rope.freq_base': rope.rope_theta!,
    'llama.attention.key_length': count(headDim),
    'llama.attention.value_length': count(headDim),
    'llama.rope.dimension_count': count(headDim),
    'llama.vocab_size': count(number('vocab_size')),
  };
}
