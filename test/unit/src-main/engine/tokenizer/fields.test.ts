import { describe, expect, it } from 'vitest';
import golden from '../../../../golden/tokenizers/cases.json';
import { checkFields, modelKind } from '../../../../../src-main/engine/tokenizer/fields';
import { byteTokenizer, failureOf } from '../../../support/tokenizer-files';

const check = (change: (file: Record<string, unknown>) => void, config: Readonly<Record<string, unknown>> = {}) =>
  checkFields(byteTokenizer([], change), config, '/m');
const set = (field: string, value: unknown) => (file: Record<string, unknown>) => void (file[field] = value);
const model = (more: object) => (file: Record<string, unknown>) =>
  void (file.model = { ...(file.model as object), ...more });

describe('fields of tokenizer.json', () => {
  it.each(golden.cases.map(({ name, tokenizer }) => [name, tokenizer] as const))(
    'knows all that Hugging Face writes of %s',
    (_name, tokenizer) => {
      expect(checkFields(tokenizer, {}, '/m')).toEqual([]);
    },
  );

  it.each([
    ['model.dropout', model({ dropout: 0.1 })],
    ['model.continuing_subword_prefix', model({ continuing_subword_prefix: '##' })],
    ['model.end_of_word_suffix', model({ end_of_word_suffix: '</w>' })],
    ['model.type', model({ type: 'Blob' })],
    ['model.byte_fallback', set('model', { type: 'Unigram', vocab: [['a', 0]], unk_id: 0, byte_fallback: true })],
    ['normalizer.type', set('normalizer', { type: 'Precompiled', precompiled_charsmap: 'AA==' })],
    [
      'normalizer.normalizers[1].type',
      set('normalizer', { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Nmt' }] }),
    ],
    ['normalizer', set('normalizer', 'NFC')],
    ['pre_tokenizer.type', set('pre_tokenizer', { type: 'UnicodeScripts' })],
    [
      'pre_tokenizer.pretokenizers[0].type',
      set('pre_tokenizer', { type: 'Sequence', pretokenizers: [{ type: 'FixedLength', length: 5 }] }),
    ],
    ['pre_tokenizer.behavior', set('pre_tokenizer', { type: 'Punctuation', behavior: 'MergedWithNext' })],
    [
      'pre_tokenizer.behavior',
      set('pre_tokenizer', { type: 'Split', pattern: { String: 'a' }, behavior: 'Sideways', invert: false }),
    ],
    [
      'pre_tokenizer.invert',
      set('pre_tokenizer', { type: 'Split', pattern: { String: 'a' }, behavior: 'MergedWithNext', invert: true }),
    ],
    [
      'pre_tokenizer.pattern',
      set('pre_tokenizer', { type: 'Split', pattern: { Regex: '(a)b' }, behavior: 'Removed', invert: false }),
    ],
    ['post_processor.type', set('post_processor', { type: 'Other' })],
    [
      'post_processor.processors[0].type',
      set('post_processor', { type: 'Sequence', processors: [{ type: 'constructor' }] }),
    ],
    ['decoder.type', set('decoder', { type: 'Other' })],
  ])('%s is refused by name', (field, change) => {
    expect(failureOf(() => check(change))).toMatchObject({
      code: 'bad-model',
      message: expect.stringContaining(`tokenizer.json of /m: ${field} is `) as string,
      details: { field, file: '/m' },
    });
  });

  it.each([
    [
      'truncation and padding, which a call switches off',
      set('truncation', { max_length: 4, direction: 'Right', strategy: 'LongestFirst', stride: 0 }),
    ],
    ['an empty dropout', model({ dropout: 0 })],
    ['empty prefixes', model({ continuing_subword_prefix: '', end_of_word_suffix: '' })],
    [
      'a removed pattern with a group that JavaScript does not give back',
      set('pre_tokenizer', { type: 'Split', pattern: { Regex: '(?:a)\\(b' }, behavior: 'Removed', invert: false }),
    ],
  ])('%s: no effect', (_, change) => {
    expect(check(change)).toEqual([]);
  });

  it('tells of fields that nobody knows, where they are set', () => {
    expect(check(model({ new_rule: true, off: false }))).toEqual([
      'tokenizer.json: the field model.new_rule is not known here and has no effect.',
    ]);
    expect(check(set('toString', 1))).toEqual([
      'tokenizer.json: the field toString is not known here and has no effect.',
    ]);
  });

  it.each([
    [{ vocab: [['a', 0]] }, 'Unigram'],
    [{ vocab: {}, merges: [] }, 'BPE'],
    [{ vocab: {}, continuing_subword_prefix: '##' }, 'WordPiece'],
    [{ vocab: {} }, 'WordLevel'],
    [{ type: 'BPE', vocab: [] }, 'BPE'],
  ])('of %j the kind is %s', (given, kind) => expect(modelKind(given)).toBe(kind));
});

describe('fields of tokenizer_config.json', () => {
  it('refuses split_special_tokens', () => {
    const { message, details } = failureOf(() => check(() => {}, { split_special_tokens: true }));
    expect([message.split(',')[0], details]).toEqual([
      'tokenizer_config.json of /m: split_special_tokens is true',
      { file: '/m', field: 'split_special_tokens' },
    ]);
  });

  it('knows those without effect and tells of the rest', () => {
    const usual = {
      model_max_length: 1e30,
      padding_side: 'left',
      clean_up_tokenization_spaces: true,
      add_bos_token: true,
      tokenizer_class: 'X',
      image_token: '<i>',
      split_special_tokens: false,
    };
    expect(check(() => {}, usual)).toEqual([]);
    expect(check(() => {}, { unheard_of: 3, constructor: 1, nothing: null })).toEqual([
      'tokenizer_config.json: the field unheard_of is not known here and has no effect.',
      'tokenizer_config.json: the field constructor is not known here and has no effect.',
    ]);
  });
});
