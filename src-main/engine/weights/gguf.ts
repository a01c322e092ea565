import { open } from 'node:fs/promises';
import path from 'node:path';
import { gguf, GGMLQuantizationType, type GGUFParseOutput } from '@huggingface/gguf';
import { throwFailure, messageOf } from '../../shared/result';
import { elementCount } from '../graph/shapes';
import { families, type ModelConfig } from '../families/registry';
import { parseModelConfig } from './config';
import { shown } from '../families/shared/fields';
import { checkMetadata, ggufKey, ggufSource, type GgufMetadata } from './gguf-config';
import { storages, storedBytes } from './numbers';
import { readAt } from './read-at';
import { storedTensor, type TensorPlace } from './stored-tensor';
import type { StoredTensor, StoredType } from './types';

export type { GgufMetadata } from './gguf-config';

export interface GgufFile {
  readonly metadata: GgufMetadata;
  readonly config: ModelConfig;
  /** Tensors that no model of the family has keep the name of the file. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly bytes: number;
  readonly notes: readonly string[];
}

const damaged = (file: string, why: string): never =>
  throwFailure(
    'bad-model',
    `${path.basename(file)} is not a usable GGUF file: ${why}.`,
    'Download it again, or choose another file.',
    { file },
  );
const shortened = (file: string): never => damaged(file, 'it became shorter while it was read');

/** Opens a GGUF file of a family that has them; tensors get their Hugging Face names and row order. */
export async function openGguf(file: string): Promise<GgufFile> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const magic = await readAt(handle, 0, 4);
    if (!magic || new TextDecoder().decode(magic) !== 'GGUF') return damaged(file, 'it does not start with GGUF');
    const parsed = await parse(file);
    const { metadata } = parsed;
    const architecture = metadata['general.architecture'];
    const known = families.flatMap((family) => (family.gguf ? [{ name: family.name, gguf: family.gguf }] : []));
    const read = known.find((family) => family.gguf.id === architecture)?.gguf;
    if (read === undefined)
      return throwFailure(
        'bad-model',
        `${path.basename(file)} holds a model of architecture ${String(architecture)}, which is not supported.`,
        `From GGUF, only the ${known.map(({ name }) => name).join(' and the ')} is supported.`,
        { file, architecture },
      );
    const notes = checkMetadata(file, metadata, read);
    const places = tensorPlaces(file, size, parsed);
    const factors = await readFactors(places.get(read.ropeFactors));
    const { config, notes: more } = parseModelConfig(
      read.config(ggufSource(file, metadata, { names: new Set(places.keys()), ropeFactors: factors })),
      file,
      (field) => ggufKey(read, field),
    );
    const tensors = [...places.values()]
      .filter(({ name }) => name !== read.ropeFactors)
      .map((place) => storedTensor({ ...place, ...read.tensor(place.name, place.shape, config) }));
    return {
      metadata,
      config,
      tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
      bytes: size,
      notes: [...notes, ...more],
    };
  } finally {
    await handle.close();
  }
}

async function parse(file: string): Promise<GGUFParseOutput<{ strict: false }>> {
  try {
    return await gguf(file, { allowLocalFile: true });
  } catch (thrown) {
    return damaged(file, messageOf(thrown));
  }
}

function tensorPlaces(
  file: string,
  size: number,
  parsed: GGUFParseOutput<{ strict: false }>,
): ReadonlyMap<string, TensorPlace> {
  const places = new Map<string, TensorPlace>();
  for (const { name, dtype, shape: reversed, offset } of parsed.tensorInfos) {
    const type = GGMLQuantizationType[dtype] as string | undefined;
    if (type === undefined || !Object.hasOwn(storages, type))
      return throwFailure(
        'bad-model',
        `${path.basename(file)} stores ${name} as ${type ?? `type ${dtype}`}, which is not supported.`,
        `Choose a file of type ${Object.keys(storages).join(', ')}.`,
        { file, tensor: name, type },
      );
    const shape = [...reversed].reverse().map(Number); // GGUF lists the fastest axis first
    const stored = type as StoredType;
    if (shape.at(-1)! % storages[stored].block !== 0)
      return damaged(file, `${name} has rows of ${shape.at(-1)!} numbers, which ${stored} cannot hold`);
    const position = Number(parsed.tensorDataOffset) + Number(offset);
    if (position + storedBytes(stored, elementCount(shape)) > size)
      return damaged(file, `it is cut off within ${name}`);
    if (places.has(name)) return damaged(file, `it holds ${name} twice`);
    places.set(name, { name, file, position, type: stored, shape, shortened });
  }
  return places;
}

async function readFactors(place: TensorPlace | undefined): Promise<Float32Array | null> {
  if (place === undefined) return null;
  const factors = await storedTensor(place).read();
  const bad = factors.find((factor) => !(factor > 0 && factor < Infinity));
  return bad === undefined
    ? factors
    : damaged(place.file, `${place.name} holds ${shown(bad)}; its numbers must be above 0`);
}
