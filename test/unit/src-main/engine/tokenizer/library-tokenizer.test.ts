import { describe, expect, it } from 'vitest';
import { chatFormat } from '../../../../../src-main/engine/tokenizer/chat-format';
import type { Json } from '../../../../../src-main/engine/tokenizer/types';
import { byteTokenizer, tokenizerFiles } from '../../../support/tokenizer-files';

/** The pieces that Hugging Face's tokenizers 0.23 makes of these texts. */
const cases: readonly (readonly [string, Json | null, Json, string, readonly string[]])[] = [
  [
    'a dollar sign in a replacement',
    { type: 'Replace', pattern: { String: 'x' }, content: '$&' },
    { type: 'WhitespaceSplit' },
    'axb x',
    ['a$&b', '$&'],
  ],
  ['a sigma at the end of a word, lowered', { type: 'Lowercase' }, { type: 'WhitespaceSplit' }, 'ΑΣ Σ', ['ασ', 'σ']],
  [
    'within a sequence',
    { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Lowercase' }] },
    { type: 'WhitespaceSplit' },
    'ΑΣ',
    ['ασ'],
  ],
  [
    "by Bert's normalizer",
    { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
    { type: 'WhitespaceSplit' },
    'ΑΣ',
    ['ασ'],
  ],
  [
    'and not where it lowers nothing',
    { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: false },
    { type: 'WhitespaceSplit' },
    'ΑΣ',
    ['ΑΣ'],
  ],
  ['Digits one by one', null, { type: 'Digits', individual_digits: true }, 'a12b', ['a', '1', '2', 'b']],
  ['Digits together', null, { type: 'Digits', individual_digits: false }, 'a12b', ['a', '12', 'b']],
  ['Whitespace', null, { type: 'Whitespace' }, 'a-b, c_d  é', ['a', '-', 'b', ',', 'c_d', 'é']],
  ['Punctuation isolated', null, { type: 'Punctuation', behavior: 'Isolated' }, 'a,,b', ['a', ',', ',', 'b']],
  ['Punctuation removed', null, { type: 'Punctuation', behavior: 'Removed' }, 'a,,b', ['a', 'b']],
  ['Punctuation contiguous', null, { type: 'Punctuation', behavior: 'Contiguous' }, 'a,,b', ['a', ',,', 'b']],
  [
    'Metaspace',
    null,
    { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
    'a b',
    ['▁a', '▁b'],
  ],
  [
    'Metaspace never before',
    null,
    { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never', split: true },
    'a b',
    ['a', '▁b'],
  ],
  [
    'Metaspace uncut',
    null,
    { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
    'a b',
    ['▁a▁b'],
  ],
  ['Metaspace older', null, { type: 'Metaspace', replacement: '▁', add_prefix_space: true }, 'a b', ['▁a', '▁b']],
  [
    'Metaspace older without',
    null,
    { type: 'Metaspace', replacement: '▁', add_prefix_space: false, prepend_scheme: 'never' },
    'a b',
    ['a', '▁b'],
  ],
  [
    'Metaspace with another mark',
    null,
    { type: 'Metaspace', replacement: '.', prepend_scheme: 'always', split: true },
    'a b',
    ['.a', '.b'],
  ],
  [
    'Split Removed',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: false, behavior: 'Removed' },
    'a-b--c',
    ['a', 'b', 'c'],
  ],
  [
    'Split Isolated',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: false, behavior: 'Isolated' },
    'a-b--c',
    ['a', '-', 'b', '-', '-', 'c'],
  ],
  [
    'Split Contiguous',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: false, behavior: 'Contiguous' },
    'a-b--c',
    ['a', '-', 'b', '--', 'c'],
  ],
  [
    'Split MergedWithPrevious',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: false, behavior: 'MergedWithPrevious' },
    'a-b--c',
    ['a-', 'b-', '-', 'c'],
  ],
  [
    'Split MergedWithNext',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: false, behavior: 'MergedWithNext' },
    'a-b--c',
    ['a', '-b', '-', '-c'],
  ],
  [
    'Split inverted removed',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: true, behavior: 'Removed' },
    'a-b--c',
    ['-', '-', '-'],
  ],
  [
    'Split inverted isolated',
    null,
    { type: 'Split', pattern: { String: '-' }, invert: true, behavior: 'Isolated' },
    'a-b--c',
    ['a', '-', 'b', '-', '-', 'c'],
  ],
  [
    'Split by a dot',
    null,
    { type: 'Split', pattern: { String: '.' }, invert: false, behavior: 'Isolated' },
    'a.b',
    ['a', '.', 'b'],
  ],
  [
    'ByteLevel',
    null,
    {
      type: 'Sequence',
      pretokenizers: [
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        { type: 'Digits', individual_digits: true },
      ],
    },
    "é 12's",
    ['Ã©', 'Ġ', '1', '2', "'s"],
  ],
  [
    'ByteLevel with a space before, and another step',
    null,
    {
      type: 'Sequence',
      pretokenizers: [
        { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
        { type: 'Digits', individual_digits: true },
      ],
    },
    'a 1',
    ['Ġa', 'Ġ', '1'],
  ],
  [
    'ByteLevel without words',
    null,
    {
      type: 'Sequence',
      pretokenizers: [
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        { type: 'Digits', individual_digits: true },
      ],
    },
    'a b1',
    ['aĠb', '1'],
  ],
  [
    'ByteLevel last with a space before',
    null,
    { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    'a b',
    ['Ġa', 'Ġb'],
  ],
  [
    'ByteLevel last, no words',
    null,
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    'a b',
    ['aĠb'],
  ],
];

/** A vocabulary of these pieces alone: another piece would be an unknown one. */
const open = (normalizer: Json | null, pre: Json, pieces: readonly string[], more: Json = {}) => {
  const words = ['</s>', '?', ...new Set(pieces)];
  const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
  const tokenizer = {
    ...byteTokenizer([]),
    normalizer,
    pre_tokenizer: pre,
    model: { type: 'WordLevel', vocab, unk_token: '?' },
    ...more,
  };
  return { format: chatFormat(tokenizerFiles({ tokenizer })), idOf: (word: string) => words.indexOf(word) };
};

describe('the steps before a model', () => {
  it.each(cases)('%s', (_, normalizer, pre, text, pieces) => {
    const { format, idOf } = open(normalizer, pre, pieces);
    expect(format.encode(text, false)).toEqual(pieces.map(idOf));
  });
  it('without a mark are those of ▁, and without a word about it put one before the text', () => {
    const { format, idOf } = open(null, { type: 'Metaspace' }, ['▁a', '▁b']);
    expect(format.encode('a b', false)).toEqual([idOf('▁a'), idOf('▁b')]);
  });
});
