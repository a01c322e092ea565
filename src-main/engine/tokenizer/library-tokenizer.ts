import { Tokenizer } from '@huggingface/tokenizers';
import { bytePairs } from './bpe';
import { modelKind } from './fields';
import { vocabularyOf } from './special-tokens';
import type { AddedToken, Json } from './types';
import { byteLetters, remembering } from './words';

interface Step extends Json {
  readonly type: string;
  readonly pretokenizers?: readonly Step[];
  readonly normalizers?: readonly Step[];
}

/**
 * tokenizer.json as @huggingface/tokenizers 0.2.0 reads it right: where that library differs from Hugging Face's own,
 * the step is written in another way that both understand. (Its own differ at numbers beyond 0 to 9, words beyond
 * ASCII, single punctuation marks, the byte order mark, Metaspace's `split`, and what happens around a split:
 * test/golden/tokenizers.) What a word becomes is remembered, and BPE is our own: the library's takes seconds to read
 * a large vocabulary.
 */
export function libraryTokenizer(tokenizer: Json, added: readonly AddedToken[], where: string): Tokenizer {
  const model = tokenizer.model as Json;
  const kind = modelKind(model);
  const pairs = kind === 'BPE';
  const steps = tokenizer.pre_tokenizer ? preTokenizer(tokenizer.pre_tokenizer as Step) : null;
  const [cutting, bytes] = lastBytes(steps);
  const like = {
    normalizer: tokenizer.normalizer ? normalizer(tokenizer.normalizer as Step) : null,
    pre_tokenizer: cutting,
    post_processor: tokenizer.post_processor ?? null,
    model: { ...model, type: kind, ...(pairs ? { vocab: {}, merges: [], fuse_unk: false } : {}) },
    added_tokens: added,
    decoder: tokenizer.decoder ?? null,
  };
  // a model without merges reads its unknown token from the other file
  const library = new Tokenizer(like, { unk_token: model.unk_token });
  const inner = library.model as LibraryModel;
  const vocabulary = vocabularyOf(tokenizer);
  if (pairs)
    for (const [text, id] of vocabulary) {
      inner.vocab[id] ??= text;
      if (!inner.tokens_to_ids.has(text)) inner.tokens_to_ids.set(text, id);
    }
  const own = inner.encode.bind(inner);
  const pieces = pairs
    ? bytePairs(model, vocabulary, where)
    : inner.tokenize
      ? inner.tokenize.bind(inner)
      : (word: string) => own([word]);
  const remembered = remembering(bytes ? (word) => pieces(byteLetters(word)) : pieces);
  inner.encode = (words) => words.flatMap(remembered);
  return library;
}

interface LibraryModel {
  vocab: string[];
  tokens_to_ids: Map<string, number>;
  encode(words: readonly string[]): readonly string[];
  tokenize?(word: string): readonly string[]; // Unigram's; its `encode` spreads one word's pieces into arguments
}

/** Bytes as letters, where that is the last step: it looks at each word alone, so it is remembered with the word. */
function lastBytes(step: Step | null): readonly [Step | null, boolean] {
  if (step?.type === 'ByteLevel') return [null, true]; // see preTokenizer: no words and no space are left to it
  if (step?.type !== 'Sequence') return [step, false];
  const steps = step.pretokenizers ?? [];
  const [last, bytes] = lastBytes(steps.at(-1) ?? null);
  return [{ ...step, pretokenizers: [...steps.slice(0, -1), ...(last ? [last] : [])] }, bytes];
}

/** In a replacement JavaScript reads $ as a sign of its own, and it writes a sigma at the end of a word as ς. */
const normalizer = (step: Step): Step => {
  if (step.normalizers) return { ...step, normalizers: step.normalizers.map(normalizer) };
  if (step.type === 'Replace') return { ...step, content: String(step.content ?? '').replaceAll('$', '$$$$') };
  const lowers = step.type === 'Lowercase' || (step.type === 'BertNormalizer' && step.lowercase === true);
  return lowers
    ? { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' }, step] }
    : step;
};

const sequence = (pretokenizers: readonly Step[]): Step => ({ type: 'Sequence', pretokenizers });
const isolated = (regex: string): Step => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const matches = (regex: string): Step => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Removed',
  invert: true,
});
const removed = (regex: string): Step => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Removed',
  invert: false,
});
const letters = '\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d'; // \w of Rust's regex
const punctuation = '[\\p{P}\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E]';
/** GPT-2's words: as the library writes it, but with white space as Unicode has it. */
const words = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** A space before what has none, as ByteLevel's add_prefix_space: a mark that is a space changes nothing else. */
const spaceBefore: Step = { type: 'Metaspace', replacement: ' ', prepend_scheme: 'always' };

function preTokenizer(step: Step): Step {
  switch (step.type) {
    case 'Sequence':
      return { ...step, pretokenizers: step.pretokenizers?.map(preTokenizer) ?? [] };
    case 'Digits':
      return isolated(step.individual_digits ? '\\p{N}' : '\\p{N}+');
    case 'Whitespace':
      return matches(`[${letters}]+|[^${letters}\\s]+`);
    case 'WhitespaceSplit':
      return matches('\\S+');
    case 'Punctuation':
      return step.behavior === 'Removed'
        ? removed(punctuation)
        : isolated(step.behavior === 'Contiguous' ? `${punctuation}+` : punctuation);
    case 'ByteLevel':
      return sequence([
        ...(step.add_prefix_space === true ? [spaceBefore] : []),
        ...(step.use_regex === false ? [] : [isolated(words)]),
        { ...step, use_regex: false, add_prefix_space: false },
      ]);
    case 'Metaspace':
      return metaspace(step);
    case 'Split':
      return split(step);
    default:
      return step;
  }
}

/** Older files say `add_prefix_space`; `split` cuts before each mark unless it is off. */
function metaspace(step: Step): Step {
  const mark = typeof step.replacement === 'string' ? step.replacement : '▁';
  const marked = {
    ...step,
    prepend_scheme: step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always'),
  };
  return step.split === false ? marked : sequence([marked, isolated(`${escaped(mark)}[^${escaped(mark)}]*`)]);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

function split(step: Step): Step {
  const pattern = step.pattern as { readonly Regex?: string; readonly String?: string };
  const regex = pattern.Regex ?? escaped(pattern.String ?? '');
  switch (step.behavior) {
    case 'Removed':
      return { ...step, pattern: { Regex: regex } };
    case 'Isolated':
      return { ...step, pattern: { Regex: regex }, invert: false }; // both sides are kept
    case 'Contiguous':
      return isolated(`(?:${regex})+`);
    case 'MergedWithPrevious':
      return isolated(`(?:(?!${regex})[\\s\\S])*(?:${regex})`);
    default:
      return isolated(`(?:${regex})(?:(?!${regex})[\\s\\S])*`); // MergedWithNext
  }
}
