import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inspectModel } from '../../../../../src-main/engine/jobs/inspect-model';
import type { JobContext } from '../../../../../src-main/engine/jobs/context';
import { openModel } from '../../../../../src-main/engine/source/open-model';
import { openSafetensors, writeSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { piece } from '../../../../../src-main/engine/weights/stored-tensor';
import { refusalOf } from '../../../support/model-json';
import { writeTinyModel } from '../jobs/tiny-folder';

// What is wrong with weight files: found when a model is opened or added, with the tensor's name.

const folder = mkdtempSync(join(tmpdir(), 'sampo-safetensors-'));
const good = join(folder, 'good');
beforeAll(() => writeTinyModel(good));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}
type Header = Record<string, Entry>;

const pack = (header: unknown, data: Uint8Array): Uint8Array => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
};
function unpack(bytes: Buffer): { readonly header: Header; readonly data: Buffer } {
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__: _about, ...header } = JSON.parse(bytes.subarray(8, start).toString()) as Header;
  return { header, data: bytes.subarray(start) };
}
function put(header: unknown, bytes: number): string {
  const file = join(folder, `${++files}.safetensors`);
  writeFileSync(file, pack(header, new Uint8Array(bytes)));
  return file;
}
const f32 = (begin: number, end: number, ...shape: readonly number[]): Entry => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('a header', () => {
  const rows: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['with bytes of two tensors', { a: f32(0, 16, 4), b: f32(8, 24, 4) }, 24, /tensors a and b share bytes/],
    ['with one tensor within another', { a: f32(0, 16, 4), b: f32(4, 8, 1) }, 16, /tensors a and b share bytes/],
    ['with a gap', { a: f32(0, 16, 4), b: f32(20, 24, 1) }, 24, /4 bytes before b belong to no tensor/],
    ['with a gap at its start', { a: f32(4, 20, 4) }, 20, /4 bytes before a belong to no tensor/],
    ['with bytes left over', { a: f32(0, 16, 4) }, 20, /4 bytes at its end belong to no tensor/],
    ['with a tensor beyond the file', { a: f32(0, 16, 4) }, 12, /tensor a ends at byte \d+, the file at \d+/],
    ['with too few bytes for a shape', { a: f32(0, 12, 4) }, 12, /tensor a has 12 bytes, not what its shape needs/],
    ['with too many', { a: f32(0, 16, 3) }, 16, /tensor a has 16 bytes/],
    ['with an end before its begin', { a: f32(16, 0, 4) }, 16, /tensor a has -16 bytes/],
    ['with a negative size', { a: f32(0, 16, -4) }, 16, /tensor a has no valid type, shape and offsets/],
    ['with a fraction', { a: f32(0, 16, 4.5) }, 16, /tensor a has no valid/],
    ['with a negative offset', { a: f32(-16, 0, 4) }, 16, /tensor a has no valid/],
    ['with one offset', { a: { dtype: 'F32', shape: [4], data_offsets: [0] } }, 16, /tensor a has no valid/],
    ['without a type', { a: { shape: [4], data_offsets: [0, 16] } }, 16, /tensor a has no valid/],
    ['with a tensor that is none', { a: null }, 0, /tensor a has no valid/],
    ['with sizes beyond counting', { a: f32(0, 16, 2 ** 40, 2 ** 40) }, 16, /tensor a has 16 bytes/],
    [
      'of another type',
      { a: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } },
      16,
      /holds a as I64, which is not supported/,
    ],
    ['of 8-bit floats', { a: { dtype: 'F8_E4M3', shape: [16], data_offsets: [0, 16] } }, 16, /holds a as F8_E4M3/],
    [
      'of a type that every object has',
      { a: { dtype: 'constructor', shape: [2], data_offsets: [0, 16] } },
      16,
      /holds a as constructor/,
    ],
    ['that is no JSON', '{', 0, /its header is not JSON/],
    ['that is a list', '[]', 0, /its header is not JSON/],
  ];
  it.each(rows)('%s is refused', async (_, header, bytes, words) => {
    const { code, message } = await refusalOf(() => openSafetensors(put(header, bytes)));
    expect([code, message]).toEqual(['bad-model', expect.stringMatching(words)]);
  });

  it('longer than the file is refused, and so is a file of nothing', async () => {
    const write = (bytes: Uint8Array): string => {
      const file = join(folder, `${++files}.safetensors`);
      writeFileSync(file, bytes);
      return file;
    };
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array(7),
      Buffer.from('ffffffffffffff7f', 'hex'),
      Buffer.from('ff000000000000007b', 'hex'),
    ])
      expect((await refusalOf(() => openSafetensors(write(bytes)))).message).toMatch(/header is longer than the file/);
  });

  it('without tensors, or with empty ones, is read', async () => {
    expect((await openSafetensors(put({ __metadata__: { format: 'pt' } }, 0))).size).toBe(0);
    expect((await openSafetensors(put({ a: f32(0, 0, 0), b: f32(0, 4, 1), c: f32(4, 4, 0, 3) }, 4))).size).toBe(3);
  });
});

/** The good model with its weights changed. */
function changed(change: (header: Header, data: Buffer) => void): string {
  const copy = join(folder, `model-${++files}`);
  cpSync(good, copy, { recursive: true });
  const file = join(copy, 'model.safetensors');
  const { header, data } = unpack(readFileSync(file));
  change(header, data);
  writeFileSync(file, pack(header, data));
  return copy;
}
const rename = (header: Header, from: string, to: string): void => {
  header[to] = header[from]!;
  delete header[from];
};
const up = 'model.layers.0.mlp.up_proj.weight';

describe('a folder', () => {
  const rows: readonly (readonly [string, (header: Header) => void, string, RegExp])[] = [
    [
      'with a tensor that no Llama has',
      (h) => rename(h, up, 'model.layers.0.mlp.experts.weight'),
      up,
      /lacks the tensor/,
    ],
    [
      'with a tensor of a layer too many',
      (h) => void (h['model.layers.2.mlp.up_proj.weight'] = { dtype: 'F32', shape: [0, 4], data_offsets: [0, 0] }),
      'model.layers.2.mlp.up_proj.weight',
      /no place in a llama of 2 layers/,
    ],
    [
      'with a bias that the configuration does not have',
      (h) => void (h['model.layers.0.self_attn.q_proj.bias'] = { dtype: 'F32', shape: [0], data_offsets: [0, 0] }),
      'model.layers.0.self_attn.q_proj.bias',
      /no place/,
    ],
    [
      'with a tensor turned round',
      (h) => void (h[up] = { ...h[up]!, shape: [...h[up]!.shape].reverse() }),
      up,
      /has shape \[24, 40\]; its configuration asks for \[40, 24\] \(.*hidden_size 24.*intermediate_size 40/,
    ],
    ['with a tensor of one axis', (h) => void (h[up] = { ...h[up]!, shape: [960] }), up, /has shape \[960\]/],
    [
      'with a norm of two axes',
      (h) => void (h['model.norm.weight'] = { ...h['model.norm.weight']!, shape: [1, 24] }),
      'model.norm.weight',
      /has shape \[1, 24\]/,
    ],
    [
      'whose embedding has other rows',
      (h) => void (h['model.embed_tokens.weight'] = { ...h['model.embed_tokens.weight']!, shape: [24, 31] }),
      'model.embed_tokens.weight',
      /vocab_size 31/,
    ],
  ];
  it.each(rows)('%s is refused by its name', async (_, change, name, words) => {
    const { named, message } = await refusalOf(() => openModel(changed(change)));
    expect([named, message]).toEqual([name, expect.stringMatching(words)]);
    expect(message).toContain(name);
  });

  it('with rotary tables of old versions is read, of any type', async () => {
    const copy = changed(
      (h) =>
        void (h['model.layers.0.self_attn.rotary_emb.inv_freq'] = { dtype: 'I64', shape: [0], data_offsets: [0, 0] }),
    );
    expect((await openModel(copy)).tensors.has('model.layers.0.self_attn.rotary_emb.inv_freq')).toBe(false);
  });

  it('whose file was cut is refused', async () => {
    const copy = changed(() => undefined);
    truncateSync(join(copy, 'model.safetensors'), 4000);
    expect((await refusalOf(() => openModel(copy))).code).toBe('bad-model');
  });
});

describe('several files', () => {
  const parts = (
    split: (name: string, i: number) => readonly string[],
    index?: (map: Record<string, string>) => unknown,
  ): string => {
    const copy = join(folder, `model-${++files}`);
    cpSync(good, copy, { recursive: true });
    const { header, data } = unpack(readFileSync(join(good, 'model.safetensors')));
    rmSync(join(copy, 'model.safetensors'));
    const map: Record<string, string> = {};
    const of = new Map<string, string[]>();
    Object.keys(header).forEach((name, i) =>
      split(name, i).forEach((file) => {
        map[name] = file;
        of.set(file, [...(of.get(file) ?? []), name]);
      }),
    );
    for (const [file, names] of of) {
      let at = 0;
      const own: Header = {};
      const bytes = names.map((name) => {
        const {
          data_offsets: [begin, end],
        } = header[name]!;
        own[name] = { ...header[name]!, data_offsets: [at, (at += end - begin)] };
        return data.subarray(begin, end);
      });
      writeFileSync(join(copy, file), pack(own, Buffer.concat(bytes)));
    }
    const content = index ? index(map) : { weight_map: map };
    writeFileSync(join(copy, 'model.safetensors.index.json'), JSON.stringify(content));
    return copy;
  };
  const two = (_name: string, i: number): readonly string[] => [i < 5 ? 'model-1.safetensors' : 'model-2.safetensors'];

  it('are one model', async () => {
    const [whole, split] = [await openModel(good), await openModel(parts(two))];
    expect([...split.tensors.keys()].sort()).toEqual([...whole.tensors.keys()].sort());
    expect(await split.tensors.get(up)!.read()).toEqual(await whole.tensors.get(up)!.read());
  });
  it('that both hold a tensor are refused', async () => {
    const copy = parts((name, i) => (name === up ? ['model-1.safetensors', 'model-2.safetensors'] : two(name, i)));
    const { named, message } = await refusalOf(() => openModel(copy));
    expect([named, message]).toEqual([
      up,
      expect.stringContaining(`Both model-1.safetensors and model-2.safetensors hold the tensor ${up}`),
    ]);
  });
  it('one of which is missing are refused with its name', async () => {
    const copy = parts(two);
    rmSync(join(copy, 'model-2.safetensors'));
    const { named, message } = await refusalOf(() => openModel(copy));
    expect([named, message]).toEqual([
      'model-2.safetensors',
      expect.stringContaining('lacks the weight file model-2.safetensors'),
    ]);
  });
  it('outside of the folder are never opened', async () => {
    for (const name of ['../good/model.safetensors', '/etc/hosts', '..'])
      expect(
        (await refusalOf(() => openModel(parts(two, (map) => ({ weight_map: { ...map, [up]: name } }))))).message,
      ).toContain(`lacks the weight file ${name}`);
  });
  it('of an index without a map are refused', async () => {
    for (const content of [{}, { weight_map: [] }, { weight_map: { a: 1 } }, []])
      expect((await refusalOf(() => openModel(parts(two, () => content)))).message).toMatch(
        /has no weight_map|is not a JSON object/,
      );
  });
  it('an index that leaves out a tensor that its files hold changes nothing', async () => {
    const copy = parts(two, ({ [up]: _left, ...map }) => ({ weight_map: map }));
    expect((await openModel(copy)).tensors.has(up)).toBe(true);
  });
  it('are passed over where there is one file, as in transformers', async () => {
    const copy = parts(two, () => ({ weight_map: { a: 'nowhere.safetensors' } }));
    cpSync(join(good, 'model.safetensors'), join(copy, 'model.safetensors'));
    expect((await openModel(copy)).tensors.size).toBeGreaterThan(5);
  });
  it('of pickles are refused with the reason', async () => {
    const copy = join(folder, 'pickled');
    mkdirSync(copy);
    cpSync(join(good, 'config.json'), join(copy, 'config.json'));
    expect((await refusalOf(() => openModel(copy))).message).toMatch(/has no model\.safetensors/);
    writeFileSync(join(copy, 'pytorch_model.bin'), '');
    expect((await refusalOf(() => openModel(copy))).message).toMatch(/has no model\.safetensors/);
  });
});

describe('a number that is none', () => {
  const context = (progress: unknown[]): JobContext => ({
    engine: 'auto',
    signals: { wish: null } as JobContext['signals'],
    emit: (event) => void progress.push(event),
    freeBytes: () => 1e9,
  });
  const bits: readonly (readonly [string, number, RegExp])[] = [
    ['NaN', 0x7fc00000, /holds NaN at place 7/],
    ['negative NaN', 0xffc00001, /holds NaN at place 7/],
    ['infinity', 0x7f800000, /holds Infinity at place 7/],
    ['negative infinity', 0xff800000, /holds -Infinity at place 7/],
  ];
  it.each(bits)('%s is refused when a model is added, with tensor, place and value', async (_, word, words) => {
    const path = changed((header, data) => void data.writeUInt32LE(word, header[up]!.data_offsets[0] + 4 * 7));
    const { named, message } = await refusalOf(() => inspectModel({ path }, context([])));
    expect([named, message]).toEqual([up, expect.stringMatching(words)]);
    expect(message).toContain(`Tensor ${up} of ${path}`);
  });
  it('at the very end is found, the largest number is one', async () => {
    const last = (word: number): string =>
      changed(
        (header, data) => void data.writeUInt32LE(word, header['model.embed_tokens.weight']!.data_offsets[1] - 4),
      );
    expect((await refusalOf(() => inspectModel({ path: last(0x7f800000) }, context([])))).message).toMatch(
      /holds Infinity at place 743/,
    );
    expect((await inspectModel({ path: last(0x7f7fffff) }, context([]))).notes).toEqual([]);
  });
  it.each([
    ['F16', 0x7c00, 0x7bff],
    ['BF16', 0x7f80, 0x7f7f],
  ] as const)('of %s is found too', async (dtype, bad, most) => {
    const write = (word: number): string => {
      const file = join(folder, `${++files}.safetensors`);
      const data = Buffer.alloc(40);
      data.writeUInt16LE(word, 2 * 13);
      writeFileSync(file, pack({ a: { dtype, shape: [20], data_offsets: [0, 40] } }, data));
      return file;
    };
    const scan = async (word: number) => (await openSafetensors(write(word))).get('a')!.nonFinite();
    expect(await scan(bad)).toEqual({ index: 13, value: Infinity });
    expect(await scan(bad | 0x8000)).toEqual({ index: 13, value: -Infinity });
    expect(await scan(bad | 1)).toEqual({ index: 13, value: NaN });
    expect(await scan(most)).toBeNull();
  });
});

describe('a tensor of several pieces', () => {
  const count = 2 * piece + 5;
  const make = async (type: 'F32' | 'F16', change: (values: Float32Array) => void) => {
    const file = join(folder, `${++files}.safetensors`);
    const values = Float32Array.from({ length: count }, (_, i) => i % 1000);
    change(values);
    await writeSafetensors(file, type, [{ name: 'a', shape: [count], read: () => values }]);
    return (await openSafetensors(file)).get('a')!;
  };

  it.each(['F32', 'F16'] as const)('of %s is looked through to its end', async (type) => {
    for (const at of [0, piece - 1, piece, piece + 3, 2 * piece + 4])
      expect(await (await make(type, (v) => void (v[at] = NaN))).nonFinite()).toEqual({ index: at, value: NaN });
    expect(await (await make(type, () => undefined)).nonFinite()).toBeNull();
  });
  it('is read in parts', async () => {
    const tensor = await make('F32', () => undefined);
    expect([...(await tensor.part(piece, 3))]).toEqual([piece % 1000, (piece + 1) % 1000, (piece + 2) % 1000]);
    expect(await tensor.part(2 * piece, 5)).toEqual((await tensor.read()).subarray(2 * piece));
  });
});

describe('a head beside tie_word_embeddings: true', () => {
  const rows = Math.ceil(piece / 24) + 10; // an embedding of more than one piece
  const make = async (change: (head: Float32Array) => void): Promise<string> => {
    const copy = join(folder, `tied-${++files}`);
    cpSync(good, copy, { recursive: true });
    const config = JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8')) as object;
    writeFileSync(join(copy, 'config.json'), JSON.stringify({ ...config, vocab_size: rows }));
    const stored = await openSafetensors(join(good, 'model.safetensors'));
    const embedding = Float32Array.from({ length: rows * 24 }, (_, i) => i % 7);
    const head = embedding.slice();
    change(head);
    const big = [['model.embed_tokens.weight', embedding] as const, ['lm_head.weight', head] as const];
    const others = [...stored.values()].filter(({ name }) => name !== 'model.embed_tokens.weight');
    await writeSafetensors(join(copy, 'model.safetensors'), 'F32', [
      ...big.map(([name, values]) => ({ name, shape: [rows, 24], read: () => values })),
      ...others.map(({ name, shape, read }) => ({ name, shape, read })),
    ]);
    return copy;
  };

  it('equal to the embedding is the embedding saved twice', async () => {
    const source = await openModel(await make(() => undefined));
    expect([source.config.tiedHead, source.tensors.has('lm_head.weight'), source.notes]).toEqual([true, false, []]);
  });
  it.each([0, piece, rows * 24 - 1])('other at place %i alone counts', async (at) => {
    const source = await openModel(await make((head) => void (head[at]! += 1)));
    expect([source.config.tiedHead, source.tensors.has('lm_head.weight'), source.notes.length]).toEqual([
      false,
      true,
      1,
    ]);
  });
});
