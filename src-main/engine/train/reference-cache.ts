import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, writeFileAtomic } from './files';
import type { TokenLogprobs } from './scoring';
import type { Bucket, TokenizedPair } from './types';

/**
 * Reference log-probs on disk, so that runs on the same model and data compute them once. The key is made of everything they depend on: the reference's content, its
 * adapter, the ids of every pair, and the shapes and library they were computed with (those change the last bits, and a cache must not change a run).
 */
export interface ReferenceKey {
  readonly modelHash: string;
  readonly adapterHash: string | null;
  readonly engine: string;
  readonly buckets: readonly Bucket[];
  readonly pairs: readonly TokenizedPair[];
}

export function referenceKey({ modelHash, adapterHash, engine, buckets, pairs }: ReferenceKey): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ version: 1, modelHash, adapterHash, engine, buckets }));
  hash.update(pairsHash(pairs));
  return hash.digest('hex');
}

/** sha256 over rows and ids: what training sees of the dataset, after template, tokenizer and truncation. */
export function pairsHash(pairs: readonly TokenizedPair[]): string {
  const hash = createHash('sha256');
  for (const pair of pairs) {
    const header = Int32Array.of(pair.row, pair.promptIds.length, pair.chosenIds.length, pair.rejectedIds.length);
    hash.update(bytesOf(header));
    for (const ids of [pair.promptIds, pair.chosenIds, pair.rejectedIds]) hash.update(bytesOf(Int32Array.from(ids)));
  }
  return hash.digest('hex');
}

// The file: magic, sha256 of the body (32 bytes), body: float32 log-probs, chosen then rejected, pair after pair.
const magic = Buffer.from('SAMPOREF1\n');

export const referencePath = (cacheDir: string, key: string): string => join(cacheDir, 'reference', `${key}.bin`);

/** Null: not there, or damaged (wrong size or hash), in which case it is to be computed anew. */
export async function readReference(cacheDir: string, key: string, pairs: readonly TokenizedPair[]): Promise<ReadonlyMap<number, TokenLogprobs> | null> {
  const bytes = await readFile(referencePath(cacheDir, key)).catch(() => null);
  if (bytes === null) return null;
  const count = pairs.reduce((sum, p) => sum + p.chosenIds.length + p.rejectedIds.length, 0);
  const start = magic.length + 32;
  if (bytes.length !== start + 4 * count || !bytes.subarray(0, magic.length).equals(magic)) return null;
  const body = bytes.subarray(start);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(magic.length, start))) return null;
  const values = new Float32Array(count);
  bytesOf(values).set(body);
  const table = new Map<number, TokenLogprobs>();
  let at = 0;
  for (const pair of pairs) {
    const chosen = values.slice(at, (at += pair.chosenIds.length));
    const rejected = values.slice(at, (at += pair.rejectedIds.length));
    table.set(pair.row, { chosen, rejected });
  }
  return table;
}

export async function writeReference(cacheDir: string, key: string, pairs: readonly TokenizedPair[], table: ReadonlyMap<number, TokenLogprobs>): Promise<void> {
  const parts = pairs.flatMap((pair) => {
    const { chosen, rejected } = table.get(pair.row)!;
    return [bytesOf(chosen), bytesOf(rejected)];
  });
  const body = Buffer.concat(parts);
  await mkdir(join(cacheDir, 'reference'), { recursive: true });
  await writeFileAtomic(referencePath(cacheDir, key), async (file) => {
    await file.writeFile(Buffer.concat([magic, createHash('sha256').update(body).digest(), body]));
  });
}
