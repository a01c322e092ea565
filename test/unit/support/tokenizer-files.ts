import type { Json, TokenizerFiles } from '../../../src-main/engine/tokenizer/types';
import { AppFailure, type AppError } from '../../../src-main/shared/result';

/** One token a byte, in the alphabet of byte-level BPE, after the tokens that a test gives. */
export function byteTokenizer(
  special: readonly string[] = ['<s>', '</s>'],
  change: (file: Record<string, unknown>) => void = () => {},
): Json {
  const vocab: [string, number][] = special.map((token, id) => [token, id]);
  let beyond = 0;
  for (let byte = 0; byte < 256; byte++) {
    const printed = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    vocab.push([String.fromCharCode(printed ? byte : 256 + beyond++), vocab.length]);
  }
  const file: Record<string, unknown> = {
    version: '1.0',
    truncation: null,
    padding: null,
    normalizer: null,
    post_processor: null,
    added_tokens: special.map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(vocab),
      merges: [],
    },
  };
  change(file);
  return file;
}

export const tokenizerFiles = (changes: Partial<TokenizerFiles> = {}): TokenizerFiles => ({
  tokenizer: byteTokenizer(),
  config: { eos_token: '</s>' },
  specialTokens: {},
  addedTokens: {},
  generation: {},
  templates: new Map(),
  modelEos: null,
  embeddings: 300,
  where: '/model',
  notes: [],
  ...changes,
});

export function failureOf(run: () => unknown): AppError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof AppFailure) return thrown.error;
    throw thrown;
  }
  throw new Error('nothing was refused');
}
