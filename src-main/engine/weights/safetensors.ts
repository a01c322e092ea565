import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import { elementCount } from '../graph/shapes';
import { encodeTensor, storedBytes } from './numbers';
import { readAt } from './read-at';
import { storedTensor } from './stored-tensor';
import type { StoredTensor } from './types';

/**
 * safetensors: 8 bytes header length, JSON header {name: {dtype, shape, data_offsets}}, data (huggingface/safetensors,
 * README "Format").
 */
const headerLimit = 100 << 20; // as the reference implementation refuses more
const entry = z.object({
  dtype: z.string(),
  shape: z.array(z.number().int().min(0)),
  data_offsets: z.tuple([z.number().int().min(0), z.number().int().min(0)]),
});
const header = z.record(z.string(), z.unknown());

const damaged = (file: string, why: string): never =>
  throwFailure(
    'bad-model',
    `${path.basename(file)} is damaged: ${why}.`,
    'Download or copy the file again; it is probably cut off.',
    { file },
  );

/** Bytes of a value of the types that the format has and ours are not: what is skipped must still lie where it says. */
const otherBytes: ReadonlyMap<string, number> = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E5M2', 1],
  ['F8_E4M3', 1],
  ['I16', 2],
  ['U16', 2],
  ['I32', 4],
  ['U32', 4],
  ['F64', 8],
  ['I64', 8],
  ['U64', 8],
]);

/**
 * Opens a file for reading tensor by tensor; every size and offset is checked against the file first. What `isSkipped`
 * names may be of any type.
 */
export async function openSafetensors(
  file: string,
  isSkipped: (name: string) => boolean = () => false,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const lengthBytes = await readAt(handle, 0, 8);
    const headerLength = lengthBytes ? Number(new DataView(lengthBytes.buffer).getBigUint64(0, true)) : 0;
    if (!lengthBytes || headerLength > Math.min(headerLimit, size - 8))
      return damaged(file, 'its header is longer than the file');
    const bytes = (await readAt(handle, 8, headerLength)) ?? damaged(file, 'its header is cut off');
    const start = 8 + headerLength;
    const tensors = new Map<string, StoredTensor>();
    const ranges: Range[] = [];
    for (const [name, value] of Object.entries(parseHeader(file, bytes))) {
      if (name === '__metadata__') continue;
      const parsed = entry.safeParse(value);
      if (!parsed.success) return damaged(file, `tensor ${name} has no valid type, shape and offsets`);
      const {
        dtype,
        shape,
        data_offsets: [begin, end],
      } = parsed.data;
      const isOurs = dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
      if (!isOurs && !isSkipped(name))
        return throwFailure(
          'bad-model',
          `${path.basename(file)} holds ${name} as ${dtype}, which is not supported.`,
          'Convert the model to F32, F16 or BF16 safetensors.',
          { file, tensor: name },
        );
      const needed = isOurs
        ? storedBytes(dtype, elementCount(shape))
        : (otherBytes.get(dtype) ?? NaN) * elementCount(shape);
      if (end < begin || (Number.isFinite(needed) && end - begin !== needed))
        return damaged(file, `tensor ${name} has ${end - begin} bytes, not what its shape needs`);
      if (start + end > size) return damaged(file, `tensor ${name} ends at byte ${start + end}, the file at ${size}`);
      ranges.push({ name, begin, end });
      if (isOurs && !isSkipped(name))
        tensors.set(name, storedTensor({ name, file, position: start + begin, type: dtype, shape, shortened }));
    }
    requireNoGaps(file, ranges, size - start);
    return tensors;
  } finally {
    await handle.close();
  }
}

interface Range {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/** The format has neither shared bytes nor bytes of nobody: a file with either was put together wrongly. */
function requireNoGaps(file: string, ranges: readonly Range[], length: number): void {
  let at = 0;
  let before = 'the header';
  for (const { name, begin, end } of [...ranges].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      damaged(
        file,
        begin < at
          ? `tensors ${before} and ${name} share bytes`
          : `${begin - at} bytes before ${name} belong to no tensor`,
      );
    at = end;
    before = name;
  }
  if (at !== length) damaged(file, `${length - at} bytes at its end belong to no tensor`);
}

const shortened = (file: string): never => damaged(file, 'it became shorter while it was read');

function parseHeader(file: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return damaged(file, 'its header is not JSON');
  }
}

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** Called when the tensor's turn comes, so that a model never stands in memory twice. */
  read(): Promise<Float32Array> | Float32Array;
}

/** Writes a file tensor by tensor and hashes it on the way. The caller makes it atomic (a temporary folder or name). */
export async function writeSafetensors(
  file: string,
  type: 'F32' | 'F16' | 'BF16',
  tensors: readonly TensorToWrite[],
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  let offset = 0;
  const entries: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const { name, shape } of tensors) {
    const end = offset + storedBytes(type, elementCount(shape));
    entries[name] = { dtype: type, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  // padded with spaces, so that data starts aligned
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(json, 8);
  const hash = createHash('sha256');
  const handle = await open(file, 'w');
  try {
    const put = async (bytes: Uint8Array): Promise<void> => {
      hash.update(bytes);
      await handle.writeFile(bytes);
    };
    await put(head);
    for (const tensor of tensors) {
      const values = await tensor.read();
      if (values.length !== elementCount(tensor.shape))
        throw new Error(`${tensor.name} has ${values.length} values for shape [${tensor.shape.join(', ')}]`);
      await put(encodeTensor(type, values));
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes: head.length + offset, sha256: hash.digest('hex') };
}
