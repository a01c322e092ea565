import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, writeFileAtomic } from '../../files';
import { PackedLogprobs } from '../../infer/logprob-table';
import type { Bucket, TokenizedPair, TokenIds } from '../../batch/types';

/**
 * Reference log-probs on disk, so that runs on the same model and data compute them once. The key is made of everything
 * they depend on: the reference's content, its adapter, the ids of every pair, and the shapes and library they were
 * computed with (those change the last bits, and a cache must not change a run).
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
  let some = new Int32Array(1 << 16); // many small pieces take longer to pass than to hash
  let used = 0;
  const flush = (): void => {
    hash.update(bytesOf(some.subarray(0, used)));
    used = 0;
  };
  for (const { row, promptIds, chosenIds, rejectedIds } of pairs) {
    const length = 4 + promptIds.length + chosenIds.length + rejectedIds.length;
    if (used + length > some.length) flush();
    if (length > some.length) some = new Int32Array(length);
    const put = (values: TokenIds): void => {
      some.set(values, used);
      used += values.length;
    };
    put([row, promptIds.length, chosenIds.length, rejectedIds.length]);
    for (const ids of [promptIds, chosenIds, rejectedIds]) put(ids);
  }
  flush();
  return hash.digest('hex');
}

// The file: magic, sha256 of the body (32 bytes), body: float32 log-probs, chosen then rejected, pair after pair.
const magic = Buffer.from('SAMPOREF1\n');

export const referencePath = (cacheDir: string, key: string): string => join(cacheDir, 'reference', `${key}.bin`);

/** Null: not there, or damaged (wrong size or hash), in which case it is to be computed anew. */
export async function readReference(
  cacheDir: string,
  key: string,
  pairs: readonly TokenizedPair[],
): Promise<PackedLogprobs | null> {
  const bytes = await readFile(referencePath(cacheDir, key)).catch(() => null);
  if (bytes === null) return null;
  const table = new PackedLogprobs(pairs);
  const start = magic.length + 32;
  if (bytes.length !== start + 4 * table.values.length || !bytes.subarray(0, magic.length).equals(magic)) return null;
  const body = bytes.subarray(start);
  if (!sha256(body).equals(bytes.subarray(magic.length, start))) return null;
  bytesOf(table.values).set(body);
  return table;
}

export async function writeReference(cacheDir: string, key: string, { values }: PackedLogprobs): Promise<void> {
  const body = bytesOf(values);
  await mkdir(join(cacheDir, 'reference'), { recursive: true });
  await writeFileAtomic(referencePath(cacheDir, key), async (file) => {
    await file.writeFile(Buffer.concat([magic, sha256(body)]));
    await file.writeFile(body);
  });
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
