import { largest } from '../../shared/extremes';
import type { AddedToken, Json, TokenizerFiles } from './types';

/** Names that every tokenizer of transformers has. */
const standard = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

export interface SpecialTokens {
  readonly named: ReadonlyMap<string, string>; // bos_token, …, and a model's own such as image_token: what templates see
  readonly added: readonly AddedToken[]; // of tokenizer.json, and those that only the other files name
}

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

/** A token in these files is its text or an object with `content`. */
export function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const { content } = record(value);
  return typeof content === 'string' ? content : null;
}

/**
 * Special and added tokens as transformers 5.24 collects them: special_tokens_map.json counts where
 * tokenizer_config.json has no added_tokens_decoder, and then before it.
 */
export function specialTokens(files: TokenizerFiles): SpecialTokens {
  const { added_tokens_decoder: decoder, ...rest } = files.config;
  const older = decoder === undefined;
  const config: Json = older ? { ...rest, ...files.specialTokens } : rest;
  const extra = config.extra_special_tokens ?? config.additional_special_tokens;
  const named = new Map<string, string>();
  for (const [name, value] of [...Object.entries(config), ...Object.entries(record(extra))]) {
    const text = tokenText(value);
    if (
      text !== null &&
      (standard.includes(name) ||
        (name.endsWith('_token') && typeof value === 'string') ||
        Object.hasOwn(record(extra), name))
    )
      named.set(name, text);
  }
  const own = ownTokens(files);
  const wanted = [
    ...Object.values(record(decoder)), // by id: that is how JavaScript keeps names that are numbers
    ...(older ? Object.keys(files.addedTokens).filter((text) => !own.has(text)) : []).map((content) => ({
      content,
      special: [...named.values()].includes(content),
      normalized: ![...named.values()].includes(content),
    })),
    ...[...named].map(([name, text]) =>
      typeof config[name] === 'object' && !own.has(text)
        ? { ...record(config[name]), content: text, special: true }
        : text,
    ),
    ...(Array.isArray(extra) ? extra : []),
  ];
  return { named, added: withAdded(own, wanted, files) };
}

const ownTokens = ({ tokenizer }: TokenizerFiles): Map<string, AddedToken> =>
  new Map(
    (Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : []).map((token) => [
      String(record(token).content),
      token as AddedToken,
    ]),
  );

/**
 * Tokens that tokenizer.json does not have get the model's id of that text, or the next free one; objects also replace
 * its flags.
 */
function withAdded(
  own: Map<string, AddedToken>,
  wanted: readonly unknown[],
  { tokenizer, addedTokens }: TokenizerFiles,
): readonly AddedToken[] {
  const vocabulary = vocabularyOf(tokenizer);
  for (const token of wanted) {
    const content = tokenText(token);
    if (content === null || content === '') continue;
    const there = own.get(content);
    if (there && typeof token === 'string') continue;
    const flag = (name: string, otherwise: boolean): boolean =>
      typeof record(token)[name] === 'boolean' ? (record(token)[name] as boolean) : otherwise;
    const special = flag('special', there?.special ?? typeof token === 'string');
    const listed = addedTokens[content];
    const id = there?.id ?? vocabulary.get(content) ?? (typeof listed === 'number' ? listed : next(own, vocabulary));
    own.set(content, {
      id,
      content,
      special,
      single_word: flag('single_word', false),
      lstrip: flag('lstrip', false),
      rstrip: flag('rstrip', false),
      normalized: flag('normalized', !special),
    });
  }
  return [...own.values()];
}

const next = (own: ReadonlyMap<string, AddedToken>, vocabulary: ReadonlyMap<string, number>): number =>
  Math.max(largest([...own.values()].map(({ id }) => id)) ?? -1, vocabulary.size - 1) + 1;

/** Texts and ids of the model's vocabulary: an object, or a list of [text, score] where the place is the id. */
export function vocabularyOf(tokenizer: Json): ReadonlyMap<string, number> {
  const known = vocabularies.get(tokenizer);
  if (known) return known;
  const { vocab } = record(tokenizer.model);
  const made = Array.isArray(vocab)
    ? new Map(vocab.map((entry, id) => [String((entry as readonly unknown[] | null)?.[0]), id]))
    : new Map(Object.entries(record(vocab)) as [string, number][]);
  vocabularies.set(tokenizer, made);
  return made;
}
/** Asked for several times while a model is opened; of 260,000 tokens each takes half a second. */
const vocabularies = new WeakMap<Json, ReadonlyMap<string, number>>();
