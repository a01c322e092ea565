import { throwFailure } from '../../shared/result';
import type { GgufMetadata } from '../weights/gguf';
import type { TokenizerFiles } from './types';

/** Makes tokenizer.json and its companions from a GGUF file's metadata (byte-level BPE, `tokenizer.ggml.model` = gpt2). */
export function tokenizerFromGguf(metadata: GgufMetadata, where: string, embeddings: number): TokenizerFiles {
  const kind = metadata['tokenizer.ggml.model'];
  if (kind !== 'gpt2')
    return throwFailure('bad-model', `${where} has a tokenizer of type ${String(kind)}, which is not supported in GGUF files.`, 'Use the Hugging Face folder of this model instead.', { file: where });
  const tokens = strings(metadata['tokenizer.ggml.tokens'], where);
  const merges = strings(metadata['tokenizer.ggml.merges'], where);
  const types = (metadata['tokenizer.ggml.token_type'] ?? []) as readonly number[];
  const added = tokens.flatMap((content, id) => (types[id] === control || types[id] === userDefined ? [{ id, content, special: types[id] === control, single_word: false, lstrip: false, rstrip: false, normalized: false }] : []));
  const textOf = (name: string): string | undefined => {
    const id = metadata[`tokenizer.ggml.${name}_token_id`];
    return id === undefined ? undefined : tokens[Number(id)];
  };
  const bos = textOf('bos');
  const addBos = metadata['tokenizer.ggml.add_bos_token'] === true && bos !== undefined;
  const template = metadata['tokenizer.chat_template'];
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: preTokenizer(metadata['tokenizer.ggml.pre'], where),
      post_processor: addBos ? bosProcessor(bos, tokens.indexOf(bos)) : null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: { type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, vocab: Object.fromEntries(tokens.map((t, id) => [t, id])), merges },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      clean_up_tokenization_spaces: false,
      ...(bos === undefined ? {} : { bos_token: bos }),
      eos_token: textOf('eos'),
      pad_token: textOf('padding') ?? textOf('eos'),
      ...(textOf('unknown') === undefined ? {} : { unk_token: textOf('unknown') }),
      ...(typeof template === 'string' ? { chat_template: template } : {}),
    },
    generation: {},
    specialTokens: {},
    addedTokens: {},
    templates: new Map(),
    modelEos: metadata['tokenizer.ggml.eos_token_id'] === undefined ? null : Number(metadata['tokenizer.ggml.eos_token_id']),
    embeddings,
    where,
  };
}

// token types of llama.cpp
const control = 3;
const userDefined = 4;

function strings(value: unknown, where: string): readonly string[] {
  if (Array.isArray(value) && value.every((x) => typeof x === 'string')) return value;
  return throwFailure('bad-model', `The tokenizer in ${where} is incomplete.`, 'Download the file again, or use the Hugging Face folder of this model.', { file: where });
}

const byteLevel = (useRegex: boolean) => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: useRegex });
const split = (regex: string) => ({ type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }, byteLevel(false)] });

/** llama.cpp names the pre-tokenizer; these are the patterns of the original tokenizer.json files (llama.cpp, llama-vocab.cpp). */
const preTokenizers: Readonly<Record<string, unknown>> = {
  default: byteLevel(true),
  'gpt-2': byteLevel(true),
  olmo: byteLevel(true),
  smollm: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] },
  'llama-bpe': split("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
  qwen2: split("(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
};

function preTokenizer(name: unknown, where: string): unknown {
  const known = preTokenizers[typeof name === 'string' ? name : 'default'];
  return known ?? throwFailure('bad-model', `${where} splits its text by the rules "${String(name)}", which are not supported.`, `Supported: ${Object.keys(preTokenizers).join(', ')}. Or use the Hugging Face folder of this model.`, { file: where });
}

const bosProcessor = (bos: string, id: number) => ({
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [{ SpecialToken: { id: bos, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
  special_tokens: { [bos]: { id: bos, ids: [id], tokens: [bos] } },
});
