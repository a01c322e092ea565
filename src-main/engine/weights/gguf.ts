import { open } from 'node:fs/promises';
import path from 'node:path';
import { gguf, GGMLQuantizationType, type GGUFParseOutput } from '@huggingface/gguf';
import { throwFailure, messageOf } from '../../shared/result';
import { sizeOf } from '../graph/shapes';
import type { ModelConfig } from '../models/types';
import { parseModelConfig } from './config';
import { shown } from './fields';
import { checkMetadata, ggufKey, huggingFaceConfig, type GgufMetadata } from './gguf-config';
import { storages, storedBytes } from './numbers';
import { readAt } from './read-at';
import { storedTensor, type TensorPlace } from './stored-tensor';
import type { StoredTensor, StoredType } from './types';

export type { GgufMetadata } from './gguf-config';

export interface GgufFile {
  readonly metadata: GgufMetadata;
  readonly config: ModelConfig;
  /** Tensors that no Llama has keep the name of the file. */
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
const ropeFactors = 'rope_freqs.weight';

/** Opens a Llama-family GGUF file; tensors get their Hugging Face names and row order. */
export async function openGguf(file: string): Promise<GgufFile> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const magic = await readAt(handle, 0, 4);
    if (!magic || new TextDecoder().decode(magic) !== 'GGUF') return damaged(file, 'it does not start with GGUF');
    const parsed = await parse(file);
    const { metadata } = parsed;
    const architecture = metadata['general.architecture'];
    if (architecture !== 'llama')
      return throwFailure(
        'bad-model',
        `${path.basename(file)} holds a model of architecture ${String(architecture)}, which is not supported.`,
        'From GGUF, only the Llama family is supported.',
        { file, architecture },
      );
    const notes = checkMetadata(file, metadata);
    const places = tensorPlaces(file, size, parsed);
    const factors = await readFactors(places.get(ropeFactors));
    const { config, notes: more } = parseModelConfig(
      huggingFaceConfig(file, metadata, { names: new Set(places.keys()), ropeFactors: factors }),
      file,
      ggufKey,
    );
    const tensors = [...places.values()]
      .filter(({ name }) => name !== ropeFactors)
      .map((place) => storedTensor(inHuggingFaceOrder(place, config)));
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
    if (position + storedBytes(stored, sizeOf(shape)) > size) return damaged(file, `it is cut off within ${name}`);
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
    : damaged(place.file, `${ropeFactors} holds ${shown(bad)}; its numbers must be above 0`);
}

function inHuggingFaceOrder(place: TensorPlace, config: ModelConfig): TensorPlace {
  const name = huggingFaceName(place.name);
  const projection = /\.([qk])_proj\.(weight|bias)$/.exec(name)?.[1];
  if (projection === undefined) return { ...place, name };
  const heads = projection === 'q' ? config.heads : config.kvHeads;
  return { ...place, name, arrange: (values) => unpermute(values, heads, place.shape) };
}

/** llama.cpp interleaves the rotary halves of q and k rows (and biases); transformers keeps them apart: row (head, half, i) of ours is its row (head, i, half). */
function unpermute(values: Float32Array, heads: number, [rows, columns = 1]: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  const headDim = rows! / heads;
  const half = headDim / 2;
  for (let head = 0; head < heads; head++)
    for (let side = 0; side < 2; side++)
      for (let i = 0; i < half; i++) {
        const from = (head * headDim + 2 * i + side) * columns;
        out.set(values.subarray(from, from + columns), (head * headDim + side * half + i) * columns);
      }
  return out;
}

const layerNames: ReadonlyMap<string, string> = new Map([
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj'],
  ['attn_k', 'self_attn.k_proj'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
]);
const topNames: ReadonlyMap<string, string> = new Map([
  ['token_embd.weight', 'model.embed_tokens.weight'],
  ['output_norm.weight', 'model.norm.weight'],
  ['output.weight', 'lm_head.weight'],
]);

function huggingFaceName(name: string): string {
  const layer = /^blk\.(\d+)\.([a-z_]+)\.(weight|bias)$/.exec(name);
  const part = layer ? layerNames.get(layer[2]!) : undefined;
  return layer && part ? `model.layers.${layer[1]}.${part}.${layer[3]}` : (topNames.get(name) ?? name);
}
