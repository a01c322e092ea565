/** A small trainer of byte-level BPE (GPT-2's), which writes tokenizer.json as the Hugging Face libraries read it. */
export const specialTokens = ['<|pad|>', '<|bos|>', '<|user|>', '<|assistant|>', '<|end|>'] as const;

const words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** GPT-2's alphabet: printable bytes stand for themselves, the rest for code points from 256 on. */
const byteLetters: readonly string[] = (() => {
  const printable = (b: number): boolean => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
})();

export interface Bpe {
  readonly vocabulary: readonly string[]; // by id
  readonly merges: readonly (readonly [string, string])[];
}

interface Word {
  parts: string[];
  readonly count: number;
}

/**
 * Merges the most frequent neighbours until the vocabulary is full or no two tokens meet twice; among equally frequent
 * pairs the one with the smaller ids.
 */
export function trainBpe(texts: readonly string[], vocabularySize: number): Bpe {
  const vocabulary = [
    ...specialTokens,
    ...[...byteLetters].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!),
  ] as string[];
  const idOf = new Map(vocabulary.map((token, id) => [token, id]));
  const corpus = countWords(texts);
  const merges: (readonly [string, string])[] = [];
  while (vocabulary.length < vocabularySize) {
    const best = mostFrequentPair(corpus, idOf);
    if (best === null) break;
    const [left, right] = best;
    const joined = left + right;
    merges.push(best);
    if (!idOf.has(joined)) {
      idOf.set(joined, vocabulary.length);
      vocabulary.push(joined);
    }
    for (const word of corpus) if (word.parts.includes(left)) word.parts = mergeIn(word.parts, left, right);
  }
  return { vocabulary, merges };
}

function countWords(texts: readonly string[]): readonly Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => ({
    parts: Array.from(new TextEncoder().encode(word), (byte) => byteLetters[byte]!),
    count,
  }));
}

function mostFrequentPair(
  corpus: readonly Word[],
  idOf: ReadonlyMap<string, number>,
): readonly [string, string] | null {
  const counts = new Map<number, number>(); // by 2^16 left + right
  for (const { parts, count } of corpus) {
    for (let i = 1; i < parts.length; i++) {
      const key = idOf.get(parts[i - 1]!)! * 65536 + idOf.get(parts[i]!)!;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  let bestKey = -1,
    bestCount = 1;
  for (const [key, count] of counts) {
    if (count > bestCount || (count === bestCount && bestKey >= 0 && key < bestKey))
      [bestKey, bestCount] = [key, count];
  }
  if (bestKey < 0) return null;
  const tokens = [...idOf.keys()]; // ids were given in this order
  return [tokens[Math.floor(bestKey / 65536)]!, tokens[bestKey % 65536]!];
}

function mergeIn(parts: readonly string[], left: string, right: string): string[] {
  const merged: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const meets = parts[i] === left && parts[i + 1] === right;
    merged.push(meets ? left + right : parts[i]!);
    if (meets) i++;
  }
  return merged;
}

export function tokenizerJson({ vocabulary, merges }: Bpe): object {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
      merges,
    },
  };
}

const chatTemplate =
  "{{ '<|bos|>' }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}{% " +
  "if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

export const tokenizerConfigJson: object = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  bos_token: '<|bos|>',
  eos_token: '<|end|>',
  pad_token: '<|pad|>',
  clean_up_tokenization_spaces: false,
  chat_template: chatTemplate,
};
