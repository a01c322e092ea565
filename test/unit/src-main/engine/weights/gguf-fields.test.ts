import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { llama } from '../../../../../src-main/engine/families/llama';
import { openGguf } from '../../../../../src-main/engine/weights/gguf';
import { checkMetadata, ggufKey } from '../../../../../src-main/engine/weights/gguf-config';
import { openModel } from '../../../../../src-main/engine/source/open-model';
import { llamaCppMetadata, writeGguf, type GgufTensor, type GgufValue } from '../../../support/gguf-file';
import { refusalOf } from '../../../support/model-json';

// Every key and tensor of a GGUF file that is known: what a change of it does.

const folder = mkdtempSync(join(tmpdir(), 'sampo-gguf-fields-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const sizes = {
  num_hidden_layers: 1,
  hidden_size: 8,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  intermediate_size: 16,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  vocab_size: 32,
  rope_parameters: { rope_theta: 10000 },
};
const u32 = (value: number): GgufValue => ({ u32: value });
const tensor = (name: string, ...shape: readonly number[]): GgufTensor => ({
  name,
  shape,
  values: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1),
});
const tensors: readonly GgufTensor[] = [
  tensor('token_embd.weight', 32, 8),
  tensor('output_norm.weight', 8),
  tensor('output.weight', 32, 8),
  tensor('blk.0.attn_norm.weight', 8),
  tensor('blk.0.attn_q.weight', 16, 8),
  tensor('blk.0.attn_k.weight', 8, 8),
  tensor('blk.0.attn_v.weight', 8, 8),
  tensor('blk.0.attn_output.weight', 8, 16),
  tensor('blk.0.ffn_norm.weight', 8),
  tensor('blk.0.ffn_gate.weight', 16, 8),
  tensor('blk.0.ffn_up.weight', 16, 8),
  tensor('blk.0.ffn_down.weight', 8, 16),
];
type Change = Readonly<Record<string, GgufValue | undefined>>;

function write(change: Change, of: readonly GgufTensor[] = tensors): string {
  const all: Record<string, GgufValue | undefined> = { ...llamaCppMetadata(sizes), ...change };
  const given = Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
  const file = join(folder, `${++files}.gguf`);
  writeGguf(file, Object.fromEntries(given), of);
  return file;
}
const read = (change: Change, of?: readonly GgufTensor[]) => openGguf(write(change, of));

it('the file that rows change is read without a note', async () => expect((await read({})).notes).toEqual([]));

describe('a key that is honoured', () => {
  const rows: readonly (readonly [string, GgufValue, string, unknown])[] = [
    ['llama.block_count', u32(2), 'layers', 2],
    ['llama.context_length', u32(64), 'contextLength', 64],
    ['llama.embedding_length', u32(16), 'width', 16],
    ['llama.feed_forward_length', u32(24), 'ffWidth', 24],
    ['llama.attention.head_count', u32(2), 'heads', 2],
    ['llama.attention.head_count_kv', u32(4), 'kvHeads', 4],
    ['llama.attention.layer_norm_rms_epsilon', 0.5, 'normEpsilon', 0.5],
    ['llama.vocab_size', u32(64), 'vocabulary', 64],
    ['llama.rope.freq_base', 20000, 'rope', { theta: 20000, dims: 4, scaling: null }],
    ['llama.rope.scaling.factor', 2, 'rope', { theta: 10000, dims: 4, scaling: { kind: 'linear', factor: 2 } }],
    ['llama.rope.scale_linear', 2, 'rope', { theta: 10000, dims: 4, scaling: { kind: 'linear', factor: 2 } }],
  ];
  it.each(rows)('%s %j', async (key, value, field, expected) => {
    const { config, notes } = await read({ [key]: value });
    expect([config[field as keyof typeof config], notes]).toEqual([expected, []]);
  });
  it('head sizes, which must agree', async () => {
    const of = (value: number): Change => ({
      'llama.attention.key_length': u32(value),
      'llama.attention.value_length': u32(value),
    });
    const dims = { 'llama.rope.dimension_count': u32(8) };
    expect((await read({ ...of(8), ...dims })).config).toMatchObject({ headDim: 8, rope: { dims: 8 } });
    for (const key of ['llama.attention.key_length', 'llama.attention.value_length', 'llama.rope.dimension_count'])
      expect([key, (await refusalOf(() => read({ [key]: u32(6) }))).code]).toEqual([key, 'bad-model']);
  });
  it('the type none turns scaling off', async () => {
    const change = { 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': 2 };
    expect((await read(change)).config.rope.scaling).toBeNull();
  });
});

describe('a key without effect', () => {
  it.each([
    ['llama.rope.scaling.original_context_length', u32(64)],
    ['llama.rope.scaling.finetuned', true],
    ['llama.tensor_data_layout', 'Meta AI original pth'],
    ['llama.attention.layer_norm_epsilon', 1e-5],
    ['llama.expert_used_count', u32(2)],
    ['general.file_type', u32(7)],
    ['general.anything', 'x'],
    ['quantize.imatrix.file', 'x'],
    ['split.no', u32(1)],
  ] as const)('%s %j is passed over', async (key, value) => expect((await read({ [key]: value })).notes).toEqual([]));

  it('of nobody is told', async () => {
    const { notes } = await read({ 'mine.own': 'x', 'mine.off': false, constructor: u32(3) });
    expect(notes).toEqual([
      'mine.own is "x": this key is not known here and has no effect.',
      expect.stringMatching(/^constructor is 3/),
    ]);
  });
});

describe('a key that changes numbers and is not honoured', () => {
  const rows: readonly (readonly [string, GgufValue, RegExp, ...GgufValue[]])[] = [
    ...[
      'expert_count',
      'expert_shared_count',
      'expert_feed_forward_length',
      'interleave_moe_layer_step',
      'leading_dense_block_count',
    ].map((key) => [`llama.${key}`, u32(8), /a mixture of experts/, u32(0)] as const),
    ['llama.attention.sliding_window', u32(64), /the last tokens only/, u32(0), u32(128)],
    ['llama.attention.scale', 0.5, /another scale of attention/, 0],
    ...['logit_scale', 'residual_scale', 'embedding_scale'].map(
      (key) => [`llama.${key}`, 2, /scaled on their way/, 0, 1] as const,
    ),
    ...['attn_logit_softcapping', 'final_logit_softcapping', 'attention.clamp_kqv'].map(
      (key) => [`llama.${key}`, 30, /capped/, 0] as const,
    ),
    ['llama.attention.max_alibi_bias', 8, /ALiBi/, 0],
    ['llama.attention.causal', false, /both directions/, true],
    ['llama.rope.scaling.attn_factor', 0.5, /another scale of attention/, 1, 0],
    ['llama.use_parallel_residual', true, /side by side/, false],
    ['llama.rope.scaling.type', 'yarn', /only linear/, 'linear'],
    ['llama.rope.scaling.type', 'constructor', /only linear/],
    ['llama.new.thing', 3, /not known here and may change/, 0],
    ['general.type', 'adapter', /not a whole model/, 'model'],
    ['split.count', u32(3), /several GGUF files/, u32(0), u32(1)],
  ];
  it.each(rows)('%s %j is refused by its name', async (...row) => {
    const [key, bad, words, ...neutral] = row as unknown as (typeof rows)[number];
    const { code, named, message } = await refusalOf(() => read({ [key]: bad }));
    expect([code, named]).toEqual(['bad-model', key]);
    expect(message).toMatch(words);
    expect(message).toContain(
      `${key} is ${typeof bad === 'object' ? (bad as { u32: number }).u32 : JSON.stringify(bad)}`,
    );
    for (const value of neutral) expect((await read({ [key]: value })).notes).toEqual([]);
  });
  it('another architecture', async () => {
    expect((await refusalOf(() => read({ 'general.architecture': 'mamba' }))).message).toMatch(
      /architecture mamba, which is not supported/,
    );
    expect((await refusalOf(() => read({ 'general.architecture': undefined }))).message).toMatch(
      /architecture undefined|names no architecture/,
    );
  });
});

describe('a size or number', () => {
  const counts = [
    'block_count',
    'embedding_length',
    'attention.head_count',
    'feed_forward_length',
    'context_length',
    'vocab_size',
  ];
  it.each(counts)('llama.%s is a whole number above 0', async (name) => {
    const key = `llama.${name}`;
    for (const value of [u32(0), -1, 1.5, NaN, Infinity, 1e30, 'text', true]) {
      const { message } = await refusalOf(() => read({ [key]: value }));
      expect(message).toContain(key);
    }
  });
  it.each(counts.filter((name) => name !== 'vocab_size'))('llama.%s must be there', async (name) => {
    expect((await refusalOf(() => read({ [`llama.${name}`]: undefined }))).message).toContain(`lacks llama.${name}`);
  });
  it.each(['attention.layer_norm_rms_epsilon', 'rope.freq_base', 'rope.scaling.factor'])(
    'llama.%s is a number in its range',
    async (name) => {
      for (const value of [-1, NaN, Infinity, 'text', true]) {
        const { message } = await refusalOf(() => read({ [`llama.${name}`]: value }));
        expect(message).toContain(`llama.${name}`);
      }
    },
  );
  it('of its own for each layer is refused', async () => {
    expect(await refusalOf(() => read({ 'llama.attention.head_count_kv': [2, 2] }))).toMatchObject({
      named: 'llama.attention.head_count_kv',
      message: expect.stringMatching(/layers of different sizes/) as string,
    });
  });
  it('of heads must fit', async () => {
    expect((await refusalOf(() => read({ 'llama.attention.head_count_kv': u32(3) }))).message).toMatch(
      /head_count_kv is 3: the 4 heads/,
    );
  });
  it.each(['bos', 'eos', 'padding'])('of the %s token is a row of the embedding', async (name) => {
    const key = `tokenizer.ggml.${name}_token_id`;
    expect((await refusalOf(() => read({ [key]: u32(32) }))).message).toContain(
      `${key} is 32: token ids go from 0 to 31`,
    );
    expect((await read({ [key]: u32(31) })).notes).toEqual([]);
  });
  it('is called as the file calls it', () => {
    expect(['hidden_size', 'bos_token_id', 'hidden_act'].map((field) => ggufKey(llama.gguf!, field))).toEqual([
      'llama.embedding_length',
      'tokenizer.ggml.bos_token_id',
      'hidden_act',
    ]);
  });
  it('64 bits wide is one all the same', () => {
    expect(
      checkMetadata(
        'f.gguf',
        { 'llama.attention.sliding_window': 4096n, 'llama.context_length': 2048n, 'split.count': 1n },
        llama.gguf!,
      ),
    ).toEqual([]);
  });
});

describe('tensors', () => {
  it('without output.weight: the embedding is the head', async () => {
    expect(
      (
        await read(
          {},
          tensors.filter(({ name }) => name !== 'output.weight'),
        )
      ).config.tiedHead,
    ).toBe(true);
    expect((await read({})).config.tiedHead).toBe(false);
  });
  it('biases are read where there are any', async () => {
    const biases = [tensor('blk.0.attn_q.bias', 16), tensor('blk.0.ffn_up.bias', 16)];
    expect((await read({}, [...tensors, biases[0]!])).config).toMatchObject({
      own: { attentionBias: true, mlpBias: false },
    });
    expect((await read({}, [...tensors, biases[1]!])).config).toMatchObject({
      own: { attentionBias: false, mlpBias: true },
    });
  });

  const rows: readonly (readonly [string, readonly GgufTensor[], string, RegExp])[] = [
    [
      'that no Llama has',
      [...tensors, tensor('blk.0.attn_q_norm.weight', 4)],
      'blk.0.attn_q_norm.weight',
      /no place in a llama of 1 layers/,
    ],
    [
      'of a layer too many',
      [...tensors, tensor('blk.1.attn_norm.weight', 8)],
      'model.layers.1.input_layernorm.weight',
      /no place/,
    ],
    [
      'that are missing',
      tensors.filter(({ name }) => name !== 'blk.0.ffn_up.weight'),
      'model.layers.0.mlp.up_proj.weight',
      /lacks the tensor/,
    ],
    [
      'of another shape',
      tensors.map((t) => (t.name === 'blk.0.ffn_up.weight' ? tensor(t.name, 8, 16) : t)),
      'model.layers.0.mlp.up_proj.weight',
      /has shape .*intermediate_size 16/,
    ],
    [
      'of a type that is not read',
      tensors.map((t) => (t.name === 'blk.0.ffn_up.weight' ? { ...t, type: 12 } : t)),
      'blk.0.ffn_up.weight',
      /as Q4_K, which is not supported/,
    ],
    [
      'of a type that nobody has',
      tensors.map((t) => (t.name === 'blk.0.ffn_up.weight' ? { ...t, type: 99 } : t)),
      'blk.0.ffn_up.weight',
      /as type 99/,
    ],
  ];
  it.each(rows)('%s are refused by name', async (_, of, name, words) => {
    const { named, message } = await refusalOf(() => openModel(write({}, of)));
    expect([named, message]).toEqual([name, expect.stringMatching(words)]);
  });
  it('there twice are refused', async () => {
    expect((await refusalOf(() => read({}, [...tensors, tensors[0]!]))).message).toMatch(
      /token_embd\.weight twice|[Dd]uplicate/,
    );
  });
  it('in rows that blocks cannot fill are refused', async () => {
    const of = tensors.map((t) => (t.name === 'blk.0.ffn_up.weight' ? { ...t, type: 8 } : t));
    expect((await refusalOf(() => read({}, of))).message).toMatch(/rows of 8 numbers, which Q8_0 cannot hold/);
  });
  it.each([
    [[1, 0], /must be above 0/],
    [[1, -2], /must be above 0/],
    [[1, NaN], /holds null|NaN/],
    [[1], /it must hold 2 numbers/],
  ] as const)('rope_freqs.weight %j is refused', async (values, words) => {
    const factors = { name: 'rope_freqs.weight', shape: [values.length], values: Float32Array.from(values) };
    expect((await refusalOf(() => read({}, [...tensors, factors]))).message).toMatch(words);
  });
  it('cut off are refused with their name', async () => {
    const file = write({});
    const { truncateSync, statSync } = await import('node:fs');
    truncateSync(file, statSync(file).size - 64);
    expect((await refusalOf(() => openGguf(file))).message).toMatch(/cut off within blk\.0\.ffn_down\.weight/);
  });
});
