import { isNothing, refusal, refusalUnless, type FieldRules, type Fields } from '../shared/fields';
import type { GgufArchitecture, GgufSource, GgufTensor } from '../gguf';
import type { ModelShape } from '../types';
import { ropeFromFactors } from './gguf-rope';

const prefix = 'llama.';
const ropeFactors = 'rope_freqs.weight'; // Llama 3.1 and later

const isOneOrUnset = (value: unknown): boolean => value === 1 || isNothing(value); // llama.cpp takes 0 for "not given"
const asNumber = (value: unknown): number => (typeof value === 'bigint' ? Number(value) : (value as number));

const architectureRules: FieldRules = {
  honoured: [
    'block_count',
    'context_length',
    'embedding_length',
    'feed_forward_length',
    'attention.head_count',
    'attention.head_count_kv',
    'attention.layer_norm_rms_epsilon',
    'attention.key_length',
    'attention.value_length',
    'rope.freq_base',
    'rope.dimension_count',
    'rope.scaling.type',
    'rope.scaling.factor',
    'rope.scale_linear',
    'vocab_size',
  ],
  // the trained context is read by yarn alone, which is refused; layouts are what this reader undoes; the other norm's
  // epsilon is for other architectures
  harmless: [
    'rope.scaling.original_context_length',
    'rope.scaling.finetuned',
    'tensor_data_layout',
    'attention.layer_norm_epsilon',
    'expert_used_count',
  ],
  noted: new Map(),
  refused: new Map([
    ...[
      'expert_count',
      'expert_shared_count',
      'expert_feed_forward_length',
      'interleave_moe_layer_step',
      'leading_dense_block_count',
    ].map((key) => [key, refusal('a mixture of experts')] as const),
    [
      'attention.sliding_window',
      refusalUnless(
        'attention to the last tokens only',
        (value, all) => isNothing(value) || asNumber(value) >= asNumber(all.context_length),
      ),
    ],
    ['attention.scale', refusal('another scale of attention than 1 / √head_dim')],
    ...['logit_scale', 'residual_scale', 'embedding_scale'].map(
      (key) => [key, refusalUnless('values that are scaled on their way', isOneOrUnset)] as const,
    ),
    ...['attn_logit_softcapping', 'final_logit_softcapping', 'attention.clamp_kqv'].map(
      (key) => [key, refusal('values that are capped')] as const,
    ),
    ['attention.max_alibi_bias', refusal('positions by ALiBi')],
    ['attention.causal', refusalUnless('attention in both directions', (value) => value === true)],
    ['rope.scaling.attn_factor', refusalUnless('another scale of attention', isOneOrUnset)],
    ['use_parallel_residual', refusal('attention and feed-forward side by side')],
  ]),
};

const keys: ReadonlyMap<string, string> = new Map([
  ['num_hidden_layers', 'block_count'],
  ['hidden_size', 'embedding_length'],
  ['num_attention_heads', 'attention.head_count'],
  ['num_key_value_heads', 'attention.head_count_kv'],
  ['head_dim', 'attention.key_length'],
  ['intermediate_size', 'feed_forward_length'],
  ['max_position_embeddings', 'context_length'],
  ['rms_norm_eps', 'attention.layer_norm_rms_epsilon'],
  ['rope_theta', 'rope.freq_base'],
  ['vocab_size', 'vocab_size'],
  ['rope_scaling.factor', 'rope.scaling.factor'],
]);
function config(source: GgufSource): Fields {
  const { number, names, tokens, tokenId, refuse } = source;
  const heads = number(`${prefix}attention.head_count`);
  const width = number(`${prefix}embedding_length`);
  const headDim = number(`${prefix}attention.key_length`, width / heads);
  for (const [key, value] of [
    ['attention.value_length', number(`${prefix}attention.value_length`, headDim)],
    ['rope.dimension_count', number(`${prefix}rope.dimension_count`, headDim)],
  ] as const)
    if (value !== headDim)
      refuse(
        `${prefix}${key}`,
        value,
        `a head has ${headDim} numbers, and heads of which only a part is used so are not supported`,
      );
  const theta = number(`${prefix}rope.freq_base`, 10000);
  const context = number(`${prefix}context_length`);
  const has = (pattern: RegExp): boolean => [...names].some((name) => pattern.test(name));
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    num_hidden_layers: number(`${prefix}block_count`),
    hidden_size: width,
    num_attention_heads: heads,
    num_key_value_heads: number(`${prefix}attention.head_count_kv`, heads),
    head_dim: headDim,
    intermediate_size: number(`${prefix}feed_forward_length`),
    vocab_size: number(`${prefix}vocab_size`, tokens),
    max_position_embeddings: context,
    rms_norm_eps: number(`${prefix}attention.layer_norm_rms_epsilon`),
    rope_theta: theta,
    ...ropeScaling(source, { theta, headDim, context }),
    tie_word_embeddings: !names.has('output.weight'),
    attention_bias: has(/^blk\.\d+\.attn_(q|k|v|output)\.bias$/),
    mlp_bias: has(/^blk\.\d+\.ffn_(gate|up|down)\.bias$/),
    hidden_act: 'silu',
    bos_token_id: tokenId('bos'),
    eos_token_id: tokenId('eos'),
    pad_token_id: tokenId('padding'),
    torch_dtype: 'float32',
  };
}

/** As llama.cpp reads it: a factor without a type is linear, "none" turns it off; the tensor's factors come on top. */
function ropeScaling(
  { metadata, number, ropeFactors: factors, refuse }: GgufSource,
  { theta, headDim, context }: { readonly theta: number; readonly headDim: number; readonly context: number },
): Fields {
  const type = metadata[`${prefix}rope.scaling.type`] ?? 'linear';
  if (type !== 'none' && type !== 'linear')
    return refuse(`${prefix}rope.scaling.type`, type, 'this way to scale positions is not supported, only linear');
  const given = number(`${prefix}rope.scaling.factor`, number(`${prefix}rope.scale_linear`, 1));
  const factor = type === 'none' || given === 0 ? 1 : given; // 0: not given
  if (factors === null) return factor === 1 ? {} : { rope_scaling: { rope_type: 'linear', factor } };
  if (factors.length !== headDim / 2) refuse(ropeFactors, Array.from(factors), `it must hold ${headDim / 2} numbers`);
  return {
    rope_scaling: ropeFromFactors(
      factors.map((f) => f * factor),
      theta,
      headDim,
      context,
    ),
  };
}

/**
 * llama.cpp interleaves the rotary halves of q and k rows (and biases); transformers keeps them apart: row (head, half,
 * i) of ours is its row (head, i, half).
 */
function unpermute(values: Float32Array, heads: number, [rows, columns = 1]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  const headDim = rows! / heads;
  const half = headDim / 2;
  for (let head = 0; head < heads; head++)
    for (let side = 0; side < 2; side++)
      for (let i = 0; i < half; i++) {
        const from = (head * headDim + 2 * i + side) * columns;
        out.set(values.subarray(from, from + columns), (head * headDim + side * half + i) * columns);
      }
  return out;
}

const layerNames: ReadonlyMap<string, string> = new Map([
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
]);
const topNames: ReadonlyMap<string, string> = new Map([
  ['token_embd.weight', 'model.embed_tokens.weight'],
  ['output_norm.weight', 'model.norm.weight'],
  ['output.weight', 'lm_head.weight'],
]);

function huggingFaceName(name: string): string {
  const layer = /^blk\.(\d+)\.([a-z_]+)\.(weight|bias)$/.exec(name);
  const part = layer ? layerNames.get(layer[2]!) : undefined;
  return layer && part ? `model.layers.${layer[1]}.${part}.${layer[3]}` : (topNames.get(name) ?? name);
}

function tensor(stored: string, shape: readonly number[], { heads, kvHeads }: ModelShape): GgufTensor {
  const name = huggingFaceName(stored);
  const projection = /\.([qk])_proj\.(weight|bias)$/.exec(name)?.[1];
  if (projection === undefined) return { name };
  return { name, arrange: (values) => unpermute(values, projection === 'q' ? heads : kvHeads, shape) };
}

/** Llama as llama.cpp's converter writes it. */
export const gguf: GgufArchitecture = { id: 'llama', rules: architectureRules, keys, ropeFactors, config, tensor };
