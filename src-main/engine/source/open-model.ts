import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import { sameShape, showShape, elementCount } from '../graph/shapes';
import { familyOf, type ModelConfig } from '../families/registry';
import { chatFormat } from '../tokenizer/chat-format';
import { tokenizerFromGguf } from '../tokenizer/from-gguf';
import { namedTemplates, readJson, readTokenizerFolder } from '../tokenizer/read-folder';
import type { Json, TokenizerFiles } from '../tokenizer/types';
import { parseModelConfig } from '../weights/config';
import { openGguf } from '../weights/gguf';
import { openSafetensors } from '../weights/safetensors';
import { piece } from '../weights/stored-tensor';
import type { StoredTensor } from '../weights/types';
import type { ModelSource } from './types';

/** Opens a Hugging Face folder or a GGUF file. Everything a run would trip over later is refused here, by name. */
export async function openModel(where: string): Promise<ModelSource> {
  const info = await stat(where).catch(() =>
    throwFailure(
      'bad-model',
      `There is no model at ${where}.`,
      'Give the folder of a Hugging Face model or a GGUF file.',
      { file: where },
    ),
  );
  const source = await withOwnHead(info.isDirectory() ? await openFolder(where) : await openFile(where));
  checkTensors(source);
  return source;
}

/** Files that an export passes on unchanged. */
const companions = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'generation_config.json',
  'added_tokens.json',
  'chat_template.json',
  'vocab.json',
  'merges.txt',
];

async function openFolder(folder: string): Promise<ModelSource> {
  const names = new Set(await readdir(folder));
  const file = (name: string): string => path.join(folder, name);
  if (!names.has('config.json')) {
    const guess = [...names].find((name) => name.endsWith('.gguf'));
    throwFailure(
      'bad-model',
      `${folder} has no config.json.`,
      guess
        ? `Choose the file ${guess} in it instead.`
        : 'Choose the folder of a Hugging Face model: config.json, safetensors files and tokenizer.json.',
      { file: folder },
    );
  }
  const configJson = await readConfig(file('config.json'));
  const { config, notes } = parseModelConfig(configJson, file('config.json'));
  const shards = await shardFiles(folder, names);
  const tensors = await openShards(shards, familyOf(config).computedTensors);
  const bytes = (await Promise.all(shards.map(async (shard) => (await stat(shard)).size))).reduce((a, b) => a + b, 0);
  return {
    path: folder,
    kind: 'safetensors',
    name: path.basename(folder),
    config,
    tensors,
    bytes,
    notes,
    contentHash: () => hashFiles([file('config.json'), ...shards]),
    tokenizer: async () => chatFormat(await readTokenizerFolder(folder, configJson.eos_token_id, config.vocabulary)),
    companionFiles: async () => {
      const more = names.has(namedTemplates) ? await readdir(file(namedTemplates)) : [];
      const templates = more.filter((name) => name.endsWith('.jinja')).map((name) => `${namedTemplates}/${name}`);
      const found = [...companions.filter((name) => names.has(name)), ...templates.sort()];
      return Promise.all(found.map(async (name) => ({ name, content: new Uint8Array(await readFile(file(name))) })));
    },
    close: () => Promise.resolve(),
  };
}

async function openFile(file: string): Promise<ModelSource> {
  if (!file.endsWith('.gguf'))
    throwFailure(
      'bad-model',
      `${file} is neither a folder nor a GGUF file.`,
      'Give the folder of a Hugging Face model (not one file of it) or a .gguf file.',
      { file },
    );
  const { metadata, config, tensors, bytes, notes } = await openGguf(file);
  const tokenizerFiles = (): TokenizerFiles => tokenizerFromGguf(metadata, file, config.vocabulary);
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2));
  return {
    path: file,
    kind: 'gguf',
    name: path.basename(file, '.gguf'),
    config,
    tensors,
    bytes,
    notes,
    contentHash: () => hashFiles([file]),
    tokenizer: () => Promise.resolve(chatFormat(tokenizerFiles())),
    companionFiles: () => {
      const { tokenizer, config: tokenizerConfig } = tokenizerFiles();
      return Promise.resolve([
        { name: 'tokenizer.json', content: json(tokenizer) },
        { name: 'tokenizer_config.json', content: json(tokenizerConfig) },
      ]);
    },
    close: () => Promise.resolve(),
  };
}

async function openShards(shards: readonly string[], skipped: RegExp): Promise<ReadonlyMap<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>();
  const from = new Map<string, string>();
  for (const shard of shards)
    for (const [name, tensor] of await openSafetensors(shard, (name) => skipped.test(name))) {
      const other = from.get(name);
      if (other !== undefined)
        throwFailure(
          'bad-model',
          `Both ${path.basename(other)} and ${path.basename(shard)} hold the tensor ${name}.`,
          'Files of different models or versions are mixed; download the model again into an empty folder.',
          { file: shard, tensor: name },
        );
      from.set(name, shard);
      tensors.set(name, tensor);
    }
  return tensors;
}

/** One file goes before an index, as in transformers. */
async function shardFiles(folder: string, names: ReadonlySet<string>): Promise<readonly string[]> {
  if (names.has('model.safetensors')) return [path.join(folder, 'model.safetensors')];
  if (names.has('model.safetensors.index.json')) {
    const where = path.join(folder, 'model.safetensors.index.json');
    const index = z.object({ weight_map: z.record(z.string(), z.string()) }).safeParse(await readJson(where));
    if (!index.success)
      return throwFailure('bad-model', `${where} has no weight_map.`, 'Download the model again.', { file: where });
    const shards = [...new Set(Object.values(index.data.weight_map))].sort();
    for (const shard of shards)
      if (!names.has(shard))
        throwFailure(
          'bad-model',
          `${folder} lacks the weight file ${shard}, which its index names.`,
          'Copy or download the missing file into the folder.',
          { file: folder, shard },
        );
    return shards.map((shard) => path.join(folder, shard));
  }
  const pickled = [...names].some((name) => /^(pytorch_model.*\.bin|.*\.pth?)$/.test(name));
  return throwFailure(
    'bad-model',
    `${folder} has no model.safetensors.`,
    pickled
      ? 'It holds pickled PyTorch weights, which can run code and are never loaded. Save the model as safetensors ' +
          'with transformers (save_pretrained).'
      : 'Copy the weight files into the folder.',
    { file: folder },
  );
}

/**
 * What is nested a hundred thousand levels deep can be read, but neither shown in a message nor written into an export.
 */
async function readConfig(file: string): Promise<Json> {
  const config = await readJson(file);
  try {
    JSON.stringify(config);
    return config;
  } catch {
    return throwFailure('bad-model', `${file} is nested too deeply.`, 'Take the file from the original model.', {
      file,
    });
  }
}

/**
 * A head of its own beside `tie_word_embeddings: true` counts where it differs from the embedding, as in transformers;
 * an equal one is the embedding saved twice.
 */
async function withOwnHead(source: ModelSource): Promise<ModelSource> {
  const { config } = source;
  if (!config.tiedHead) return source;
  const family = familyOf(config);
  const untied = { ...config, tiedHead: false };
  const head = source.tensors.get(family.headName(untied));
  const embedding = source.tensors.get(family.embedding);
  if (!head || !embedding) return source;
  if (sameShape(head.shape, embedding.shape) && (await sameValues(head, embedding))) {
    return { ...source, tensors: new Map([...source.tensors].filter(([name]) => name !== head.name)) };
  }
  const note =
    `tie_word_embeddings is true, but ${head.name} differs from the embedding: the head of the file counts, and an ` +
    'export says false.';
  return {
    ...source,
    config: { ...untied, huggingFace: { ...config.huggingFace, tie_word_embeddings: false } },
    notes: [...source.notes, note],
  };
}

/** In pieces: both whole are gigabytes of a large vocabulary, and most heads differ in the first one. */
async function sameValues(a: StoredTensor, b: StoredTensor): Promise<boolean> {
  const count = elementCount(a.shape);
  for (let start = 0; start < count; start += piece) {
    const length = Math.min(piece, count - start);
    const [left, right] = [await a.part(start, length), await b.part(start, length)];
    if (!left.every((value, i) => value === right[i])) return false;
  }
  return true;
}

/**
 * Every weight of the family must be there in its shape, and nothing else: a tensor that nobody reads would be a part
 * of the model left out.
 */
function checkTensors({ path: where, config, tensors }: ModelSource): void {
  const specs = familyOf(config).weights(config);
  for (const { name, shape, role } of specs) {
    const found = tensors.get(name);
    if (!found)
      throwFailure(
        'bad-model',
        `${where} lacks the tensor ${name}.`,
        role === 'head'
          ? 'Its configuration says tie_word_embeddings: false, so the head needs weights of its own. If the model ' +
              'shares them with the embedding, set it to true.'
          : 'A weight file is missing, or the configuration is of another model.',
        { file: where, tensor: name },
      );
    else if (!sameShape(found.shape, shape))
      throwFailure(
        'bad-model',
        `Tensor ${name} of ${where} has shape ${showShape(found.shape)}; its configuration asks for ` +
          `${showShape(shape)} (${shapeFields(config, shape)}).`,
        'The configuration and the weights are of different models.',
        { file: where, tensor: name },
      );
  }
  const known = new Set(specs.map(({ name }) => name));
  const extra = [...tensors.keys()].find((name) => !known.has(name));
  if (extra !== undefined)
    throwFailure(
      'bad-model',
      `${where} holds the tensor ${extra}, which has no place in a ${config.family} of ${config.layers} layers as ` +
        'its configuration describes it.',
      'The model has a part that is not supported, or the configuration is of another model.',
      { file: where, tensor: extra },
    );
}

/** Which fields of the configuration the sizes of a shape come from. */
function shapeFields(
  { vocabulary, width, ffWidth, heads, kvHeads, headDim }: ModelConfig,
  shape: readonly number[],
): string {
  const sizes: readonly (readonly [string, number])[] = [
    ['vocab_size', vocabulary],
    ['hidden_size', width],
    ['intermediate_size', ffWidth],
    ['num_attention_heads × head_dim', heads * headDim],
    ['num_key_value_heads × head_dim', kvHeads * headDim],
    ['3 × hidden_size', 3 * width],
  ];
  const named = sizes.filter(([, size]) => shape.includes(size));
  return named.map(([field, size]) => `${field} ${size}`).join(', ');
}

async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(path.basename(file));
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 })) hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}
