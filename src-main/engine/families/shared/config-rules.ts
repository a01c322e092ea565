import { isNothing, refusal, refusalUnless, type Refusal } from './fields';

// Fields of config.json that transformers knows for every family, and those of relatives that are found in such files.

export const honoured = [
  'architectures',
  'model_type',
  'num_hidden_layers',
  'hidden_size',
  'num_attention_heads',
  'intermediate_size',
  'vocab_size',
  'max_position_embeddings',
  'tie_word_embeddings',
  'rope_scaling',
  'rope_parameters',
  'original_max_position_embeddings',
  'hidden_act',
  'attention_bias',
  'bos_token_id',
  'eos_token_id',
  'pad_token_id',
];

/**
 * Bookkeeping, storage, how much is computed at once, and what only classification, generation or initialization reads.
 */
export const harmless = [
  '_name_or_path',
  '_commit_hash',
  '_attn_implementation',
  '_attn_implementation_autoset',
  '_attn_implementation_internal',
  '_flash_attn_2_enabled',
  'attn_implementation',
  'use_flash_attn',
  'torch_dtype',
  'dtype',
  'transformers_version',
  'transformers.js_config',
  'use_cache',
  'initializer_range',
  'pretraining_tp',
  'gradient_checkpointing',
  'use_bfloat16',
  'torchscript',
  'return_dict',
  'output_attentions',
  'output_hidden_states',
  'output_scores',
  'return_dict_in_generate',
  'id2label',
  'label2id',
  'num_labels',
  'problem_type',
  'task_specific_params',
  'finetuning_task',
  'classifier_dropout',
  'tokenizer_class',
  'prefix',
  'is_decoder',
  'cross_attention_hidden_size',
  'tie_encoder_decoder',
  'chunk_size_feed_forward',
  'tf_legacy_loss',
  'is_llama_config',
  'unsloth_fixed',
  'unsloth_version',
  'unsloth_tiled_mlp',
  'model_name',
  'max_sequence_length',
  'model_max_length',
  'max_length',
  'min_length',
  'do_sample',
  'early_stopping',
  'num_beams',
  'num_beam_groups',
  'diversity_penalty',
  'temperature',
  'top_k',
  'top_p',
  'typical_p',
  'repetition_penalty',
  'length_penalty',
  'no_repeat_ngram_size',
  'encoder_no_repeat_ngram_size',
  'bad_words_ids',
  'num_return_sequences',
  'suppress_tokens',
  'begin_suppress_tokens',
  'forced_bos_token_id',
  'forced_eos_token_id',
  'remove_invalid_values',
  'exponential_decay_length_penalty',
  'sep_token_id',
  'unk_token_id',
  'decoder_start_token_id',
  'max_window_layers',
  'use_sliding_window',
  'mup_base_width',
];

const dropout = 'training here goes without dropout, as TRL’s default does.';
export const noted: ReadonlyMap<string, string> = new Map([
  ...[
    'attention_dropout',
    'hidden_dropout',
    'attention_probs_dropout_prob',
    'hidden_dropout_prob',
    'embd_pdrop',
    'resid_pdrop',
    'attn_pdrop',
    'dropout',
  ].map((name) => [name, dropout] as const),
  ['auto_map', 'code that comes with a model is never run; the model is computed as its architecture says.'],
]);

export const isOne = (value: unknown): boolean => Number(value) === 1;
const all = (value: unknown, is: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
const headDim = (json: Readonly<Record<string, unknown>>): number =>
  Number(json.head_dim ?? Number(json.hidden_size) / Number(json.num_attention_heads));
const slidingWindow: Refusal['isNeutral'] = (value, json) =>
  isNothing(value) || json.use_sliding_window === false || Number(value) >= Number(json.max_position_embeddings);

/** What a family refuses, unless its models have it. */
export const refused: readonly (readonly [string, Refusal])[] = [
  ['sliding_window', refusalUnless('attention to the last tokens only', slidingWindow)],
  ['attention_window_size', refusalUnless('attention to the last tokens only', slidingWindow)],
  [
    'sliding_window_pattern',
    refusalUnless(
      'attention to the last tokens only in some layers',
      (value, json) => isNothing(value) || isNothing(json.sliding_window) || slidingWindow(json.sliding_window, json),
    ),
  ],
  [
    'layer_types',
    refusalUnless('layers of different kinds', (value) => all(value, (kind) => kind === 'full_attention')),
  ],
  ['attention_chunk_size', refusalUnless('attention within chunks', slidingWindow)],
  ['no_rope_layers', refusalUnless('layers without positions', (value) => all(value, isOne))],
  [
    'no_rope_layer_interval',
    refusalUnless('layers without positions', (value, json) => isNothing(value) || all(json.no_rope_layers, isOne)),
  ],
  ...[
    'logit_scale',
    'logits_scaling',
    'residual_multiplier',
    'embedding_multiplier',
    'scale_emb',
    'scale_depth',
    'lm_head_multiplier',
    'output_multiplier_scale',
    'input_scale',
    'embedding_scale',
  ].map((name) => [name, refusalUnless('values that are scaled on their way', isOne)] as const),
  ...['attention_multiplier', 'attention_scale', 'attn_scale'].map(
    (name) =>
      [
        name,
        refusalUnless(
          'another scale of attention than 1 / √head_dim',
          (value, json) => Math.abs(Number(value) * Math.sqrt(headDim(json)) - 1) < 1e-6,
        ),
      ] as const,
  ),
  [
    'query_pre_attn_scalar',
    refusalUnless('another scale of attention than 1 / √head_dim', (value, json) => Number(value) === headDim(json)),
  ],
  ...['final_logit_softcapping', 'attn_logit_softcapping', 'logit_softcapping', 'attention_logit_cap'].map(
    (name) => [name, refusal('values that are capped')] as const,
  ),
  ['clip_qkv', refusal('values that are capped')],
  ...['qk_norm', 'use_qk_norm', 'qk_layernorm', 'use_qk_layernorm'].map(
    (name) => [name, refusal('norms within attention')] as const,
  ),
  ...['bias', 'use_bias', 'qkv_bias', 'use_qkv_bias', 'lm_head_bias'].map(
    (name) => [name, refusal('biases that this architecture does not have')] as const,
  ),
  ...['num_local_experts', 'num_experts', 'n_routed_experts', 'moe_intermediate_size', 'moe_layer_freq'].map(
    (name) => [name, refusal('a mixture of experts')] as const,
  ),
  ['quantization_config', refusal('weights in a quantized form')],
  ['compression_config', refusal('weights in a compressed form')],
  ['rope_interleaved', refusal('rotated positions in another order')],
  ...['rope_ratio', 'rope_local_base_freq', 'rope_percentage'].map(
    (name) => [name, refusalUnless('other rotated positions', isOne)] as const,
  ),
  ...['alibi', 'use_alibi'].map((name) => [name, refusal('positions by ALiBi')] as const),
  // absolute: what old versions wrote for every model
  ['position_embedding_type', refusal('other positions than rotated ones', 'rope', 'rotary', 'absolute')],
  ['is_causal', refusalUnless('attention in both directions', (value) => value === true)],
  ['is_encoder_decoder', refusal('an encoder beside the decoder')],
  ['add_cross_attention', refusal('attention to an encoder')],
  ['pruned_heads', refusal('attention heads taken out')],
  ['mlp_only_layers', refusal('layers of different kinds')],
  ['layer_replication', refusal('layers used more than once')],
  ['apply_residual_connection_post_layernorm', refusal('another order of norms')],
  [
    'hidden_activation',
    refusalUnless('another activation than hidden_act', (value, json) => value === json.hidden_act),
  ],
  ['num_nextn_predict_layers', refusal('layers that predict further tokens')],
];
