import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../../../src-main/engine/weights/config';
import { llamaJson, neoxJson, refusalOf } from '../../../support/model-json';
import { writtenFields } from '../../../support/written-fields';

// Every field of config.json that is known: what a change of it does. Which fields there are is what transformers says
// (test/golden/fields): each has a row here or is without effect.

const bases = { llama: llamaJson, neox: neoxJson } as const;
type Base = keyof typeof bases;
const read = (base: Base, change: Readonly<Record<string, unknown>>) =>
  parseModelConfig({ ...bases[base], ...change }, 'config.json');

const common: readonly (readonly [string, unknown])[] = [
  ['num_hidden_layers', 3],
  ['hidden_size', 64],
  ['intermediate_size', 64],
  ['vocab_size', 64],
  ['max_position_embeddings', 256],
  ['tie_word_embeddings', undefined], // the other value of the base, below
];
const tokenIds = ['bos_token_id', 'eos_token_id', 'pad_token_id'];
const honoured: readonly (readonly [Base, string, unknown])[] = [
  ...common.flatMap(([field, value]): (readonly [Base, string, unknown])[] => [
    ['llama', field, value ?? false],
    ['neox', field, value ?? true],
  ]),
  ['llama', 'num_attention_heads', 8],
  ['llama', 'num_key_value_heads', 4],
  ['llama', 'head_dim', 8],
  ['llama', 'rms_norm_eps', 1e-6],
  ['llama', 'rope_theta', 500000],
  ['llama', 'attention_bias', true],
  ['llama', 'mlp_bias', true],
  ['llama', 'rope_scaling', { rope_type: 'linear', factor: 2 }],
  ['llama', 'rope_parameters', { rope_type: 'linear', factor: 2, rope_theta: 10000 }],
  ['neox', 'num_attention_heads', 2],
  ['neox', 'layer_norm_eps', 1e-6],
  ['neox', 'rotary_pct', 0.5],
  ['neox', 'rotary_emb_base', 20000],
  ['neox', 'use_parallel_residual', false],
  ['neox', 'attention_bias', false],
  ['neox', 'hidden_act', 'gelu_new'],
  ['neox', 'rope_scaling', { type: 'linear', factor: 2 }],
];

describe('a field that is honoured', () => {
  it.each(honoured)('%s: %s %j changes the model, without a note', (base, field, value) => {
    const [before, after] = [read(base, {}), read(base, { [field]: value })];
    const geometry = ({ config: { huggingFace: _json, ...rest } }: typeof before): unknown => rest;
    expect(geometry(after)).not.toEqual(geometry(before));
    expect(after.notes).toEqual([]);
  });

  it.each(tokenIds)('%s is read by the tokenizer', (field) => {
    for (const base of ['llama', 'neox'] as const)
      for (const value of [31, [0, 31]]) expect(read(base, { [field]: value }).notes).toEqual([]);
  });

  it('original_max_position_embeddings outside of the dictionary goes before the one in it', () => {
    const scaling = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
    const rope_scaling = { ...scaling, original_max_position_embeddings: 64 };
    const { config, notes } = read('llama', { rope_scaling, original_max_position_embeddings: 32 });
    expect([config.rope.scaling, notes]).toEqual([expect.objectContaining({ originalContext: 32 }), []]);
  });
});

/** A value that is refused, and those that are neutral. */
type Row = readonly [field: string, bad: unknown, ...neutral: unknown[]];
const both: readonly Row[] = [
  ['sliding_window', 64, null, 128, 4096],
  ['attention_window_size', 64, null, 128],
  ['layer_types', ['full_attention', 'sliding_attention'], ['full_attention', 'full_attention']],
  ['layer_types', 'sliding_attention', null],
  ['attention_chunk_size', 64, null, 128],
  ['no_rope_layers', [1, 0], [1, 1], null],
  ['no_rope_layer_interval', 4, null, 0],
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
  ].flatMap((field): Row[] => [
    [field, 0.5, 1, 1.0, null],
    [field, 0],
  ]), // times 0 is not nothing
  ...['final_logit_softcapping', 'attn_logit_softcapping', 'logit_softcapping', 'attention_logit_cap', 'clip_qkv'].map(
    (field): Row => [field, 30, null, 0, false],
  ),
  ...[
    'qk_norm',
    'use_qk_norm',
    'qk_layernorm',
    'use_qk_layernorm',
    'bias',
    'use_bias',
    'qkv_bias',
    'use_qkv_bias',
    'lm_head_bias',
    'rope_interleaved',
    'alibi',
    'use_alibi',
    'is_encoder_decoder',
    'add_cross_attention',
    'apply_residual_connection_post_layernorm',
  ].map((field): Row => [field, true, false, null]),
  ...[
    'num_local_experts',
    'num_experts',
    'n_routed_experts',
    'moe_intermediate_size',
    'moe_layer_freq',
    'num_nextn_predict_layers',
  ].map((field): Row => [field, 8, 0, null]),
  ['quantization_config', { quant_method: 'bitsandbytes', load_in_4bit: true }, null, {}],
  ['compression_config', { bits: 4 }, null],
  ...['rope_ratio', 'rope_local_base_freq', 'rope_percentage'].map((field): Row => [field, 2, 1, null]),
  ['position_embedding_type', 'relative_key', 'rope', 'rotary', 'absolute', null],
  ['is_causal', false, true, null],
  ['pruned_heads', { 0: [1] }, {}, null],
  ['mlp_only_layers', [0], [], null],
  ['layer_replication', [[0, 1]], null, []],
  ['hidden_activation', 'relu'],
];
const refused: readonly (readonly [Base, ...Row])[] = [
  ...both.flatMap((row): (readonly [Base, ...Row])[] => [
    ['llama', ...row],
    ['neox', ...row],
  ]),
  ['llama', 'attention_multiplier', 0.5, 1 / Math.sqrt(6), null],
  ['llama', 'attention_scale', 0.5, 1 / Math.sqrt(6)],
  ['llama', 'attn_scale', 0.5, 1 / Math.sqrt(6)],
  ['neox', 'attention_multiplier', 0.5, 1 / Math.sqrt(8)],
  ['llama', 'query_pre_attn_scalar', 256, 6, null],
  ['llama', 'hidden_activation', 'gelu', 'silu', null],
  ['llama', 'partial_rotary_factor', 0.5, 1, null],
  ['llama', 'rotary_pct', 0.5, 1, null],
  ['neox', 'partial_rotary_factor', 0.5, 0.25, null],
  ['neox', 'num_key_value_heads', 2, 4, null],
  ['neox', 'head_dim', 16, 8, null],
  ['neox', 'mlp_bias', false, true, null],
  ['neox', 'rope_theta', 20000, 10000, null],
];

const dropouts = [
  'attention_dropout',
  'hidden_dropout',
  'attention_probs_dropout_prob',
  'hidden_dropout_prob',
  'embd_pdrop',
  'resid_pdrop',
  'attn_pdrop',
  'dropout',
];
// all that these versions of transformers write and the tables above do not name
const tested = [...honoured, ...refused].map(([, field]) => field);
const elsewhere = new Set([...tested, ...dropouts, ...tokenIds, 'architectures', 'model_type']);
const harmless = [
  ...writtenFields('llama', 'gpt_neox').filter((field) => !elsewhere.has(field)),
  // found in files all the same
  '_commit_hash',
  '_attn_implementation',
  '_attn_implementation_autoset',
  '_attn_implementation_internal',
  '_flash_attn_2_enabled',
  'attn_implementation',
  'use_flash_attn',
  'gradient_checkpointing',
  'transformers.js_config',
  'num_labels',
  'is_llama_config',
  'unsloth_fixed',
  'unsloth_version',
  'unsloth_tiled_mlp',
  'model_name',
  'max_sequence_length',
  'model_max_length',
  'unk_token_id',
  'max_window_layers',
  'use_sliding_window',
  'mup_base_width',
];

describe('a field without effect', () => {
  it.each(harmless)('%s is passed over', (field) => {
    for (const base of ['llama', 'neox'] as const)
      for (const value of [true, 7, 'text', [1]]) expect(read(base, { [field]: value }).notes).toEqual([]);
  });

  it.each(dropouts)('%s is told where it is not 0', (field) => {
    for (const base of ['llama', 'neox'] as const) {
      const { notes } = read(base, { [field]: 0.1 });
      expect(notes).toEqual([`${field} is 0.1: training here goes without dropout, as TRL’s default does.`]);
      expect(read(base, { [field]: 0 }).notes).toEqual([]);
    }
  });

  it('auto_map is told', () => {
    const { notes } = read('llama', { auto_map: { AutoConfig: 'code.Config' } });
    expect(notes).toEqual([expect.stringMatching(/^auto_map is .*code that comes with a model is never run/)]);
  });

  it('that nobody knows is told with its value, unless it asks for nothing', () => {
    const { notes } = read('llama', { new_thing: { a: 1 }, off: false, none: null, zero: 0, empty: [], blank: '' });
    expect(notes).toEqual(['new_thing is {"a":1}: this field is not known here and has no effect.']);
  });

  it('is judged by its own name even where every object has that name', () => {
    const { notes } = read(
      'llama',
      JSON.parse('{"constructor": 1, "toString": 2, "__proto__x": 3}') as object as never,
    );
    expect(notes).toHaveLength(3);
  });

  it('pad_token_id -1 of old files is told as no padding token', () => {
    expect(read('llama', { pad_token_id: -1 }).notes).toEqual(['pad_token_id is -1: there is no padding token.']);
  });
});

describe('a field that changes numbers and is not honoured', () => {
  it.each(refused)('%s: %s %j is refused by its name', async (...row) => {
    const [base, field, bad, ...neutral] = row as unknown as readonly [Base, ...Row];
    const { code, named, message } = await refusalOf(() => read(base, { [field]: bad }));
    expect([code, named]).toEqual(['bad-model', field]);
    expect(message).toContain(`field ${field} is ${JSON.stringify(bad).slice(0, 40)}`);
    for (const value of neutral) expect(read(base, { [field]: value }).notes).toEqual([]);
  });

  it('sliding_window counts only where it is on', () => {
    expect(read('llama', { sliding_window: 64, use_sliding_window: false }).notes).toEqual([]);
    expect(read('llama', { sliding_window_pattern: 6 }).notes).toEqual([]);
    expect(read('llama', { sliding_window_pattern: 6, sliding_window: 4096 }).notes).toEqual([]);
  });
  it('sliding_window_pattern is refused with a window', async () => {
    const change = { sliding_window_pattern: 6, sliding_window: 64 };
    expect(await refusalOf(() => read('llama', change))).toMatchObject({ code: 'bad-model' });
    // alone in the file: the pattern's own row
    const order = { sliding_window_pattern: 6, ...llamaJson, sliding_window: 64 };
    expect((await refusalOf(() => parseModelConfig(order, 'config.json'))).named).toBe('sliding_window_pattern');
  });
});

describe('what a model is', () => {
  it.each([
    [
      'another architecture',
      { architectures: ['MistralForCausalLM'], model_type: 'mistral' },
      /MistralForCausalLM, which is not supported/,
    ],
    [
      'a model_type that disagrees',
      { model_type: 'mistral' },
      /field model_type is "mistral", but architectures says Llama/,
    ],
    ['neither', { architectures: null, model_type: null }, /config\.json names no architecture/],
    [
      'a name that every object has',
      { architectures: ['constructor'], model_type: null },
      /constructor, which is not supported/,
    ],
    ['no list', { architectures: 'LlamaForCausalLM' }, /is not a model configuration/],
  ] as const)('%s is refused', async (_, change, words) => {
    expect((await refusalOf(() => read('llama', change as never))).message).toMatch(words);
  });
  it.each([{ architectures: null }, { architectures: undefined }, { model_type: null }])('%j is enough', (change) => {
    expect(read('llama', change).config.family).toBe('llama');
  });
  it.each([null, [], 'text', 3])('%j is no configuration', async (json) => {
    expect(await refusalOf(() => parseModelConfig(json, 'config.json'))).toMatchObject({ code: 'bad-model' });
  });
});
