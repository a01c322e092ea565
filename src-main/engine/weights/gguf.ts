import { open } from 'node:fs/promises';
import path from 'node:path';
import { gguf, GGMLQuantizationType, type GGUFParseOutput } from '@huggingface/gguf';
import { throwFailure } from '../../shared/result';
import { sizeOf } from '../graph/shapes';
import type { ModelConfig } from '../models/types';
import { parseModelConfig } from './config';
import { decodeTensor, storages, storedBytes } from './numbers';
import { readAt } from './read-at';
import type { StoredTensor, StoredType } from './types';

export type GgufMetadata = Readonly<Record<string, unknown>>;

export interface GgufFile {
  readonly metadata: GgufMetadata;
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly bytes: number;
}

const damaged = (file: string, why: string): never => throwFailure('bad-model', `${path.basename(file)} is not a usable GGUF file: ${why}.`, 'Download it again, or choose another file.', { file });

/** Opens a Llama-family GGUF file; tensors get their Hugging Face names and row order. */
export async function openGguf(file: string): Promise<GgufFile> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const magic = await readAt(handle, 0, 4);
    if (!magic || new TextDecoder().decode(magic) !== 'GGUF') return damaged(file, 'it does not start with GGUF');
    const parsed = await parse(file);
    const { metadata } = parsed;
    const architecture = metadata['general.architecture'];
    if (architecture !== 'llama') return throwFailure('bad-model', `${path.basename(file)} holds a model of architecture ${String(architecture)}, which is not supported.`, 'From GGUF, only the Llama family is supported.', { file, architecture });
    const names = new Set(parsed.tensorInfos.map((t) => t.name));
    const config = parseModelConfig(huggingFaceConfig(file, metadata, names), file);
    const dataStart = Number(parsed.tensorDataOffset);
    const tensors = new Map<string, StoredTensor>();
    for (const info of parsed.tensorInfos) {
      const translated = huggingFaceName(info.name);
      if (translated === null) continue; // rope factors and the like are computed
      const type = GGMLQuantizationType[info.dtype] as string;
      if (!(type in storages)) return throwFailure('bad-model', `${path.basename(file)} stores ${info.name} as ${type}, which is not supported.`, 'Choose a file of type F32, F16, BF16, Q8_0, Q4_0 or Q4_1.', { file, tensor: info.name, type });
      const shape = [...info.shape].reverse().map(Number); // GGUF lists the fastest axis first
      const stored = type as StoredType;
      const position = dataStart + Number(info.offset);
      const bytes = storedBytes(stored, sizeOf(shape));
      if (position + bytes > size) return damaged(file, `it is cut off within ${info.name}`);
      const heads = translated.endsWith('q_proj.weight') ? config.heads : translated.endsWith('k_proj.weight') ? config.kvHeads : null;
      tensors.set(translated, { name: translated, shape, type: stored, read: () => readTensor(file, position, stored, shape, heads) });
    }
    return { metadata, config, tensors, bytes: size };
  } finally {
    await handle.close();
  }
}

async function parse(file: string): Promise<GGUFParseOutput<{ strict: false }>> {
  try {
    return await gguf(file, { allowLocalFile: true });
  } catch (thrown) {
    return damaged(file, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

async function readTensor(file: string, position: number, type: StoredType, shape: readonly number[], heads: number | null): Promise<Float32Array> {
  const handle = await open(file, 'r');
  try {
    const count = sizeOf(shape);
    const bytes = (await readAt(handle, position, storedBytes(type, count))) ?? damaged(file, 'it became shorter while it was read');
    const values = decodeTensor(type, bytes, count);
    return heads === null ? values : unpermute(values, heads, shape);
  } finally {
    await handle.close();
  }
}

/** llama.cpp interleaves the rotary halves of q and k rows; transformers keeps them apart: row (head, half, i) of ours is its row (head, i, half). */
function unpermute(values: Float32Array, heads: number, [rows, columns]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  const headDim = rows! / heads;
  const half = headDim / 2;
  for (let head = 0; head < heads; head++)
    for (let side = 0; side < 2; side++)
      for (let i = 0; i < half; i++) {
        const from = (head * headDim + 2 * i + side) * columns!;
        out.set(values.subarray(from, from + columns!), (head * headDim + side * half + i) * columns!);
      }
  return out;
}

const layerNames: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm', attn_q: 'self_attn.q_proj', attn_k: 'self_attn.k_proj', attn_v: 'self_attn.v_proj', attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm', ffn_gate: 'mlp.gate_proj', ffn_up: 'mlp.up_proj', ffn_down: 'mlp.down_proj',
};
const topNames: Readonly<Record<string, string>> = { 'token_embd.weight': 'model.embed_tokens.weight', 'output_norm.weight': 'model.norm.weight', 'output.weight': 'lm_head.weight' };

function huggingFaceName(name: string): string | null {
  const layer = /^blk\.(\d+)\.([a-z_]+)\.(weight|bias)$/.exec(name);
  const part = layer ? layerNames[layer[2]!] : undefined;
  return layer && part ? `model.layers.${layer[1]}.${part}.${layer[3]}` : (topNames[name] ?? null);
}

/** config.json as transformers would have it, so that an export of a GGUF model is complete. */
function huggingFaceConfig(file: string, metadata: GgufMetadata, tensors: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const number = (key: string, fallback?: number): number => {
    const value = metadata[`llama.${key}`];
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    return fallback ?? damaged(file, `its metadata lacks llama.${key}`);
  };
  const heads = number('attention.head_count');
  const width = number('embedding_length');
  const tokens = metadata['tokenizer.ggml.tokens'];
  const id = (name: string): number | undefined => {
    const value = metadata[`tokenizer.ggml.${name}_token_id`];
    return value === undefined ? undefined : Number(value);
  };
  const scaling = metadata['llama.rope.scaling.type'];
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    num_hidden_layers: number('block_count'),
    hidden_size: width,
    num_attention_heads: heads,
    num_key_value_heads: number('attention.head_count_kv', heads),
    head_dim: number('attention.key_length', width / heads),
    intermediate_size: number('feed_forward_length'),
    vocab_size: number('vocab_size', Array.isArray(tokens) ? tokens.length : undefined),
    max_position_embeddings: number('context_length'),
    rms_norm_eps: number('attention.layer_norm_rms_epsilon'),
    rope_theta: number('rope.freq_base', 10000),
    ...(scaling === 'linear' ? { rope_scaling: { rope_type: 'linear', factor: number('rope.scaling.factor') } } : {}),
    tie_word_embeddings: !tensors.has('output.weight'),
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_up.bias'),
    hidden_act: 'silu',
    bos_token_id: id('bos'),
    eos_token_id: id('eos'),
    pad_token_id: id('padding'),
    torch_dtype: 'float32',
  };
}
