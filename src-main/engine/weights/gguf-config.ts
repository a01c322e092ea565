import path from 'node:path';
import { throwFailure } from '../../shared/result';
import type { GgufArchitecture, GgufSource } from '../families/gguf';
import { isNothing, judgeFields, shown, type Fields } from '../families/shared/fields';

export type GgufMetadata = Fields;

const tokenKeys: ReadonlyMap<string, string> = new Map([
  ['bos_token_id', 'bos'],
  ['eos_token_id', 'eos'],
  ['pad_token_id', 'padding'],
]);

/** What the file calls a field of config.json. */
export const ggufKey = ({ id, keys }: GgufArchitecture, field: string): string => {
  const token = tokenKeys.get(field);
  if (token !== undefined) return `tokenizer.ggml.${token}_token_id`;
  const key = keys.get(field);
  return key === undefined ? field : `${id}.${key}`;
};

const refuse = (file: string, key: string, value: unknown, why: string): never =>
  throwFailure(
    'bad-model',
    `${path.basename(file)}: ${key} is ${shown(value)}: ${why}.`,
    'Choose another file, or use the Hugging Face folder of this model instead.',
    { file, key },
  );

/**
 * Refuses what the metadata ask for and nobody here does; returns what is only worth knowing. `tokenizer.` is the
 * tokenizer's to read.
 */
export function checkMetadata(
  file: string,
  metadata: GgufMetadata,
  { id, rules }: GgufArchitecture,
): readonly string[] {
  const prefix = `${id}.`;
  const own = Object.entries(metadata);
  const kind = metadata['general.type'] ?? 'model';
  if (kind !== 'model') refuse(file, 'general.type', kind, 'this is not a whole model');
  const shards = metadata['split.count'];
  if (!isNothing(shards) && Number(shards) !== 1)
    refuse(
      file,
      'split.count',
      shards,
      'a model in several GGUF files is not supported; join them with llama-gguf-split --merge',
    );
  const architecture = Object.fromEntries(
    own.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
  const { refused, unknown } = judgeFields(architecture, rules);
  for (const { name, value, asks } of refused)
    refuse(file, `${prefix}${name}`, value, `it asks for ${asks}, which is not supported`);
  for (const { name, value } of unknown)
    refuse(file, `${prefix}${name}`, value, 'this key is not known here and may change what the model computes');
  const ours = /^(general|tokenizer|split|quantize)\.|^(version|tensor_count|kv_count)$/;
  return own
    .filter(([key, value]) => !key.startsWith(prefix) && !ours.test(key) && !isNothing(value))
    .map(([key, value]) => `${key} is ${shown(value)}: this key is not known here and has no effect.`);
}

/** The metadata as a family's `config` asks for them. */
export function ggufSource(
  file: string,
  metadata: GgufMetadata,
  facts: Pick<GgufSource, 'names' | 'ropeFactors'>,
): GgufSource {
  const tokens = metadata['tokenizer.ggml.tokens'];
  return {
    ...facts,
    metadata,
    number: (key, fallback) => {
      const value = metadata[key];
      if (value === undefined && fallback !== undefined) return fallback;
      if (Array.isArray(value)) return refuse(file, key, value, 'layers of different sizes are not supported');
      if (typeof value === 'number' || typeof value === 'bigint') return Number(value);
      return throwFailure(
        'bad-model',
        `${path.basename(file)} is not a usable GGUF file: its metadata lacks ${key}.`,
        'Download it again, or choose another file.',
        { file, key },
      );
    },
    tokenId: (name) => {
      const value = metadata[`tokenizer.ggml.${name}_token_id`];
      return value === undefined ? undefined : Number(value);
    },
    tokens: Array.isArray(tokens) ? tokens.length : undefined,
    refuse: (key, value, why) => refuse(file, key, value, why),
  };
}
