import { open, type FileHandle } from 'node:fs/promises';
import { elementCount } from '../graph/shapes';
import { decodeTensor, storages, storedBytes } from './numbers';
import { readAt } from './read-at';
import type { StoredTensor, StoredType } from './types';

/** Where a tensor's bytes are. */
export interface TensorPlace {
  readonly name: string;
  readonly file: string;
  readonly position: number;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** From the order in the file to Hugging Face's, where they differ. */
  readonly arrange?: (values: Float32Array) => Float32Array;
  readonly shortened: (file: string) => never;
}

/** Values that are looked at together; a whole number of blocks. */
export const piece = 1 << 20;

export function storedTensor({ name, file, position, type, shape, arrange, shortened }: TensorPlace): StoredTensor {
  const count = elementCount(shape);
  const bytesAt = async (
    handle: FileHandle,
    start: number,
    length: number,
    buffer?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array> =>
    (await readAt(handle, position + storedBytes(type, start), storedBytes(type, length), buffer)) ?? shortened(file);
  const withFile = async <T>(work: (handle: FileHandle) => Promise<T>): Promise<T> => {
    const handle = await open(file, 'r');
    try {
      return await work(handle);
    } finally {
      await handle.close();
    }
  };
  return {
    name,
    shape,
    type,
    read: () =>
      withFile(async (handle) => {
        const values = decodeTensor(type, await bytesAt(handle, 0, count), count);
        return arrange ? arrange(values) : values;
      }),
    part: (start, length) =>
      withFile(async (handle) => decodeTensor(type, await bytesAt(handle, start, length), length)),
    nonFinite: () =>
      withFile(async (handle) => {
        // one buffer for all pieces: fresh memory takes longer than reading into it
        const buffer = new Uint8Array(storedBytes(type, Math.min(piece, count)));
        for (let start = 0; start < count; start += piece) {
          const length = Math.min(piece, count - start);
          const bytes = await bytesAt(handle, start, length, buffer);
          const found = storages[type].nonFinite(bytes);
          if (found >= 0) return { index: start + found, value: decodeTensor(type, bytes, length)[found]! };
        }
        return null;
      }),
  };
}
