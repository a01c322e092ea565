import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../../../src-main/engine/weights/config';
import { llamaJson, neoxJson, refusalOf } from '../../../support/model-json';

// Every number of config.json: too small, too large, no number. Each is refused by its field and value
// before anything is made of it.

const bases = { llama: llamaJson, neox: neoxJson } as const;
type Base = keyof typeof bases;
type Change = Readonly<Record<string, unknown>>;
const parse = (base: Base, change: Change) => parseModelConfig({ ...bases[base], ...change }, 'config.json');

const never = [NaN, Infinity, -Infinity, '64', true, [64], { a: 1 }];
const noSize = [0, -1, 1.5, 1e30, ...never];
const sizes: readonly (readonly [Base, string, number])[] = (['llama', 'neox'] as const).flatMap((base) => [
  [base, 'num_hidden_layers', 1000] as const,
  [base, 'hidden_size', 1 << 17] as const,
  [base, 'num_attention_heads', 4096] as const,
  [base, 'intermediate_size', 1 << 20] as const,
  [base, 'vocab_size', 1 << 22] as const,
  [base, 'max_position_embeddings', 1e9] as const,
]);
const llamaSizes: readonly (readonly [Base, string, number])[] = [
  ['llama', 'num_key_value_heads', 4096],
  ['llama', 'head_dim', 8192],
];

describe('a size', () => {
  it.each([...sizes, ...llamaSizes])('%s: %s must be a whole number up to %i', async (base, field, most) => {
    for (const value of [...noSize, most + 1]) {
      const { named, message } = await refusalOf(() => parse(base, { [field]: value }));
      expect([value, named]).toEqual([value, field]);
      expect(message).toContain(`field ${field} is `);
      expect(message).toContain(`it must be a whole number from 1 to ${most.toLocaleString('en')}.`);
    }
  });

  it.each(sizes)('%s: %s must be there', async (base, field) => {
    for (const value of [undefined, null]) {
      const { named, message } = await refusalOf(() => parse(base, { [field]: value }));
      expect([named, message]).toEqual([
        field,
        expect.stringContaining(`field ${field} is ${value === null ? 'null' : 'missing'}`),
      ]);
    }
  });

  it.each(llamaSizes)('%s: %s may be left out', (base, field) => {
    for (const value of [undefined, null]) expect(parse(base, { [field]: value }).notes).toEqual([]);
    const { config } = parse('llama', { num_key_value_heads: null, head_dim: null });
    expect([config.kvHeads, config.headDim]).toEqual([4, 6]);
  });

  it('of a real limit is read', () => {
    const change = { num_hidden_layers: 1000, hidden_size: 1 << 17, intermediate_size: 1 << 20, vocab_size: 1 << 22 };
    expect(parse('llama', { ...change, max_position_embeddings: 1e9 }).config).toMatchObject({ layers: 1000 });
  });
});

describe('an epsilon', () => {
  it.each([
    ['llama', 'rms_norm_eps'],
    ['neox', 'layer_norm_eps'],
  ] as const)('%s: %s is from 0 to 1', async (base, field) => {
    for (const value of [-1e-9, 1.01, 1e30, null, ...never])
      expect([value, (await refusalOf(() => parse(base, { [field]: value }))).named]).toEqual([value, field]);
    for (const value of [0, 1e-6, 1]) expect(parse(base, { [field]: value }).config.normEpsilon).toBe(value);
  });
  it('is what transformers takes where it is left out', () => {
    expect(parse('llama', { rms_norm_eps: undefined }).config.normEpsilon).toBe(1e-6);
    expect(parse('neox', { layer_norm_eps: undefined }).config.normEpsilon).toBe(1e-5);
  });
});

describe('a flag', () => {
  const flags: readonly (readonly [Base, string])[] = [
    ['llama', 'tie_word_embeddings'],
    ['llama', 'attention_bias'],
    ['llama', 'mlp_bias'],
    ['neox', 'tie_word_embeddings'],
    ['neox', 'attention_bias'],
    ['neox', 'use_parallel_residual'],
  ];
  it.each(flags)('%s: %s is true or false', async (base, field) => {
    for (const value of [1, 0, 'true', null, []]) {
      const { named, message } = await refusalOf(() => parse(base, { [field]: value }));
      expect([named, message]).toEqual([field, expect.stringContaining('it must be true or false')]);
    }
  });
  it('is what transformers takes where it is left out', () => {
    const flagsOf = (base: Base): unknown => {
      const { tiedHead, own } = parse(base, { tie_word_embeddings: undefined }).config;
      return [tiedHead, own];
    };
    expect([flagsOf('llama'), flagsOf('neox')]).toEqual([
      [false, { attentionBias: false, mlpBias: false }],
      [false, { attentionBias: true, parallelResidual: true, activation: 'gelu' }],
    ]);
  });
});

describe('rotary positions', () => {
  const llama3 = {
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 32,
  } as const;
  const badFactor = [0, -1, 1e30, ...never];
  const numbers: readonly (readonly [Base, Change, string])[] = [
    ['llama', { rope_theta: 0 }, 'rope_theta'],
    ['neox', { rotary_emb_base: 0 }, 'rotary_emb_base'],
    ['llama', { rope_parameters: { rope_type: 'default', rope_theta: 0 } }, 'rope_parameters.rope_theta'],
    ['neox', { rotary_pct: 0 }, 'rotary_pct'],
    [
      'neox',
      { rope_parameters: { rope_type: 'default', partial_rotary_factor: 0 } },
      'rope_parameters.partial_rotary_factor',
    ],
    ['llama', { rope_scaling: { type: 'linear', factor: 0 } }, 'rope_scaling.factor'],
    ...['factor', 'low_freq_factor', 'high_freq_factor', 'original_max_position_embeddings'].map(
      (key) => ['llama', { rope_scaling: { ...llama3, [key]: 0 } }, `rope_scaling.${key}`] as const,
    ),
  ];
  it.each(numbers)('%s: %j must be above 0', async (base, change, field) => {
    const [outer, inner] = [Object.keys(change)[0]!, field.split('.')[1]];
    for (const value of badFactor) {
      const changed =
        inner === undefined ? { [field]: value } : { [outer]: { ...(change[outer] as Change), [inner]: value } };
      const { named, message } = await refusalOf(() => parse(base, changed));
      expect([value, named]).toEqual([value, field]);
      expect(message).toContain(`field ${field} is `);
    }
  });

  it.each<readonly [string, Base, Change, string, RegExp]>([
    [
      'a way that is not supported',
      'llama',
      { rope_scaling: { type: 'dynamic', factor: 2 } },
      'rope_scaling.type',
      /"dynamic": this way/,
    ],
    [
      'yarn',
      'llama',
      { rope_parameters: { rope_type: 'yarn', factor: 2 } },
      'rope_parameters.rope_type',
      /"yarn": this way/,
    ],
    [
      'a name that every object has',
      'llama',
      { rope_scaling: { rope_type: 'constructor' } },
      'rope_scaling.rope_type',
      /this way/,
    ],
    ['no object', 'llama', { rope_scaling: 2 }, 'rope_scaling', /it must be an object/],
    ['a list', 'llama', { rope_scaling: [2] }, 'rope_scaling', /it must be an object/],
    [
      'one for some layers',
      'llama',
      { rope_parameters: { full_attention: { rope_theta: 1 } } },
      'rope_parameters.full_attention',
      /for some layers/,
    ],
    ['a factor without a type', 'llama', { rope_scaling: { factor: 2 } }, 'rope_scaling.factor', /no rope_type says/],
    [
      'no factor',
      'llama',
      { rope_scaling: { type: 'linear' } },
      'rope_scaling.factor',
      /is missing: it must be a number/,
    ],
    [
      'two that disagree',
      'llama',
      { rope_parameters: { ...llama3 }, rope_scaling: { ...llama3, factor: 4 } },
      'rope_scaling',
      /says something else/,
    ],
    [
      'bands the wrong way round',
      'llama',
      { rope_scaling: { ...llama3, high_freq_factor: 1 } },
      'rope_scaling.high_freq_factor',
      /above low_freq_factor, 1/,
    ],
    [
      'a part of a Llama’s heads',
      'llama',
      { rope_parameters: { partial_rotary_factor: 0.67 } },
      'rope_parameters.partial_rotary_factor',
      /in a part/,
    ],
    ['an odd part', 'neox', { rotary_pct: 0.4 }, 'rotary_pct', /it rotates 3 of a head’s 8/],
    ['too small a part', 'neox', { rotary_pct: 0.1 }, 'rotary_pct', /it rotates 0 of a head’s 8/],
    ['more than all', 'neox', { rotary_pct: 1.5 }, 'rotary_pct', /at most 1\./],
    [
      'two lists of factors',
      'llama',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1, 1, 1], long_factor: [2, 2, 2], attention_factor: 1 } },
      'rope_scaling.rope_type',
      /change with the length/,
    ],
    [
      'a scale of attention',
      'llama',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1, 1, 1], long_factor: [1, 1, 1], factor: 4 } },
      'rope_scaling.rope_type',
      /change with the length/,
    ],
    [
      'a list of another length',
      'llama',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1], long_factor: [1], attention_factor: 1 } },
      'rope_parameters.short_factor',
      /it must hold 3 numbers/,
    ],
    [
      'a factor that is none',
      'llama',
      { rope_scaling: { rope_type: 'longrope', short_factor: [1, 0, 1], long_factor: [1, 0, 1], attention_factor: 1 } },
      'rope_scaling.short_factor',
      /a list of numbers above 0/,
    ],
  ])('with %s are refused', async (_, base, change, field, words) => {
    const { named, message } = await refusalOf(() => parse(base, change));
    expect([named, message]).toEqual([field, expect.stringMatching(words)]);
  });

  it('take the trained context from outside of the dictionary only where it is a number above 0', async () => {
    for (const value of [0, -1, 2e9, ...never]) {
      const { named } = await refusalOf(() =>
        parse('llama', { rope_scaling: llama3, original_max_position_embeddings: value }),
      );
      expect([value, named]).toEqual([value, 'original_max_position_embeddings']);
    }
    const { original_max_position_embeddings: _none, ...without } = llama3;
    expect(parse('llama', { rope_scaling: without }).config.rope.scaling).toMatchObject({ originalContext: 128 });
  });

  it('tell a key that their type does not read', () => {
    const { notes } = parse('llama', { rope_scaling: { type: 'linear', factor: 2, low_freq_factor: 3 } });
    expect(notes).toEqual(['rope_scaling.low_freq_factor is 3: positions of type linear do not read it.']);
    const trained = { rope_type: 'default', original_max_position_embeddings: 64 };
    expect(parse('llama', { rope_scaling: trained }).notes).toHaveLength(1);
  });
});

describe('heads', () => {
  it.each<readonly [string, Base, Change, string, RegExp]>([
    [
      'that do not share keys evenly',
      'llama',
      { num_key_value_heads: 3 },
      'num_key_value_heads',
      /field num_key_value_heads is 3: the 4 heads/,
    ],
    [
      'more of keys than of queries',
      'llama',
      { num_key_value_heads: 8 },
      'num_key_value_heads',
      /cannot share them evenly/,
    ],
    [
      'that do not divide the width',
      'llama',
      { head_dim: null, num_attention_heads: 5, num_key_value_heads: 5 },
      'num_attention_heads',
      /field num_attention_heads is 5: hidden_size, 24, is not a multiple/,
    ],
    [
      'that do not divide the width of a NeoX',
      'neox',
      { num_attention_heads: 3 },
      'num_attention_heads',
      /hidden_size, 32, is not a multiple/,
    ],
    [
      'of an odd size',
      'llama',
      { head_dim: 7 },
      'head_dim',
      /field head_dim is 7: rotary positions need an even number/,
    ],
  ])('%s are refused', async (_, base, change, field, words) => {
    const { named, message } = await refusalOf(() => parse(base, change));
    expect([named, message]).toEqual([field, expect.stringMatching(words)]);
  });
});

describe('an activation', () => {
  it.each([
    ['llama', 'gelu', /only with silu/],
    ['llama', 'constructor', /only with silu/],
    ['neox', 'silu', /only with gelu, gelu_new/],
    ['neox', 'toString', /only with gelu/],
  ] as const)('%s: %s is refused', async (base, act, words) => {
    expect(await refusalOf(() => parse(base, { hidden_act: act }))).toMatchObject({
      named: 'hidden_act',
      message: expect.stringMatching(words) as string,
    });
  });
  it.each([
    ['gelu', 'gelu'],
    ['gelu_new', 'gelu_tanh'],
    ['gelu_pytorch_tanh', 'gelu_tanh'],
    ['gelu_fast', 'gelu_tanh'],
  ])('%s of a NeoX is %s', (act, ours) => {
    expect(parse('neox', { hidden_act: act }).config.own).toMatchObject({ activation: ours });
  });
  it.each([3, null, []])('%j is no text', async (act) => {
    for (const base of ['llama', 'neox'] as const)
      expect((await refusalOf(() => parse(base, { hidden_act: act }))).named).toBe('hidden_act');
  });
});

describe('a token id', () => {
  it.each(['bos_token_id', 'eos_token_id', 'pad_token_id'])('%s is a row of the embedding', async (field) => {
    for (const value of [32, -2, 1.5, NaN, '1', true, [0, 32], { a: 1 }]) {
      const { named, message } = await refusalOf(() => parse('llama', { [field]: value }));
      expect([value, named]).toEqual([value, field]);
      expect(message).toContain('token ids go from 0 to 31 (vocab_size)');
    }
    for (const value of [0, 31, [], [0, 31], null, undefined])
      expect(parse('llama', { [field]: value }).notes).toEqual([]);
  });
  it('-1 is only no padding token', async () => {
    for (const field of ['bos_token_id', 'eos_token_id'])
      expect((await refusalOf(() => parse('llama', { [field]: -1 }))).named).toBe(field);
  });
});
