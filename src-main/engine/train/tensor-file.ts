import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { throwFailure } from '../../shared/result';
import { bytesOf } from './files';

/** Float32 tensors that are fetched when their turn to be written comes, some at a time: a checkpoint never doubles the model in memory. */
export interface TensorSource {
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[];
  read(names: readonly string[]): Readonly<Record<string, Float32Array>>;
}

/** How much to fetch at once. Many small tensors one by one would cost a pass over the whole graph each. */
const fetchBytes = 64 << 20;

export interface WrittenFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Writes a safetensors file (8 bytes header length, JSON header, data) and hashes it on the way. */
export async function writeTensorFile(path: string, name: string, { tensors, read }: TensorSource): Promise<WrittenFile> {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const { name: tensor, shape } of tensors) {
    const end = offset + 4 * elements(shape);
    header[tensor] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, 0x20)]); // data starts aligned, as the library writes it
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));

  const hash = createHash('sha256');
  const file = await open(path, 'w');
  try {
    const put = async (bytes: Uint8Array): Promise<void> => {
      hash.update(bytes);
      await file.writeFile(bytes); // writes on from the present position, all of it or an error
    };
    await put(Buffer.concat([length, padded]));
    for (const group of groups(tensors)) {
      const values = read(group.map((t) => t.name));
      for (const tensor of group) await put(bytesOf(checked(tensor, values[tensor.name])));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { name, bytes: 8 + padded.length + offset, sha256: hash.digest('hex') };
}

type Named = TensorSource['tensors'][number];

function groups(tensors: readonly Named[]): readonly (readonly Named[])[] {
  const result: Named[][] = [];
  let bytes = Infinity;
  for (const tensor of tensors) {
    const size = 4 * elements(tensor.shape);
    if (bytes + size > fetchBytes) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(tensor);
    bytes += size;
  }
  return result;
}

function checked({ name, shape }: Named, values: Float32Array | undefined): Float32Array {
  if (values?.length !== elements(shape)) throw new Error(`${name} has ${values?.length ?? 'no'} values, its shape [${shape.join(', ')}] needs ${elements(shape)}`);
  return values;
}

/** Reads a file that `writeTensorFile` wrote, tensor by tensor. */
export async function* readTensorFile(path: string): AsyncGenerator<{ readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const length = Number((await readExactly(file, 0, 8, path)).readBigUInt64LE());
    if (length > size - 8) damaged(path);
    const header = JSON.parse((await readExactly(file, 8, length, path)).toString('utf8')) as Record<string, unknown>;
    for (const [name, entry] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const { shape, data_offsets: [begin, end] } = entry as { readonly shape: readonly number[]; readonly data_offsets: readonly [number, number] };
      if (end - begin !== 4 * elements(shape) || 8 + length + end > size) damaged(path);
      const bytes = await readExactly(file, 8 + length + begin, end - begin, path);
      const values = new Float32Array(elements(shape));
      bytesOf(values).set(bytes);
      yield { name, shape, values };
    }
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, position: number, length: number, path: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) damaged(path);
    done += bytesRead;
  }
  return buffer;
}

const damaged = (path: string): never => throwFailure('bad-input', `${path} is cut off or damaged.`, 'Resume from an older checkpoint or start the run again.');
