import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { throwFailure } from '../../shared/result';
import { sameShape, showShape } from '../graph/shapes';
import { familyOf } from '../models/family';
import type { ModelConfig } from '../models/types';
import { chatFormat, type TokenizerFiles } from '../tokenizer/chat-format';
import { tokenizerFromGguf } from '../tokenizer/from-gguf';
import { parseModelConfig } from './config';
import { openGguf } from './gguf';
import { openSafetensors } from './safetensors';
import type { ModelSource, StoredTensor } from './types';

/** Opens a Hugging Face folder or a GGUF file. Everything a run would trip over later is refused here, by name. */
export async function openModel(where: string): Promise<ModelSource> {
  const info = await stat(where).catch(() => throwFailure('bad-model', `There is no model at ${where}.`, 'Give the folder of a Hugging Face model or a GGUF file.', { file: where }));
  const source = info.isDirectory() ? await openFolder(where) : await openFile(where);
  checkTensors(source);
  return source;
}

/** Files that an export passes on unchanged. */
const companions = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'chat_template.jinja', 'generation_config.json', 'added_tokens.json', 'vocab.json', 'merges.txt'];

async function openFolder(folder: string): Promise<ModelSource> {
  const names = new Set(await readdir(folder));
  const file = (name: string): string => path.join(folder, name);
  if (!names.has('config.json')) {
    const guess = [...names].find((name) => name.endsWith('.gguf'));
    throwFailure('bad-model', `${folder} has no config.json.`, guess ? `Choose the file ${guess} in it instead.` : 'Choose the folder of a Hugging Face model: config.json, safetensors files and tokenizer.json.', { file: folder });
  }
  const configJson = await readJson(file('config.json'));
  const config = parseModelConfig(configJson, file('config.json'));
  const shards = await shardFiles(folder, names);
  const tensors = new Map((await Promise.all(shards.map((shard) => openSafetensors(shard)))).flatMap((opened) => [...opened]));
  const bytes = (await Promise.all(shards.map(async (shard) => (await stat(shard)).size))).reduce((a, b) => a + b, 0);
  const optional = async (name: string): Promise<Readonly<Record<string, unknown>>> => (names.has(name) ? readJson(file(name)) : {});
  const tokenizerFiles = async (): Promise<TokenizerFiles> => {
    if (!names.has('tokenizer.json')) throwFailure('bad-model', `${folder} has no tokenizer.json.`, 'Copy tokenizer.json of the original model into the folder (transformers writes it with save_pretrained of a fast tokenizer).', { file: folder });
    return {
      tokenizer: await readJson(file('tokenizer.json')),
      config: await optional('tokenizer_config.json'),
      generation: await optional('generation_config.json'),
      chatTemplate: names.has('chat_template.jinja') ? await readFile(file('chat_template.jinja'), 'utf8') : null,
      modelEos: idList(configJson.eos_token_id),
      where: folder,
    };
  };
  return {
    path: folder,
    kind: 'safetensors',
    name: path.basename(folder),
    config,
    tensors,
    bytes,
    contentHash: () => hashFiles([file('config.json'), ...shards]),
    tokenizer: async () => chatFormat(await tokenizerFiles()),
    companionFiles: async () => Promise.all(companions.filter((name) => names.has(name)).map(async (name) => ({ name, content: new Uint8Array(await readFile(file(name))) }))),
    close: () => Promise.resolve(),
  };
}

async function openFile(file: string): Promise<ModelSource> {
  if (!file.endsWith('.gguf')) throwFailure('bad-model', `${file} is neither a folder nor a GGUF file.`, 'Give the folder of a Hugging Face model (not one file of it) or a .gguf file.', { file });
  const { metadata, config, tensors, bytes } = await openGguf(file);
  const tokenizerFiles = (): TokenizerFiles => tokenizerFromGguf(metadata, file);
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2));
  return {
    path: file,
    kind: 'gguf',
    name: path.basename(file, '.gguf'),
    config,
    tensors,
    bytes,
    contentHash: () => hashFiles([file]),
    tokenizer: () => Promise.resolve(chatFormat(tokenizerFiles())),
    companionFiles: () => {
      const { tokenizer, config: tokenizerConfig } = tokenizerFiles();
      return Promise.resolve([{ name: 'tokenizer.json', content: json(tokenizer) }, { name: 'tokenizer_config.json', content: json(tokenizerConfig) }]);
    },
    close: () => Promise.resolve(),
  };
}

async function shardFiles(folder: string, names: ReadonlySet<string>): Promise<readonly string[]> {
  if (names.has('model.safetensors.index.json')) {
    const where = path.join(folder, 'model.safetensors.index.json');
    const index = z.object({ weight_map: z.record(z.string(), z.string()) }).safeParse(await readJson(where));
    if (!index.success) return throwFailure('bad-model', `${where} has no weight_map.`, 'Download the model again.', { file: where });
    const shards = [...new Set(Object.values(index.data.weight_map))].sort();
    for (const shard of shards)
      if (path.basename(shard) !== shard || !names.has(shard)) throwFailure('bad-model', `${folder} lacks the weight file ${shard}, which its index names.`, 'Copy or download the missing file into the folder.', { file: folder, shard });
    return shards.map((shard) => path.join(folder, shard));
  }
  if (names.has('model.safetensors')) return [path.join(folder, 'model.safetensors')];
  const pickled = [...names].some((name) => /^(pytorch_model.*\.bin|.*\.pth?)$/.test(name));
  return throwFailure('bad-model', `${folder} has no model.safetensors.`, pickled ? 'It holds pickled PyTorch weights, which can run code and are never loaded. Save the model as safetensors with transformers (save_pretrained).' : 'Copy the weight files into the folder.', { file: folder });
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8');
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return throwFailure('bad-model', `${file} is not a JSON object.`, 'The file is damaged; copy or download it again.', { file });
  }
}

const idList = (value: unknown): readonly number[] => (Array.isArray(value) ? value : [value]).filter((x): x is number => typeof x === 'number');

/** Every weight of the family must be there in its shape. GPT-NeoX and some Llama files hold more (rotary tables, masks), which are computed here. */
function checkTensors({ path: where, config, tensors }: { readonly path: string; readonly config: ModelConfig; readonly tensors: ReadonlyMap<string, StoredTensor> }): void {
  for (const { name, shape } of familyOf(config).weights(config)) {
    const found = tensors.get(name);
    if (!found) throwFailure('bad-model', `${where} lacks the tensor ${name}.`, 'A weight file is missing, or the configuration is of another model.', { file: where, tensor: name });
    else if (!sameShape(found.shape, shape)) throwFailure('bad-model', `Tensor ${name} of ${where} has shape ${showShape(found.shape)}; its configuration asks for ${showShape(shape)}.`, 'config.json and the weights are of different models.', { file: where, tensor: name });
  }
}

async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(path.basename(file));
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 22 })) hash.update(chunk as Uint8Array);
  }
  return hash.digest('hex');
}
