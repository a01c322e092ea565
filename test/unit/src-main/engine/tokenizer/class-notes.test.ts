import { describe, expect, it } from 'vitest';
import { classNotes } from '../../../../../src-main/engine/tokenizer/class-notes';

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const metaspace = { type: 'Metaspace', prepend_scheme: 'first', split: false };
const notes = (tokenizer_class: string, pre_tokenizer: unknown, normalizer: unknown = null, config = {}) =>
  classNotes({ normalizer, pre_tokenizer }, { tokenizer_class, ...config });

// Compared with transformers 5.24 on the small tokenizers of test/golden/tokenizers.
describe('classNotes', () => {
  it.each([
    ['LlamaTokenizer', metaspace, null, {}],
    ['LlamaTokenizer', { ...metaspace, prepend_scheme: 'never' }, null, { add_prefix_space: false }],
    ['LlamaTokenizer', { type: 'Sequence', pretokenizers: [] }, null, {}],
    ['GPT2TokenizerFast', byteLevel, null, {}],
    ['GPT2Tokenizer', { ...byteLevel, add_prefix_space: true }, null, { add_prefix_space: true }],
    ['GPTNeoXTokenizerFast', byteLevel, { type: 'NFC' }, {}],
    ['PreTrainedTokenizerFast', byteLevel, null, { add_prefix_space: true }],
    ['constructor', byteLevel, null, {}],
  ])('says nothing where %s gives the same ids', (name, pre, normalizer, config) => {
    expect(notes(name, pre, normalizer, config)).toEqual([]);
  });

  it.each([
    ['LlamaTokenizer', null, { type: 'Sequence' }, {}],
    ['LlamaTokenizer', metaspace, null, { add_prefix_space: false }],
    ['LlamaTokenizerFast', { ...metaspace, split: true }, null, {}],
    ['GPT2Tokenizer', byteLevel, null, { add_prefix_space: true }],
    ['GPT2TokenizerFast', { ...byteLevel, add_prefix_space: true }, null, {}],
    ['GPT2Tokenizer', { ...byteLevel, use_regex: false }, null, {}],
    ['GPT2Tokenizer', { type: 'Sequence' }, null, {}],
    ['GPTNeoXTokenizer', byteLevel, null, {}],
  ])('says that %s gives other ids in transformers', (name, pre, normalizer, config) => {
    expect(notes(name, pre, normalizer, config)[0]).toMatch(/follows tokenizer\.json/);
  });
});
