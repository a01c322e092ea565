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

  // Dropped from the lists above it, a field would be told as one that nobody knows.
  it.each<[string, unknown]>([
    ['normalizer', { type: 'Replace', pattern: { String: 'a' }, content: 'b' }],
    ['normalizer', { type: 'Strip', strip_left: true, strip_right: true }],
    ['normalizer', { type: 'Prepend', prepend: '▁' }],
    ...['NFC', 'NFD', 'NFKC', 'NFKD', 'Lowercase', 'StripAccents'].map((type): [string, unknown] => [
      'normalizer',
      { type },
    ]),
    [
      'normalizer',
      { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: true, lowercase: true },
    ],
    ...['Whitespace', 'WhitespaceSplit', 'BertPreTokenizer'].map((type): [string, unknown] => [
      'pre_tokenizer',
      { type },
    ]),
    ['pre_tokenizer', { type: 'ByteLevel', add_prefix_space: true, use_regex: true, trim_offsets: true }],
    [
      'pre_tokenizer',
      {
        type: 'Metaspace',
        replacement: '▁',
        prepend_scheme: 'first',
        add_prefix_space: true,
        split: true,
        str_rep: '▁',
      },
    ],
    ...['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'].map(
      (behavior): [string, unknown] => [
        'pre_tokenizer',
        { type: 'Split', pattern: { Regex: '(?:a)' }, behavior, invert: false },
      ],
    ),
    ...['Removed', 'Isolated'].map((behavior): [string, unknown] => [
      'pre_tokenizer',
      { type: 'Split', pattern: { String: 'a' }, behavior, invert: true },
    ]),
    ['pre_tokenizer', { type: 'Split', pattern: { Regex: '(a)' }, behavior: 'Isolated', invert: false }],
    ...['Isolated', 'Removed', 'Contiguous'].map((behavior): [string, unknown] => [
      'pre_tokenizer',
      { type: 'Punctuation', behavior },
    ]),
    ['pre_tokenizer', { type: 'Digits', individual_digits: true }],
    ['post_processor', { type: 'ByteLevel', trim_offsets: true, add_prefix_space: true, use_regex: true }],
    ['post_processor', { type: 'TemplateProcessing', single: [1], pair: [1], special_tokens: { a: 1 } }],
    ['post_processor', { type: 'BertProcessing', sep: ['a', 1], cls: ['b', 2] }],
    [
      'post_processor',
      { type: 'RobertaProcessing', sep: ['a', 1], cls: ['b', 2], trim_offsets: true, add_prefix_space: true },
    ],
    ...[
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
    ].map((type): [string, unknown] => ['decoder', { type }]),
    ['version', '1.0'],
    ['padding', { strategy: 'BatchLongest' }],
    [
      'model',
      {
        type: 'BPE',
        vocab: { a: 0 },
        merges: ['a b'],
        unk_token: 'a',
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: true,
        cache_capacity: 1,
      },
    ],
    [
      'model',
      {
        type: 'WordPiece',
        vocab: { a: 0 },
        unk_token: 'a',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
    ],
    ['model', { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' }],
    ['model', { type: 'Unigram', vocab: [['a', 0]], unk_id: 1, byte_fallback: false }],
  ])('%s may be %j', (field, value) => {
    expect(check(set(field, value))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    [
      'model.dropout',
      model({ dropout: 0.1 }),
      'tokenizer.json of /m: model.dropout is 0.1, and it cannot be honoured.',
    ],
    [
      'pre_tokenizer.str_rep',
      set('pre_tokenizer', { type: 'Metaspace', str_rep: '_' }),
      'tokenizer.json of /m: pre_tokenizer.str_rep is "_", and only "▁" can be honoured.',
    ],
    [
      'pre_tokenizer.behavior',
      set('pre_tokenizer', { type: 'Punctuation', behavior: 'MergedWithNext' }),
      'tokenizer.json of /m: pre_tokenizer.behavior is "MergedWithNext", and only "Isolated" and "Removed" and ' +
        '"Contiguous" can be honoured.',
    ],
    [
      'pre_tokenizer.invert',
      set('pre_tokenizer', { type: 'Split', pattern: { String: 'a' }, behavior: 'Contiguous', invert: true }),
      'tokenizer.json of /m: pre_tokenizer.invert is true, and it cannot be honoured with Contiguous.',
    ],
    [
      'normalizer.normalizers[1].normalizers[0].type',
      set('normalizer', {
        type: 'Sequence',
        normalizers: [{ type: 'NFC' }, { type: 'Sequence', normalizers: [{ type: 'Nmt' }] }],
      }),
      'tokenizer.json of /m: normalizer.normalizers[1].normalizers[0].type is "Nmt", and only Sequence, NFC, NFD, ' +
        'NFKC, NFKD, Lowercase, StripAccents, BertNormalizer, Replace, Strip, Prepend can be honoured.',
    ],
    [
      'post_processor',
      set('post_processor', [{}]),
      'tokenizer.json of /m: post_processor is [{}], and it is no object.',
    ],
  ])('%s is refused in these words', (field, change, message) => {
    const failure = failureOf(() => check(change as (file: Record<string, unknown>) => void));
    expect([failure.message, failure.details]).toEqual([message, { file: '/m', field }]);
  });

  it('cuts a long value to 80 characters', () => {
    const { message } = failureOf(() => check(set('normalizer', 'x'.repeat(200))));
    expect(message).toBe(`tokenizer.json of /m: normalizer is "${'x'.repeat(79)}, and it is no object.`);
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

  it.each(['split_special_tokens', 'fix_mistral_regex'])('%s is refused where it is on', (field) => {
    expect(failureOf(() => check(() => {}, { [field]: true })).details).toEqual({ file: '/m', field });
    expect(check(() => {}, { [field]: false })).toEqual([]);
  });

  // As transformers 4 and 5 write it, and older versions did.
  it.each(
    `added_tokens_decoder additional_special_tokens extra_special_tokens chat_template tokenizer_class add_prefix_space
    legacy add_bos_token add_eos_token clean_up_tokenization_spaces model_max_length max_length padding_side
    truncation_side stride truncation_strategy pad_to_multiple_of pad_token_type_id padding truncation backend is_local
    local_files_only name_or_path tokenizer_file vocab_file merges_file special_tokens_map_file model_input_names
    processor_class auto_map errors trim_offsets use_default_system_prompt spaces_between_special_tokens sp_model_kwargs
    unk_id from_slow use_fast verbose init_inputs response_template response_schema tokenizer_type
    model_specific_special_tokens transformers_version _commit_hash do_lower_case do_basic_tokenize never_split
    strip_accents tokenize_chinese_chars return_token_type_ids chat_control_tokens image_token`.split(/\s+/),
  )('%s is known', (field) => expect(check(() => {}, { [field]: 'x' })).toEqual([]));

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
