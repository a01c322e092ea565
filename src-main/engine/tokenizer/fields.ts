import { throwFailure } from '../../shared/result';
import type { Json } from './types';

/**
 * Every field of tokenizer.json and tokenizer_config.json: what is done with it. A field that could change ids and
 * cannot be honoured is refused by name; one that is in no list here is told as a note.
 */
type Rule = (value: unknown, file: Json) => string | null; // why a value is refused
const honoured: Rule = () => null;
const noEffect: Rule = () => null;

const record = (value: unknown): Json | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
const empty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === false || value === 0;
const only =
  (...allowed: readonly unknown[]): Rule =>
  (value) =>
    empty(value) || allowed.includes(value)
      ? null
      : `only ${allowed.map((x) => JSON.stringify(x)).join(' and ')} can be honoured`;
const mustBeEmpty: Rule = (value) => (empty(value) ? null : 'it cannot be honoured');

/** JavaScript gives a group's text as a piece of its own. */
const hasGroup = (pattern: unknown): boolean => /(?<!\\)\((?!\?)/.test(String(record(pattern)?.Regex ?? ''));

type Fields = Readonly<Record<string, Rule>>;

const tokenizerFields: Fields = {
  version: noEffect,
  added_tokens: honoured,
  normalizer: honoured,
  pre_tokenizer: honoured,
  post_processor: honoured,
  decoder: honoured,
  model: honoured,
  truncation: noEffect, // transformers switches both off unless a call asks for them; the run spec says where to cut
  padding: noEffect,
};

const modelFields: Readonly<Record<string, Fields>> = {
  BPE: {
    type: honoured,
    vocab: honoured,
    merges: honoured,
    unk_token: honoured,
    fuse_unk: honoured,
    byte_fallback: honoured,
    ignore_merges: honoured,
    dropout: mustBeEmpty,
    continuing_subword_prefix: mustBeEmpty,
    end_of_word_suffix: mustBeEmpty,
    cache_capacity: noEffect,
  },
  WordPiece: {
    type: honoured,
    vocab: honoured,
    unk_token: honoured,
    continuing_subword_prefix: honoured,
    max_input_chars_per_word: honoured,
  },
  WordLevel: { type: honoured, vocab: honoured, unk_token: honoured },
  Unigram: { type: honoured, vocab: honoured, unk_id: honoured, byte_fallback: mustBeEmpty },
};

const text = { type: honoured };
/** The steps that text goes through, by type: what each field of them does. */
const normalizers: Readonly<Record<string, Fields>> = {
  Sequence: { ...text, normalizers: honoured },
  NFC: text,
  NFD: text,
  NFKC: text,
  NFKD: text,
  Lowercase: text,
  StripAccents: text,
  BertNormalizer: {
    ...text,
    clean_text: honoured,
    handle_chinese_chars: honoured,
    strip_accents: honoured,
    lowercase: honoured,
  },
  Replace: { ...text, pattern: honoured, content: honoured },
  Strip: { ...text, strip_left: honoured, strip_right: honoured },
  Prepend: { ...text, prepend: honoured },
};
const preTokenizers: Readonly<Record<string, Fields>> = {
  Sequence: { ...text, pretokenizers: honoured },
  ByteLevel: { ...text, add_prefix_space: honoured, use_regex: honoured, trim_offsets: noEffect },
  Whitespace: text,
  WhitespaceSplit: text,
  BertPreTokenizer: text,
  Metaspace: {
    ...text,
    replacement: honoured,
    prepend_scheme: honoured,
    add_prefix_space: honoured,
    split: honoured,
    str_rep: only('▁'),
  },
  Split: {
    ...text,
    pattern: (value, { behavior }) =>
      behavior === 'Removed' && hasGroup(value) ? 'a removed pattern with a group in it cannot be honoured' : null,
    behavior: only('Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'),
    invert: (value, { behavior }) =>
      value === true && behavior !== 'Removed' && behavior !== 'Isolated'
        ? `it cannot be honoured with ${String(behavior)}`
        : null,
  },
  Punctuation: { ...text, behavior: only('Isolated', 'Removed', 'Contiguous') },
  Digits: { ...text, individual_digits: honoured },
};
const postProcessors: Readonly<Record<string, Fields>> = {
  Sequence: { ...text, processors: honoured },
  ByteLevel: { ...text, trim_offsets: noEffect, add_prefix_space: noEffect, use_regex: noEffect },
  TemplateProcessing: { ...text, single: honoured, pair: noEffect, special_tokens: honoured },
  BertProcessing: { ...text, sep: honoured, cls: honoured },
  RobertaProcessing: {
    ...text,
    sep: honoured,
    cls: honoured,
    trim_offsets: noEffect,
    add_prefix_space: noEffect,
  },
};
/** Decoders change only how answers are shown, never ids. */
const decoders = [
  'Sequence',
  'ByteLevel',
  'WordPiece',
  'Metaspace',
  'BPEDecoder',
  'CTC',
  'Replace',
  'Fuse',
  'Strip',
  'ByteFallback',
];

const configFields: Fields = {
  added_tokens_decoder: honoured,
  additional_special_tokens: honoured,
  extra_special_tokens: honoured,
  chat_template: honoured,
  // tokenizer.json counts; class-notes.ts says where transformers' class would give other ids
  tokenizer_class: noEffect,
  add_prefix_space: noEffect,
  legacy: noEffect,
  split_special_tokens: mustBeEmpty,
  add_bos_token: noEffect,
  add_eos_token: noEffect, // transformers 5 follows tokenizer.json's post_processor where that file is there
  clean_up_tokenization_spaces: noEffect,
  model_max_length: noEffect,
  max_length: noEffect,
  padding_side: noEffect,
  truncation_side: noEffect,
  stride: noEffect,
  truncation_strategy: noEffect,
  pad_to_multiple_of: noEffect,
  pad_token_type_id: noEffect,
  padding: noEffect,
  truncation: noEffect,
  backend: noEffect,
  is_local: noEffect,
  local_files_only: noEffect,
  name_or_path: noEffect,
  tokenizer_file: noEffect,
  vocab_file: noEffect,
  merges_file: noEffect,
  special_tokens_map_file: noEffect,
  model_input_names: noEffect,
  processor_class: noEffect,
  auto_map: noEffect,
  errors: noEffect,
  trim_offsets: noEffect,
  use_default_system_prompt: noEffect,
  spaces_between_special_tokens: noEffect,
  sp_model_kwargs: noEffect,
  unk_id: noEffect,
  from_slow: noEffect,
  use_fast: noEffect,
  verbose: noEffect,
  init_inputs: noEffect,
  response_template: noEffect,
  response_schema: noEffect,
  tokenizer_type: noEffect,
  fix_mistral_regex: mustBeEmpty,
  model_specific_special_tokens: honoured,
  transformers_version: noEffect,
  _commit_hash: noEffect,
  do_lower_case: noEffect,
  do_basic_tokenize: noEffect,
  never_split: noEffect,
  strip_accents: noEffect,
  tokenize_chinese_chars: noEffect,
  return_token_type_ids: noEffect,
  chat_control_tokens: noEffect,
};

/** Refuses what cannot be honoured; gives a note for each field that nobody knows. */
export function checkFields(tokenizer: Json, config: Json, where: string): readonly string[] {
  const notes: string[] = [];
  const refuse = (file: string, field: string, value: unknown, why: string): never =>
    throwFailure(
      'bad-model',
      `${file} of ${where}: ${field} is ${JSON.stringify(value)?.slice(0, 80)}, and ${why}.`,
      'Text would become other ids than the model was made with. Use another model, or a tokenizer without it.',
      { file: where, field },
    );
  const check = (file: string, at: string, given: Json, rules: Fields): void => {
    for (const [name, value] of Object.entries(given)) {
      const rule = Object.hasOwn(rules, name) ? rules[name]! : null;
      if (rule === null && !empty(value))
        notes.push(`${file}: the field ${at}${name} is not known here and has no effect.`);
      const why = rule?.(value, given) ?? null;
      if (why !== null) refuse(file, at + name, value, why);
    }
  };
  const steps = (at: string, step: unknown, kinds: Readonly<Record<string, Fields>>, list: string): void => {
    const given = record(step);
    if (given === null) return void (empty(step) || refuse('tokenizer.json', at, step, 'it is no object'));
    const type = String(given.type);
    if (!Object.hasOwn(kinds, type))
      return refuse(
        'tokenizer.json',
        `${at}.type`,
        given.type,
        `only ${Object.keys(kinds).join(', ')} can be honoured`,
      );
    check('tokenizer.json', `${at}.`, given, kinds[type]!);
    if (type === 'Sequence')
      (Array.isArray(given[list]) ? given[list] : []).forEach((one, i) =>
        steps(`${at}.${list}[${i}]`, one, kinds, list),
      );
  };
  check('tokenizer.json', '', tokenizer, tokenizerFields);
  const model = record(tokenizer.model) ?? {};
  const kind = modelKind(model);
  if (!Object.hasOwn(modelFields, kind))
    refuse('tokenizer.json', 'model.type', model.type, `only ${Object.keys(modelFields).join(', ')} can be honoured`);
  check('tokenizer.json', 'model.', model, modelFields[kind]!);
  steps('normalizer', tokenizer.normalizer, normalizers, 'normalizers');
  steps('pre_tokenizer', tokenizer.pre_tokenizer, preTokenizers, 'pretokenizers');
  steps('post_processor', tokenizer.post_processor, postProcessors, 'processors');
  const decoder = record(tokenizer.decoder);
  if (decoder && !decoders.includes(String(decoder.type)))
    refuse('tokenizer.json', 'decoder.type', decoder.type, `only ${decoders.join(', ')} are known`);
  check(
    'tokenizer_config.json',
    '',
    Object.fromEntries(Object.entries(config).filter(([name]) => !name.endsWith('_token'))),
    configFields,
  );
  return notes;
}

/** Older files leave the type out. */
export function modelKind(model: Json): string {
  if (typeof model.type === 'string') return model.type;
  if (Array.isArray(model.vocab)) return 'Unigram';
  if ('merges' in model) return 'BPE';
  return 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
}
