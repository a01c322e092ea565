import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readAdapter } from '../../../../../src-main/engine/adapter/adapter';
import { readAdapterConfig } from '../../../../../src-main/engine/adapter/adapter-config';
import { openSafetensors, writeSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { refusalOf } from '../../../support/model-json';
import { tinyLlama } from '../../../support/tiny-config';
import { writtenFields } from '../../../support/written-fields';
import { adapted, writeTinyAdapter } from '../jobs/adapter-files';

// Every field of adapter_config.json that is known: what a change of it does; and what is wrong with an adapter's file.

const honoured = [
  'peft_type',
  'r',
  'lora_alpha',
  'use_rslora',
  'rank_pattern',
  'alpha_pattern',
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'layers_pattern',
];

const folder = mkdtempSync(join(tmpdir(), 'sampo-adapter-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
type Fields = Readonly<Record<string, unknown>>;

const base = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['q_proj', 'v_proj'] };
function write(content: unknown): string {
  const where = join(folder, `${++count}`);
  mkdirSync(where);
  writeFileSync(join(where, 'adapter_config.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return where;
}
const read = (change: Fields) => readAdapterConfig(write({ ...base, ...change }));
const [q0, q1, v1] = ['0.self_attn.q_proj', '1.self_attn.q_proj', '1.self_attn.v_proj'].map(
  (name) => `model.layers.${name}`,
) as [string, string, string];
const up1 = 'model.layers.1.mlp.up_proj';

describe('a field that is honoured', () => {
  it('r and lora_alpha', async () => {
    const { rank, alpha, rankStabilized, loraSizeOf, notes } = await read({});
    expect([rank, alpha, rankStabilized, loraSizeOf(q0), notes]).toEqual([4, 8, false, { rank: 4, alpha: 8 }, []]);
    expect(await read({ r: 1024, lora_alpha: 0.5 })).toMatchObject({ rank: 1024, alpha: 0.5 });
  });
  it('use_rslora', async () => expect((await read({ use_rslora: true })).rankStabilized).toBe(true));

  it.each<readonly [Fields, readonly [number, number, number]]>([
    [{ q_proj: 2 }, [2, 2, 4]],
    [{ 'layers.1.self_attn.q_proj': 2 }, [4, 2, 4]],
    [{ 'model.layers.1.self_attn.v_proj': 3, v_proj: 6 }, [4, 4, 3]], // the first that fits
    [{ v_proj: 6, 'model.layers.1.self_attn.v_proj': 3 }, [4, 4, 6]],
    [{ 'layers\\.[01]\\..*': 5 }, [5, 5, 5]],
    [{ '^model.layers.0.self_attn.q_proj': 7 }, [7, 4, 4]],
    [{ proj: 2 }, [4, 4, 4]], // a whole name, not its end
    [{ constructor: 2 }, [4, 4, 4]],
  ])('rank_pattern %j, alpha_pattern alike', async (pattern, [a, b, c]) => {
    const ranks = await read({ rank_pattern: pattern });
    expect([q0, q1, v1].map((module) => ranks.loraSizeOf(module))).toEqual(
      [a, b, c].map((rank) => ({ rank, alpha: 8 })),
    );
    const alphas = await read({ alpha_pattern: pattern, lora_alpha: 4 });
    expect([q0, q1, v1].map((module) => alphas.loraSizeOf(module))).toEqual(
      [a, b, c].map((alpha) => ({ rank: 4, alpha })),
    );
  });

  it.each<readonly [Fields, readonly boolean[]]>([
    [{ target_modules: ['q_proj'] }, [true, true, false, false]],
    [{ target_modules: [q0, 'up_proj'] }, [true, false, false, true]],
    [{ target_modules: ['proj'] }, [false, false, false, false]],
    [{ target_modules: '.*\\.1\\..*q_proj' }, [false, true, false, false]],
    [{ target_modules: 'q_proj' }, [false, false, false, false]], // one text is a pattern of the whole name
    [{ target_modules: 'all-linear' }, [true, true, true, true]],
    [{ exclude_modules: ['q_proj'] }, [false, false, true, false]],
    [{ exclude_modules: '.*\\.1\\..*' }, [true, false, false, false]],
    [{ layers_to_transform: 1 }, [false, true, true, false]],
    [{ layers_to_transform: [0] }, [true, false, false, false]],
    [{ layers_to_transform: [], layers_pattern: 'layers' }, [true, true, true, false]],
    [{ layers_to_transform: [1], layers_pattern: ['layers'] }, [false, true, true, false]],
    [{ layers_to_transform: [1], layers_pattern: 'h' }, [false, false, false, false]],
  ])('%j says which modules', async (change, expected) => {
    const { targets, notes } = await read(change);
    expect([[q0, q1, v1, up1].map(targets), notes]).toEqual([expected, []]);
  });
});

const unknown = new Set(['a_new_field', 'toString']);
type Row = readonly [field: string, bad: unknown, ...neutral: unknown[]];
const rows: readonly Row[] = [
  ...['pissa', 'pissa_niter_16', 'olora', 'eva', 'corda', 'loftq', 'lora_ga', 'mica'].map(
    (value): Row => ['init_lora_weights', value, true, false, 'gaussian', 'orthogonal', null],
  ),
  ...['use_dora', 'use_qalora', 'use_bdlora', 'lora_bias'].map((field): Row => [field, true, false, null]),
  ['bias', 'all', 'none', null],
  ['bias', 'lora_only'],
  ['modules_to_save', ['lm_head'], [], null],
  ['trainable_token_indices', [1, 2], [], null],
  ['trainable_token_indices', { embed_tokens: [1] }, {}],
  ['target_parameters', ['mlp.experts.gate_up_proj'], [], null],
  [
    'layer_replication',
    [
      [0, 1],
      [0, 1],
    ],
    [],
    null,
  ],
  ['alora_invocation_tokens', [1], [], null],
  ...[
    'loftq_config',
    'corda_config',
    'eva_config',
    'lora_ga_config',
    'megatron_config',
    'arrow_config',
    'kasa_config',
    'monteclora_config',
    'velora_config',
  ].map((field): Row => [field, { bits: 4 }, {}, null]),
  ['a_new_field', 3, 0, false, null, '', []],
  ['toString', 3, null],
];

const noted = [
  ['lora_dropout', 0.05, /without dropout/],
  ['fan_in_fan_out', true, /stored the usual way/],
] as const;
// all that peft writes (test/golden/fields) and no other row is about
const elsewhere = new Set([...honoured, ...[...rows, ...noted].map(([field]) => field)]);
const harmless = [...writtenFields('lora').filter((field) => !elsewhere.has(field)), 'runtime_config'];

describe('a field without effect', () => {
  it.each(harmless)('%s is passed over', async (field) => {
    for (const value of [true, 16, 'text', { a: 1 }]) expect((await read({ [field]: value })).notes).toEqual([]);
  });
  it.each(noted)('%s is told', async (field, value, words) => {
    expect((await read({ [field]: value })).notes).toEqual([expect.stringMatching(words)]);
    expect((await read({ [field]: false })).notes).toEqual([]);
  });
});

describe('a field that changes numbers and is not honoured', () => {
  it.each(rows.map((row) => ({ row, name: `${row[0]} ${JSON.stringify(row[1])}` })))(
    '$name is refused by its name',
    async ({ row: [field, bad, ...neutral] }) => {
      const { code, named, message } = await refusalOf(() => read({ [field]: bad }));
      expect([code, named]).toEqual(['unsupported', field]);
      expect(message).toContain(
        `has ${field} ${JSON.stringify(bad)}: ${unknown.has(field) ? 'this field is not known' : 'it asks for '}`,
      );
      for (const value of neutral) expect((await read({ [field]: value })).notes).toEqual([]);
    },
  );

  it.each(['LOHA', 'ADALORA', 'constructor', null, undefined, 3])('peft_type %j is refused', async (value) => {
    expect((await refusalOf(() => read({ peft_type: value }))).message).toMatch(
      /does not describe a LoRA adapter: peft_type is/,
    );
  });
  it('a pattern that JavaScript reads otherwise, or not at all, is refused', async () => {
    for (const key of ['(?P<a>x)', '\\Aq_proj', '(?i)q_proj', '(q_proj', '[']) {
      const config = await read({ rank_pattern: { [key]: 2 } });
      expect((await refusalOf(() => config.loraSizeOf(q0))).named).toBe(key);
    }
  });
  it('a pattern without end is ended', async () => {
    const config = await read({ target_modules: '(a+)+b' });
    expect((await refusalOf(() => config.targets(`${'a'.repeat(40)}`))).message).toMatch(/pattern .*\(a\+\)\+b/);
  }, 15_000);
});

describe('a number or list', () => {
  const never = ['4', true, [4], { a: 4 }];
  it.each<readonly [string, readonly unknown[]]>([
    ['r', [0, -1, 1.5, 1e30, null, undefined, ...never]],
    ['lora_alpha', [0, -1, 1e30, null, undefined, ...never]],
    ['use_rslora', ['true', 1]],
    ['rank_pattern', [{ q_proj: 0 }, { q_proj: 1.5 }, { q_proj: '4' }, [1], 'q_proj']],
    ['alpha_pattern', [{ q_proj: 0 }, { q_proj: 1e30 }, { q_proj: -1 }, { q_proj: '4' }, [1], 'q_proj']],
    ['target_modules', [3, [3], { a: 1 }]],
    ['exclude_modules', [3, [3], { a: 1 }]],
    ['layers_to_transform', [1.5, 'all', [1.5], ['1']]],
    ['layers_pattern', [3, [3]]],
  ])('%s of another kind is refused by its field', async (field, values) => {
    for (const value of values) {
      const { code, named } = await refusalOf(() => read({ [field]: value }));
      expect([value, code, String(named).split('.')[0]]).toEqual([value, 'bad-model', field]);
    }
  });
  it.each(['', '[]', '{', 'null', '"LORA"'])('%j is no configuration', async (text) => {
    expect((await refusalOf(() => readAdapterConfig(write(text)))).code).toBe('bad-model');
  });
  it('no file is said', async () => {
    expect((await refusalOf(() => readAdapterConfig(join(folder, 'nowhere')))).message).toMatch(
      /has no adapter_config\.json/,
    );
  });
});

describe('the file of an adapter', () => {
  const config = tinyLlama();
  const plan = { rank: 2, alpha: 4, modules: adapted };
  const make = async (
    settings: Fields,
    change: (tensors: Map<string, { shape: readonly number[]; values: Float32Array }>) => void = () => undefined,
  ): Promise<string> => {
    const where = join(folder, `file-${++count}`);
    await writeTinyAdapter(where, plan, { target_modules: ['q_proj', 'v_proj'], ...settings });
    const file = join(where, 'adapter_model.safetensors');
    const stored = await openSafetensors(file);
    const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
    for (const [name, tensor] of stored) tensors.set(name, { shape: tensor.shape, values: await tensor.read() });
    change(tensors);
    await writeSafetensors(
      file,
      'F32',
      [...tensors].map(([name, { shape, values }]) => ({ name, shape, read: () => values })),
    );
    return where;
  };
  const named = (module: string, side: 'A' | 'B'): string => `base_model.model.${module}.lora_${side}.weight`;

  it('is read as it is', async () => expect((await readAdapter(await make({}), config)).plan).toEqual(plan));

  type Change = Parameters<typeof make>[1];
  const rows: readonly (readonly [string, Fields, Change, string | undefined, RegExp])[] = [
    [
      'holds a tensor that has no place',
      {},
      (t) => void t.set('base_model.model.lm_head.weight', { shape: [1], values: new Float32Array(1) }),
      'lm_head.weight',
      /holds lm_head\.weight, which has no place/,
    ],
    [
      'holds a magnitude of DoRA',
      {},
      (t) => void t.set(`base_model.model.${q0}.lora_magnitude_vector`, { shape: [1], values: new Float32Array(1) }),
      `${q0}.lora_magnitude_vector`,
      /has no place/,
    ],
    ['lacks a half', {}, (t) => void t.delete(named(q0, 'B')), `${q0}.lora_B.weight`, /lacks/],
    [
      'lacks a module',
      {},
      (t) => {
        t.delete(named(q0, 'A'));
        t.delete(named(q0, 'B'));
      },
      q0,
      /lacks .*names \(target_modules\)/,
    ],
    ['holds a module that is left out', { layers_to_transform: [0] }, undefined, q1, /leaves out/],
    ['is of another rank', { r: 3 }, undefined, `${q0}.lora_A.weight`, /has shape \[2, 24\]; .* ask for \[3, 24\]/],
    [
      'is of another rank by a pattern',
      { rank_pattern: { v_proj: 3 } },
      undefined,
      'model.layers.0.self_attn.v_proj.lora_A.weight',
      /ask for \[3, 24\]/,
    ],
    [
      'holds NaN',
      {},
      (t) => void (t.get(named(v1, 'B'))!.values[5] = NaN),
      `${v1}.lora_B.weight`,
      /holds NaN at place 5/,
    ],
    [
      'holds infinity',
      {},
      (t) => void (t.get(named(v1, 'A'))!.values[3] = -Infinity),
      `${v1}.lora_A.weight`,
      /holds -Infinity at place 3/,
    ],
    ['holds nothing', {}, (t) => t.clear(), undefined, /adapts nothing/],
  ];
  it.each(rows)('%s: it is refused by name', async (_, settings, change, name, words) => {
    const {
      code,
      named: tensor,
      message,
    } = await refusalOf(async () => readAdapter(await make(settings, change), config));
    expect([code, tensor, message]).toEqual(['bad-model', name, expect.stringMatching(words)]);
  });
  it('of another model is refused', async () => {
    const where = await make({});
    expect((await refusalOf(() => readAdapter(where, tinyLlama({ width: 48, headDim: 12 })))).code).toBe('bad-model');
    expect((await refusalOf(() => readAdapter(where, tinyLlama({ layers: 1 })))).message).toMatch(
      /has no place in this model/,
    );
  });
  it('that is not there is said', async () => {
    const where = await make({});
    rmSync(join(where, 'adapter_model.safetensors'));
    expect((await refusalOf(() => readAdapter(where, config))).message).toMatch(/has no adapter_model\.safetensors/);
  });
});
