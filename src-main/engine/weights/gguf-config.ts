import path from 'node:path';
import { throwFailure } from '../../shared/result';
import { isNothing, judgeFields, refusal, refusalUnless, shown, type FieldRules } from './fields';
import { ropeFromFactors } from './gguf-rope';

export type GgufMetadata = Readonly<Record<string, unknown>>;

/** What the tensors of the file say about the model beside its metadata. */
export interface GgufTensorFacts {
  readonly names: ReadonlySet<string>;
  /** `rope_freqs.weight`: what each rotary frequency is divided by (Llama 3.1 and later). */
  readonly ropeFactors: Float32Array | null;
}

const isOne = (value: unknown): boolean => value === 1 || isNothing(value); // llama.cpp takes 0 for "not given"
const number = (value: unknown): number => (typeof value === 'bigint' ? Number(value) : (value as number));

/** Keys after `llama.`; whatever is in neither list is refused. */
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
  // the trained context is read by yarn alone, which is refused; layouts are what this reader undoes; the other norm's epsilon is for other architectures
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
        (value, all) => isNothing(value) || number(value) >= number(all.context_length),
      ),
    ],
    ['attention.scale', refusal('another scale of attention than 1 / √head_dim')],
    ...['logit_scale', 'residual_scale', 'embedding_scale'].map(
      (key) => [key, refusalUnless('values that are scaled on their way', isOne)] as const,
    ),
    ...['attn_logit_softcapping', 'final_logit_softcapping', 'attention.clamp_kqv'].map(
      (key) => [key, refusal('values that are capped')] as const,
    ),
    ['attention.max_alibi_bias', refusal('positions by ALiBi')],
    ['attention.causal', refusalUnless('attention in both directions', (value) => value === true)],
    ['rope.scaling.attn_factor', refusalUnless('another scale of attention', isOne)],
    ['use_parallel_residual', refusal('attention and feed-forward side by side')],
  ]),
};

const configKeys: ReadonlyMap<string, string> = new Map([
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
const tokenKeys: ReadonlyMap<string, string> = new Map([
  ['bos_token_id', 'bos'],
  ['eos_token_id', 'eos'],
  ['pad_token_id', 'padding'],
]);

/** What the file calls a field of config.json. */
export const ggufKey = (field: string): string => {
  const token = tokenKeys.get(field);
  return token === undefined
    ? configKeys.has(field)
      ? `llama.${configKeys.get(field)!}`
      : field
    : `tokenizer.ggml.${token}_token_id`;
};

const refuse = (file: string, key: string, value: unknown, why: string): never =>
  throwFailure(
    'bad-model',
    `${path.basename(file)}: ${key} is ${shown(value)}: ${why}.`,
    'Choose another file, or use the Hugging Face folder of this model instead.',
    { file, key },
  );

/** Refuses what the metadata ask for and nobody here does; returns what is only worth knowing. `tokenizer.` is the tokenizer's to read. */
export function checkMetadata(file: string, metadata: GgufMetadata): readonly string[] {
  const own = Object.entries(metadata);
  const kind = metadata['general.type'] ?? 'model';
  if (kind !== 'model') refuse(file, 'general.type', kind, 'this is not a whole model');
  const shards = metadata['split.count'];
  if (!isNothing(shards) && number(shards) !== 1)
    refuse(
      file,
      'split.count',
      shards,
      'a model in several GGUF files is not supported; join them with llama-gguf-split --merge',
    );
  const architecture = Object.fromEntries(
    own.filter(([key]) => key.startsWith('llama.')).map(([key, value]) => [key.slice('llama.'.length), value]),
  );
  const { refused, unknown } = judgeFields(architecture, architectureRules);
  for (const { name, value, asks } of refused)
    refuse(file, `llama.${name}`, value, `it asks for ${asks}, which is not supported`);
  for (const { name, value } of unknown)
    refuse(file, `llama.${name}`, value, 'this key is not known here and may change what the model computes');
  const ours = /^(general|tokenizer|llama|split|quantize)\.|^(version|tensor_count|kv_count)$/;
  return own
    .filter(([key, value]) => !ours.test(key) && !isNothing(value))
    .map(([key, value]) => `${key} is ${shown(value)}: this key is not known here and has no effect.`);
}

/** config.json as transformers would have it, so that an export of a GGUF model is complete. */
export function huggingFaceConfig(
  file: string,
  metadata: GgufMetadata,
  { names, ropeFactors }: GgufTensorFacts,
): Readonly<Record<string, unknown>> {
  const get = (key: string, fallback?: number): number => {
    const value = metadata[`llama.${key}`];
    if (value === undefined && fallback !== undefined) return fallback;
    if (Array.isArray(value)) return refuse(file, `llama.${key}`, value, 'layers of different sizes are not supported');
    if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
    return throwFailure(
      'bad-model',
      `${path.basename(file)} is not a usable GGUF file: its metadata lacks llama.${key}.`,
      'Download it again, or choose another file.',
      { file, key },
    );
  };
  const heads = get('attention.head_count');
  const width = get('embedding_length');
  const headDim = get('attention.key_length', width / heads);
  for (const [key, value] of [
    ['attention.value_length', get('attention.value_length', headDim)],
    ['rope.dimension_count', get('rope.dimension_count', headDim)],
  ] as const)
    if (value !== headDim)
      refuse(
        file,
        `llama.${key}`,
        value,
        `a head has ${headDim} numbers, and heads of which only a part is used so are not supported`,
      );
  const theta = get('rope.freq_base', 10000);
  const context = get('context_length');
  const tokens = metadata['tokenizer.ggml.tokens'];
  const id = (name: string): number | undefined => {
    const value = metadata[`tokenizer.ggml.${name}_token_id`];
    return value === undefined ? undefined : Number(value);
  };
  const has = (pattern: RegExp): boolean => [...names].some((name) => pattern.test(name));
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    num_hidden_layers: get('block_count'),
    hidden_size: width,
    num_attention_heads: heads,
    num_key_value_heads: get('attention.head_count_kv', heads),
    head_dim: headDim,
    intermediate_size: get('feed_forward_length'),
    vocab_size: get('vocab_size', Array.isArray(tokens) ? tokens.length : undefined),
    max_position_embeddings: context,
    rms_norm_eps: get('attention.layer_norm_rms_epsilon'),
    rope_theta: theta,
    ...ropeScaling(file, metadata, get, { factors: ropeFactors, theta, headDim, context }),
    tie_word_embeddings: !names.has('output.weight'),
    attention_bias: has(/^blk\.\d+\.attn_(q|k|v|output)\.bias$/),
    mlp_bias: has(/^blk\.\d+\.ffn_(gate|up|down)\.bias$/),
    hidden_act: 'silu',
    bos_token_id: id('bos'),
    eos_token_id: id('eos'),
    pad_token_id: id('padding'),
    torch_dtype: 'float32',
  };
}

interface Rotary {
  readonly factors: Float32Array | null;
  readonly theta: number;
  readonly headDim: number;
  readonly context: number;
}

/** As llama.cpp reads it: a factor without a type is linear, "none" turns it off; the tensor's factors come on top. */
function ropeScaling(
  file: string,
  metadata: GgufMetadata,
  get: (key: string, fallback?: number) => number,
  { factors, theta, headDim, context }: Rotary,
): Readonly<Record<string, unknown>> {
  const type = metadata['llama.rope.scaling.type'] ?? 'linear';
  if (type !== 'none' && type !== 'linear')
    return refuse(file, 'llama.rope.scaling.type', type, 'this way to scale positions is not supported, only linear');
  const given = get('rope.scaling.factor', get('rope.scale_linear', 1));
  const factor = type === 'none' || given === 0 ? 1 : given; // 0: not given
  if (factors === null) return factor === 1 ? {} : { rope_scaling: { rope_type: 'linear', factor } };
  if (factors.length !== headDim / 2)
    refuse(file, 'rope_freqs.weight', Array.from(factors), `it must hold ${headDim / 2} numbers`);
  return {
    rope_scaling: ropeFromFactors(
      factors.map((f) => f * factor),
      theta,
      headDim,
      context,
    ),
  };
}
