import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import type { ModelConfig, RopeScaling } from '../models/types';

/** config.json of transformers 4 and 5: the fields that the two families read. */
const number = z.number();
const count = z.number().int().positive();
const ropeFields = z.looseObject({ rope_type: z.string().optional(), type: z.string().optional(), rope_theta: number.optional(), factor: number.optional(), low_freq_factor: number.optional(), high_freq_factor: number.optional(), original_max_position_embeddings: number.optional(), partial_rotary_factor: number.optional() });
const common = {
  num_hidden_layers: count,
  hidden_size: count,
  num_attention_heads: count,
  intermediate_size: count,
  vocab_size: count,
  max_position_embeddings: count,
  tie_word_embeddings: z.boolean().default(false),
  rope_scaling: ropeFields.nullish(),
  rope_parameters: ropeFields.nullish(),
  hidden_act: z.string().default('silu'),
};
const llamaFields = z.looseObject({ ...common, num_key_value_heads: count.nullish(), head_dim: count.nullish(), rms_norm_eps: number.default(1e-6), rope_theta: number.default(10000), attention_bias: z.boolean().default(false), mlp_bias: z.boolean().default(false) });
const neoxFields = z.looseObject({ ...common, layer_norm_eps: number.default(1e-5), rotary_pct: number.default(0.25), rotary_emb_base: number.default(10000), use_parallel_residual: z.boolean().default(true), attention_bias: z.boolean().default(true) });

const supported = 'Supported: LlamaForCausalLM (Llama 1 to 3, SmolLM2, TinyLlama, …) and GPTNeoXForCausalLM (Pythia).';

/** Reads a parsed config.json. Throws AppFailure('bad-model') that names the architecture or the field. */
export function parseModelConfig(json: unknown, where: string): ModelConfig {
  const base = z.looseObject({ architectures: z.array(z.string()).optional(), model_type: z.string().optional() }).safeParse(json);
  if (!base.success) return throwFailure('bad-model', `${where} is not a model configuration.`, 'Choose the folder of a Hugging Face model.', { file: where });
  const architecture = base.data.architectures?.[0] ?? base.data.model_type ?? 'unknown';
  if (architecture === 'LlamaForCausalLM' || architecture === 'llama') return llama(read(llamaFields, json, where), base.data);
  if (architecture === 'GPTNeoXForCausalLM' || architecture === 'gpt_neox') return gptNeox(read(neoxFields, json, where), base.data);
  return throwFailure('bad-model', `${where} describes a ${architecture}, which is not supported.`, supported, { file: where, architecture });
}

function read<T>(schema: z.ZodType<T>, json: unknown, where: string): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  return throwFailure('bad-model', `${where}: field ${issue.path.join('.')}: ${issue.message}.`, 'The file may be damaged or of an unusual model; compare it with the original.', { file: where });
}

function llama(c: z.infer<typeof llamaFields>, huggingFace: Readonly<Record<string, unknown>>): ModelConfig {
  if (c.hidden_act !== 'silu') throwFailure('bad-model', `This Llama uses the activation ${c.hidden_act}; only silu is supported.`, supported);
  const headDim = c.head_dim ?? c.hidden_size / c.num_attention_heads;
  const rope = c.rope_parameters ?? c.rope_scaling ?? null;
  return {
    family: 'llama', layers: c.num_hidden_layers, width: c.hidden_size, heads: c.num_attention_heads, kvHeads: c.num_key_value_heads ?? c.num_attention_heads, headDim,
    ffWidth: c.intermediate_size, vocabulary: c.vocab_size, contextLength: c.max_position_embeddings, normEpsilon: c.rms_norm_eps, tiedHead: c.tie_word_embeddings,
    rope: { theta: rope?.rope_theta ?? c.rope_theta, dims: headDim, scaling: ropeScaling(rope, c.max_position_embeddings) },
    attentionBias: c.attention_bias, mlpBias: c.mlp_bias, parallelResidual: false, activation: 'silu', huggingFace,
  };
}

function gptNeox(c: z.infer<typeof neoxFields>, huggingFace: Readonly<Record<string, unknown>>): ModelConfig {
  const headDim = c.hidden_size / c.num_attention_heads;
  const rope = c.rope_parameters ?? c.rope_scaling ?? null;
  const activations: Readonly<Record<string, ModelConfig['activation']>> = { gelu: 'gelu', gelu_new: 'gelu_tanh', gelu_pytorch_tanh: 'gelu_tanh', gelu_fast: 'gelu_tanh' };
  const activation = activations[c.hidden_act] ?? throwFailure('bad-model', `This GPT-NeoX uses the activation ${c.hidden_act}, which is not supported.`, 'Supported: gelu, gelu_new, gelu_fast.');
  return {
    family: 'gpt_neox', layers: c.num_hidden_layers, width: c.hidden_size, heads: c.num_attention_heads, kvHeads: c.num_attention_heads, headDim,
    ffWidth: c.intermediate_size, vocabulary: c.vocab_size, contextLength: c.max_position_embeddings, normEpsilon: c.layer_norm_eps, tiedHead: c.tie_word_embeddings,
    rope: { theta: rope?.rope_theta ?? c.rotary_emb_base, dims: Math.floor(headDim * (rope?.partial_rotary_factor ?? c.rotary_pct)), scaling: ropeScaling(rope, c.max_position_embeddings) },
    attentionBias: c.attention_bias, mlpBias: true, parallelResidual: c.use_parallel_residual, activation, huggingFace,
  };
}

function ropeScaling(rope: z.infer<typeof ropeFields> | null, context: number): RopeScaling | null {
  const kind = rope?.rope_type ?? rope?.type ?? 'default';
  if (rope === null || kind === 'default') return null;
  if (kind === 'linear') return { kind: 'linear', factor: rope.factor ?? 1 };
  if (kind === 'llama3') return { kind: 'llama3', factor: rope.factor ?? 8, lowFrequencyFactor: rope.low_freq_factor ?? 1, highFrequencyFactor: rope.high_freq_factor ?? 4, originalContext: rope.original_max_position_embeddings ?? context };
  return throwFailure('bad-model', `The model scales its positions by "${kind}", which is not supported.`, 'Supported: none, linear, llama3.');
}
