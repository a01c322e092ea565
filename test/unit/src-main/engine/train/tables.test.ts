import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256OfFile, bytesOf, writeFileAtomic } from '../../../../../src-main/engine/files';
import { PackedLogprobs } from '../../../../../src-main/engine/infer/logprob-table';
import { microBatches } from '../../../../../src-main/engine/batch/micro-batches';
import { PairPacker } from '../../../../../src-main/engine/batch/packed-pairs';
import {
  pairsHash,
  readReference,
  referenceKey,
  referencePath,
  writeReference,
} from '../../../../../src-main/engine/train/reference/reference-cache';
import type { TokenizedPair } from '../../../../../src-main/engine/batch/types';
import { temporaryFolder } from './fixture';

const uncut = { prompt: 0, chosen: 0, rejected: 0 };
const ids = (n: number, first: number): readonly number[] => Array.from({ length: n }, (_, i) => first + i);
const pair = (row: number, prompt: number, chosen: number, rejected: number, cut = uncut): TokenizedPair => ({
  row,
  promptIds: ids(prompt, 100 * row),
  chosenIds: ids(chosen, 100 * row + 30),
  rejectedIds: ids(rejected, 100 * row + 60),
  cut,
});
const plain = (p: TokenizedPair) => ({
  row: p.row,
  promptIds: [...p.promptIds],
  chosenIds: [...p.chosenIds],
  rejectedIds: [...p.rejectedIds],
  cut: p.cut,
});

describe('packed pairs', () => {
  it('come out as they went in', () => {
    const cut = { prompt: 1, chosen: 0, rejected: 0 };
    const given = [pair(1, 3, 2, 1), pair(2, 1, 4, 0, cut), pair(3, 2, 1, 5, { ...uncut, rejected: 2 })];
    const packer = new PairPacker();
    expect(given.map((p) => packer.pack(p)).map(plain)).toEqual(given.map(plain));
  });
  it('share an array, and one that is longer than that has its own', () => {
    const packer = new PairPacker();
    const [a, b] = [packer.pack(pair(1, 3, 2, 1)), packer.pack(pair(2, 1, 1, 1))];
    const buffer = (p: TokenizedPair): ArrayBufferLike => (p.promptIds as Int32Array).buffer;
    expect(buffer(a)).toBe(buffer(b));
    expect(buffer(a).byteLength).toBe(4 * 2 ** 20);
    const huge = packer.pack({ ...pair(3, 1, 1, 1), promptIds: new Int32Array(2 ** 20).fill(7) });
    expect([huge.promptIds.length, huge.chosenIds[0], huge.rejectedIds[0]]).toEqual([2 ** 20, 330, 360]);
    expect(plain(a)).toEqual(plain(pair(1, 3, 2, 1)));
  });
  it('fill an array to its last place', () => {
    const packer = new PairPacker();
    const most = packer.pack({ ...pair(1, 0, 1, 1), promptIds: new Int32Array(2 ** 20 - 5).fill(1) });
    const last = packer.pack(pair(2, 1, 1, 1));
    expect((last.promptIds as Int32Array).buffer).toBe((most.promptIds as Int32Array).buffer);
    const next = packer.pack(pair(3, 1, 1, 1));
    expect((next.promptIds as Int32Array).buffer).not.toBe((most.promptIds as Int32Array).buffer);
    expect([plain(last), plain(next)]).toEqual([plain(pair(2, 1, 1, 1)), plain(pair(3, 1, 1, 1))]);
  });
  it('that are uncut share what says so', () => {
    const packer = new PairPacker();
    expect(packer.pack(pair(1, 1, 1, 1, { ...uncut })).cut).toBe(packer.pack(pair(2, 1, 1, 1, { ...uncut })).cut);
    for (const part of ['prompt', 'chosen', 'rejected'])
      expect(packer.pack(pair(1, 1, 1, 1, { ...uncut, [part]: 4 })).cut).toEqual({ ...uncut, [part]: 4 });
  });
});

describe('a table of log-probs', () => {
  const pairs = [pair(7, 1, 2, 1), pair(3, 1, 1, 3)];
  it('is one array, chosen then rejected, pair after pair', () => {
    const table = new PackedLogprobs(pairs);
    table.set(3, { chosen: Float32Array.of(-4), rejected: Float32Array.of(-5, -6, -7) });
    table.set(7, { chosen: Float32Array.of(-1, -2), rejected: Float32Array.of(-3) });
    expect([...table.values]).toEqual([-1, -2, -3, -4, -5, -6, -7]);
    expect(table.get(7)).toEqual({ chosen: Float32Array.of(-1, -2), rejected: Float32Array.of(-3) });
    expect(table.get(3)).toEqual({ chosen: Float32Array.of(-4), rejected: Float32Array.of(-5, -6, -7) });
    expect(table.get(0)).toBeUndefined(); // a place, but no row
  });
});

describe('the hash of pairs', () => {
  it('is sha256 over row, lengths and ids as 32-bit numbers', () => {
    const words = Int32Array.of(7, 1, 2, 1, 700, 730, 731, 760);
    expect(pairsHash([pair(7, 1, 2, 1)])).toBe(createHash('sha256').update(bytesOf(words)).digest('hex'));
    expect(pairsHash([])).toBe(createHash('sha256').digest('hex'));
  });
  it('is the same however many fit a piece', () => {
    const many = [pair(1, 10, 2, 3), pair(2, (1 << 16) - 9, 2, 3), pair(3, (1 << 16) + 5, 1, 1), pair(4, 1, 1, 1)];
    const words = many.flatMap((p) => [
      p.row,
      p.promptIds.length,
      p.chosenIds.length,
      p.rejectedIds.length,
      ...p.promptIds,
      ...p.chosenIds,
      ...p.rejectedIds,
    ]);
    expect(pairsHash(many)).toBe(
      createHash('sha256')
        .update(bytesOf(Int32Array.from(words)))
        .digest('hex'),
    );
  });
});

describe('the key of a reference', () => {
  const given = {
    modelHash: 'm',
    adapterHash: null,
    engine: 'tensorflow',
    buckets: [{ rows: 1, tokens: 8, completions: 8 }],
    pairs: [pair(7, 1, 2, 1)],
  };
  it('is of everything that a log-prob depends on, and of nothing else', () => {
    const other = [
      { modelHash: 'n' },
      { adapterHash: 'a' },
      { engine: 'wasm' },
      { buckets: [{ rows: 2, tokens: 8, completions: 8 }] },
      { pairs: [pair(8, 1, 2, 1)] },
    ];
    const keys = [{}, ...other].map((change) => referenceKey({ ...given, ...change }));
    expect(new Set(keys).size).toBe(6);
    expect(referenceKey({ ...given, name: 'x' } as typeof given)).toBe(keys[0]);
    // sha256 of the JSON, then of the pairs' hash: files of earlier versions of the app are found by it
    const { pairs, ...rest } = given;
    const text = JSON.stringify({ version: 1, ...rest }) + pairsHash(pairs);
    expect(keys[0]).toBe(createHash('sha256').update(text).digest('hex'));
  });
});

describe('a reference on disk', () => {
  const pairs = [pair(7, 1, 2, 1), pair(3, 1, 1, 3)];
  const written = async (): Promise<string> => {
    const cache = temporaryFolder();
    const table = new PackedLogprobs(pairs);
    table.values.set([-1, -2, -3, -4, -5, -6, -7]);
    await writeReference(cache, 'k', table);
    return cache;
  };
  it('comes back', async () => {
    const cache = await written();
    expect(referencePath(cache, 'k')).toBe(join(cache, 'reference', 'k.bin'));
    expect([...(await readReference(cache, 'k', pairs))!.values]).toEqual([-1, -2, -3, -4, -5, -6, -7]);
    expect(readFileSync(referencePath(cache, 'k')).subarray(0, 10).toString()).toBe('SAMPOREF1\n');
    expect(readFileSync(referencePath(cache, 'k')).length).toBe(10 + 32 + 4 * 7);
    await writeReference(cache, 'second', new PackedLogprobs(pairs));
    expect(readdirSync(join(cache, 'reference')).sort()).toEqual(['k.bin', 'second.bin']);
  });
  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['another beginning', (bytes) => (bytes.write('X'), bytes)],
    ['another hash', (bytes) => ((bytes[12]! ^= 1), bytes)],
    ['another number', (bytes) => ((bytes[50]! ^= 1), bytes)],
    ['a byte fewer', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['a byte more', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['nothing', () => Buffer.alloc(0)],
  ])('with %s is computed anew', async (_, damage) => {
    const cache = await written();
    const path = referencePath(cache, 'k');
    writeFileSync(path, damage(readFileSync(path)));
    expect(await readReference(cache, 'k', pairs)).toBeNull();
  });
  it('of other lengths, or not there, is computed anew', async () => {
    const cache = await written();
    expect(await readReference(cache, 'k', pairs.slice(0, 1))).toBeNull();
    expect(await readReference(cache, 'other', pairs)).toBeNull();
  });
});

describe('files', () => {
  it('are written whole or not at all', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'x');
    await writeFileAtomic(path, async (file) => void (await file.write('old')));
    const failing = writeFileAtomic(path, async (file) => {
      await file.write('new');
      throw new Error('no space');
    });
    await expect(failing).rejects.toThrow('no space');
    expect([readdirSync(folder), readFileSync(path, 'utf8')]).toEqual([['x'], 'old']);
    mkdirSync(join(folder, 'y'));
    await expect(writeFileAtomic(join(folder, 'y'), async (file) => void (await file.write('a')))).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(['x', 'y']);
  });
  it('have the hash of all their bytes', async () => {
    const path = join(temporaryFolder(), 'large');
    const bytes = Buffer.alloc((1 << 20) + 5, 3);
    writeFileSync(path, bytes);
    expect(await sha256OfFile(path)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
  it('bytesOf sees a part of an array as it is', () => {
    const values = Int32Array.of(1, 2, 3).subarray(1);
    expect([...bytesOf(values)]).toEqual([2, 0, 0, 0, 3, 0, 0, 0]);
  });
});

describe('microBatches', () => {
  const shapes = [
    { rows: 3, tokens: 10, completions: 30 },
    { rows: 1, tokens: 20, completions: 30 },
  ];
  const of = (tokens: readonly number[]) =>
    microBatches(
      tokens.map((n, i) => pair(i + 1, n - 1, 2, 1)), // n tokens: the last one of a response predicts nothing
      shapes,
    ).map(({ bucket, pairs }) => [bucket, pairs.map((p) => p.row)]);
  it('begins with the longest; equals keep the step’s order', () => {
    expect(of([5, 20, 10, 10, 3, 11])).toEqual([
      [1, [2]],
      [1, [6]],
      [0, [3, 4, 1]],
      [0, [5]],
    ]);
    expect(of([])).toEqual([]);
  });
  it('refuses a pair that fits no shape', () => expect(() => of([21])).toThrow('a pair of 21 tokens fits no bucket'));
});
