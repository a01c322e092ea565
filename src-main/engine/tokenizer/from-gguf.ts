import { throwFailure } from '../../shared/result';
import type { GgufMetadata } from '../weights/gguf';
import type { AddedToken, TokenizerFiles } from './types';

/**
 * Makes tokenizer.json and its companions from a GGUF file's metadata (byte-level BPE, `tokenizer.ggml.model` = gpt2).
 */
export function tokenizerFromGguf(metadata: GgufMetadata, where: string, embeddings: number): TokenizerFiles {
  const kind = metadata['tokenizer.ggml.model'];
  if (kind !== 'gpt2') {
    const hint = 'Use the Hugging Face folder of this model instead.';
    return throwFailure(
      'bad-model',
      `${where} has a tokenizer of type ${String(kind)}, which is not supported in GGUF files.`,
      hint,
      { file: where },
    );
  }
  const notes = checkKeys(metadata, where);
  const tokens = strings(metadata, 'tokens', where);
  const merges = strings(metadata, 'merges', where);
  const types = Array.from((metadata['tokenizer.ggml.token_type'] ?? []) as ArrayLike<number | bigint>, Number);
  const idOf = (name: string): number | null => {
    const value = metadata[`tokenizer.ggml.${name}_token_id`];
    if (value === undefined) return null;
    return tokens[Number(value)] === undefined
      ? refuse(where, `tokenizer.ggml.${name}_token_id`, value, `it has ${tokens.length} tokens`)
      : Number(value);
  };
  const textOf = (name: string): string | undefined => tokens[idOf(name) ?? -1];
  const pre = preTokenizer(metadata['tokenizer.ggml.pre'], where);
  const ends = (key: string, name: string, otherwise: boolean): string | null => {
    if (!((metadata[`tokenizer.ggml.${key}`] as boolean | undefined) ?? otherwise)) return null;
    return textOf(name) ?? refuse(where, `tokenizer.ggml.${key}`, true, `it has no tokenizer.ggml.${name}_token_id`);
  };
  const added = tokens.flatMap((content, id) =>
    types[id] === control || types[id] === userDefined ? [addedToken(id, content, types[id] === control)] : [],
  );
  const templates = chatTemplates(metadata);
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: pre.steps,
      post_processor: postProcessor(
        ends('add_bos_token', 'bos', pre.addBos),
        ends('add_eos_token', 'eos', false),
        tokens,
      ),
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: pre.wholeWords,
        vocab: Object.fromEntries(tokens.map((t, id) => [t, id])),
        merges,
      },
    },
    config: {
      tokenizer_class: 'PreTrainedTokenizerFast',
      clean_up_tokenization_spaces: false,
      ...tokenFields(
        {
          bos_token: 'bos',
          eos_token: 'eos',
          unk_token: 'unknown',
          sep_token: 'seperator',
          mask_token: 'mask',
          cls_token: 'cls',
        },
        textOf,
      ),
      pad_token: textOf('padding') ?? textOf('eos'),
      ...(templates === null ? {} : { chat_template: templates }),
    },
    // llama.cpp ends an answer there too
    generation: { eos_token_id: ['eot', 'eom'].map(idOf).filter((id) => id !== null) },
    specialTokens: {},
    addedTokens: {},
    templates: new Map(),
    modelEos: idOf('eos'),
    embeddings,
    where,
    notes,
  };
}

const refuse = (where: string, key: string, value: unknown, why: string): never =>
  throwFailure(
    'bad-model',
    `${where}: ${key} is ${String(value)}, but ${why}.`,
    'Use the Hugging Face folder of this model instead.',
    { file: where, field: key },
  );

const tokenFields = (
  names: Readonly<Record<string, string>>,
  textOf: (name: string) => string | undefined,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(names).flatMap(([field, name]) => (textOf(name) === undefined ? [] : [[field, textOf(name)!]])),
  );

const addedToken = (id: number, content: string, special: boolean): AddedToken => ({
  id,
  content,
  special,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** One template, or several with their names (`tokenizer.chat_template.NAME`). */
function chatTemplates(metadata: GgufMetadata): unknown {
  const prefix = 'tokenizer.chat_template.';
  const one = metadata['tokenizer.chat_template'];
  const named = Object.entries(metadata).flatMap(([key, template]) =>
    key.startsWith(prefix) ? [{ name: key.slice(prefix.length), template }] : [],
  );
  if (named.length === 0) return typeof one === 'string' ? one : null;
  return typeof one === 'string' ? [{ name: 'default', template: one }, ...named] : named;
}

/**
 * Keys that are read, and those that change no id. Anything else under tokenizer.* is told as a note; these are
 * refused where they are set.
 */
const known =
  /^tokenizer\.(chat_template(s|\..+)?|ggml\.(model|pre|tokens|token_type|merges|add_(bos|eos)_token|(bos|eos|eot|eom|unknown|padding|seperator|mask|cls)_token_id))$/;
const harmless =
  /^tokenizer\.(huggingface\.json|ggml\.(scores|token_type_count|(fim_(pre|suf|mid|pad|rep|sep)|prefix|suffix|middle)_token_id|eog_token_ids))$/;
const changing = [
  'add_sep_token',
  'add_space_prefix',
  'remove_extra_whitespaces',
  'precompiled_charsmap',
  'suppress_tokens',
];

function checkKeys(metadata: GgufMetadata, where: string): readonly string[] {
  const set = (value: unknown): boolean =>
    value !== false && value !== 0 && value !== '' && !(Array.isArray(value) && value.length === 0);
  return Object.entries(metadata).flatMap(([key, value]) => {
    if (!key.startsWith('tokenizer.') || known.test(key) || harmless.test(key) || !set(value)) return [];
    if (changing.some((name) => key === `tokenizer.ggml.${name}`))
      return refuse(
        where,
        key,
        Array.isArray(value) ? 'a list' : value,
        'it cannot be honoured: text would become other ids',
      );
    return [`The key ${key} is not known here and has no effect.`];
  });
}

// token types of llama.cpp
const control = 3;
const userDefined = 4;

function strings(metadata: GgufMetadata, key: string, where: string): readonly string[] {
  const value = metadata[`tokenizer.ggml.${key}`];
  if (Array.isArray(value) && value.every((x) => typeof x === 'string')) return value;
  return throwFailure(
    'bad-model',
    `The tokenizer in ${where} is incomplete: it lacks tokenizer.ggml.${key}.`,
    'Download the file again, or use the Hugging Face folder of this model.',
    { file: where },
  );
}

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const split = (regex: string) => ({
  type: 'Sequence',
  pretokenizers: [{ type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false }, byteLevel(false)],
});

interface PreTokenizer {
  readonly steps: unknown;
  readonly wholeWords: boolean; // a word of the vocabulary is taken before any merge
  readonly addBos: boolean; // where the file does not say
}
const plain = (steps: unknown): PreTokenizer => ({ steps, wholeWords: false, addBos: false });
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const wordsOf = (numbers: string): string =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}` +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
const llama3: PreTokenizer = { steps: split(wordsOf('\\p{N}{1,3}')), wholeWords: true, addBos: true };

/**
 * llama.cpp names the pre-tokenizer; these are the rules of the original tokenizer.json files (llama.cpp,
 * llama-vocab.cpp).
 */
const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  ['gpt-2', plain(byteLevel(true))],
  ['olmo', plain(byteLevel(true))],
  [
    'smollm',
    plain({ type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel(true)] }),
  ],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['qwen2', plain(split(wordsOf('\\p{N}')))],
]);

function preTokenizer(name: unknown, where: string): PreTokenizer {
  const found = typeof name === 'string' ? preTokenizers.get(name) : undefined;
  if (found) return found;
  const hint = `Supported: ${[...preTokenizers.keys()].join(', ')}. Or use the Hugging Face folder of this model.`;
  if (name === undefined || name === 'default')
    return throwFailure(
      'bad-model',
      `${where} does not say by which rules its text is split (tokenizer.ggml.pre is ` +
        `${name === undefined ? 'missing' : '"default"'}).`,
      hint,
      { file: where, field: 'tokenizer.ggml.pre' },
    );
  return throwFailure(
    'bad-model',
    `${where} splits its text by the rules "${String(name)}" (tokenizer.ggml.pre), which are not supported.`,
    hint,
    { file: where, field: 'tokenizer.ggml.pre' },
  );
}

function postProcessor(bos: string | null, eos: string | null, tokens: readonly string[]): unknown {
  const special = (token: string | null): readonly unknown[] =>
    token === null ? [] : [{ SpecialToken: { id: token, type_id: 0 } }];
  const own = (id: string, type: number): unknown => ({ Sequence: { id, type_id: type } });
  const used = [bos, eos].filter((token) => token !== null);
  if (used.length === 0) return null;
  return {
    type: 'TemplateProcessing',
    single: [...special(bos), own('A', 0), ...special(eos)],
    pair: [...special(bos), own('A', 0), ...special(eos), ...special(bos), own('B', 1), ...special(eos)],
    special_tokens: Object.fromEntries(
      used.map((token) => [token, { id: token, ids: [tokens.indexOf(token)], tokens: [token] }]),
    ),
  };
}
