import { describe, expect, it } from 'vitest';
import golden from '../../../../golden/tokenizers/cases.json';
import { chatFormat } from '../../../../../src-main/engine/tokenizer/chat-format';
import { tokenizerFromGguf } from '../../../../../src-main/engine/tokenizer/from-gguf';
import { failureOf } from '../../../support/tokenizer-files';

interface Original {
  readonly name: string;
  readonly tokenizer: {
    readonly model: {
      readonly vocab: Readonly<Record<string, number>>;
      readonly merges: readonly (readonly [string, string])[];
    };
    readonly added_tokens: readonly { readonly id: number; readonly content: string }[];
  };
  readonly ids: readonly (readonly [readonly number[], readonly number[]])[];
}
const original = (name: string): Original =>
  (golden.cases as unknown as readonly Original[]).find((one) => one.name === name)!;

/** The metadata that a conversion of this tokenizer to GGUF has. */
function metadata({ tokenizer }: Original, more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(tokenizer.model.vocab)) tokens[id] = token;
  const types = tokens.map(() => 1);
  for (const { id, content } of tokenizer.added_tokens) [tokens[id], types[id]] = [content, 3];
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': types,
    'tokenizer.ggml.merges': tokenizer.model.merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.bos_token_id': 0,
    'tokenizer.ggml.eos_token_id': 1,
    ...more,
  };
}
const open = (given: Readonly<Record<string, unknown>>) => chatFormat(tokenizerFromGguf(given, '/m.gguf', 2000));
const llama = (more: Readonly<Record<string, unknown>> = {}) =>
  metadata(original('whole words before merges'), { 'tokenizer.ggml.pre': 'llama-bpe', ...more });
const key = (name: string, value: unknown) => ({ [`tokenizer.ggml.${name}`]: value });

describe('a tokenizer in a GGUF file', () => {
  it.each(['llama-bpe', 'llama3', 'llama-v3'])(
    '%s: whole words before merges, and BOS where the key is missing',
    (pre) => {
      const { ids } = original('whole words before merges');
      const format = open(llama(key('pre', pre)));
      expect(golden.texts.map((text) => format.encode(text, true))).toEqual(ids.map(([withBos]) => withBos));
      expect(golden.texts.map((text) => format.encode(text, false))).toEqual(ids.map(([, without]) => without));
    },
  );

  it.each([
    ["byte-level BPE, GPT-2's words", 'gpt-2'],
    ["byte-level BPE, GPT-2's words", 'olmo'],
    ["digits alone, then GPT-2's words", 'smollm'],
  ])('%s: %s, no BOS where the key is missing', (name, pre) => {
    const made = original(name);
    const format = open(metadata(made, key('pre', pre)));
    expect(golden.texts.map((text) => format.encode(text, true))).toEqual(made.ids.map(([ids]) => ids));
  });

  it('adds what the keys say', () => {
    const ids = (more: Readonly<Record<string, unknown>>) => open(llama(more)).encode('x', true);
    const plain = ids(key('add_bos_token', false));
    expect(ids({})).toEqual([0, ...plain]);
    expect(ids(key('add_eos_token', true))).toEqual([0, ...plain, 1]);
    expect(ids({ ...key('add_bos_token', false), ...key('add_eos_token', true) })).toEqual([...plain, 1]);
    const gpt2 = metadata(original("byte-level BPE, GPT-2's words"), {
      ...key('pre', 'gpt-2'),
      ...key('add_bos_token', true),
    });
    expect(open(gpt2).encode('', true)).toEqual([0]);
  });

  it('ends answers at the turn’s end too', () => {
    expect(open(llama({ ...key('eot_token_id', 5n), ...key('eom_token_id', 6) })).stopIds).toEqual([1, 5, 6]);
  });

  it('has one template or several', () => {
    const render = (more: Readonly<Record<string, unknown>>, tools: readonly unknown[] | null = null) =>
      open(llama(more)).render([{ role: 'user', content: 'x' }], false, { tools });
    expect(render({ 'tokenizer.chat_template': '{{ bos_token }}a' })).toBe('<s>a');
    const several = {
      'tokenizer.chat_template': 'a',
      'tokenizer.chat_template.tool_use': 'b',
      'tokenizer.chat_templates': ['tool_use'],
    };
    expect([render(several), render(several, [{}])]).toEqual(['a', 'b']);
  });

  it.each([
    ['tokenizer.ggml.pre is missing', { 'tokenizer.ggml.pre': undefined }],
    ['tokenizer.ggml.pre is "default"', key('pre', 'default')],
    ['by the rules "falcon" (tokenizer.ggml.pre)', key('pre', 'falcon')],
    ['by the rules "constructor" (tokenizer.ggml.pre)', key('pre', 'constructor')],
    ['a tokenizer of type llama', key('model', 'llama')],
    ['a tokenizer of type t5', key('model', 't5')],
    ['it lacks tokenizer.ggml.merges', key('merges', undefined)],
    ['it lacks tokenizer.ggml.tokens', key('tokens', [1, 2])],
    ['tokenizer.ggml.add_bos_token is true, but it has no tokenizer.ggml.bos_token_id', key('bos_token_id', undefined)],
    ['tokenizer.ggml.eos_token_id is 99999, but it has', key('eos_token_id', 99999)],
    ['tokenizer.ggml.add_space_prefix is true, but it cannot be honoured', key('add_space_prefix', true)],
    ['tokenizer.ggml.add_sep_token is true', key('add_sep_token', true)],
    ['tokenizer.ggml.remove_extra_whitespaces is true', key('remove_extra_whitespaces', true)],
    ['tokenizer.ggml.precompiled_charsmap is a list', key('precompiled_charsmap', [1])],
  ])('refuses: %s', (words, more) => {
    expect(failureOf(() => open(llama(more)))).toMatchObject({
      code: 'bad-model',
      message: expect.stringContaining(words) as string,
    });
  });

  it('tells of keys that nobody knows; others have no effect', () => {
    expect(
      open(
        llama({
          ...key('scores', [0]),
          ...key('add_space_prefix', false),
          ...key('fim_pre_token_id', 3),
          'general.name': 'x',
        }),
      ).notes,
    ).toEqual([]);
    expect(open(llama(key('new_rule', true))).notes).toEqual([
      'The key tokenizer.ggml.new_rule is not known here and has no effect.',
    ]);
  });
});

/** Metadata of four tokens. */
const small = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'gpt-2',
  'tokenizer.ggml.tokens': ['a', '<b>', '<e>', '<u>'],
  'tokenizer.ggml.merges': ['a a'],
  ...more,
});
const made = (more: Readonly<Record<string, unknown>> = {}) => tokenizerFromGguf(small(more), '/m.gguf', 4);
interface Steps {
  readonly type: string;
  readonly pretokenizers?: readonly object[];
}

describe('the files that GGUF metadata become', () => {
  it('are those of byte-level BPE', () => {
    expect(made()).toEqual({
      tokenizer: {
        version: '1.0',
        truncation: null,
        padding: null,
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        post_processor: null,
        decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
        model: {
          type: 'BPE',
          dropout: null,
          unk_token: null,
          continuing_subword_prefix: null,
          end_of_word_suffix: null,
          fuse_unk: false,
          byte_fallback: false,
          ignore_merges: false,
          vocab: { a: 0, '<b>': 1, '<e>': 2, '<u>': 3 },
          merges: ['a a'],
        },
      },
      config: {
        tokenizer_class: 'PreTrainedTokenizerFast',
        clean_up_tokenization_spaces: false,
        pad_token: undefined,
      },
      generation: { eos_token_id: [] },
      specialTokens: {},
      addedTokens: {},
      templates: new Map(),
      modelEos: null,
      embeddings: 4,
      where: '/m.gguf',
      notes: [],
    });
  });

  it.each([
    ['bos', 'bos_token'],
    ['eos', 'eos_token'],
    ['unknown', 'unk_token'],
    ['seperator', 'sep_token'],
    ['mask', 'mask_token'],
    ['cls', 'cls_token'],
    ['padding', 'pad_token'],
  ])('%s_token_id is %s', (name, field) => {
    expect(made(key(`${name}_token_id`, 1)).config).toMatchObject({ [field]: '<b>' });
    expect(made().config[field]).toBeUndefined();
  });

  it('pad with the end where there is no padding', () => {
    expect(made(key('eos_token_id', 2)).config.pad_token).toBe('<e>');
    expect(made({ ...key('eos_token_id', 2), ...key('padding_token_id', 1) }).config.pad_token).toBe('<b>');
  });

  it('have control and own tokens as added ones, the first of them special', () => {
    const { added_tokens: added } = made(key('token_type', [1, 3, 4n, 6])).tokenizer;
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
    expect(added).toEqual([
      { id: 1, content: '<b>', special: true, ...flags },
      { id: 2, content: '<e>', special: false, ...flags },
    ]);
  });

  const special = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const text = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  it('add the beginning and the end where the keys say so', () => {
    const ids = { ...key('bos_token_id', 1), ...key('eos_token_id', 2) };
    const step = (more: object) => made({ ...ids, ...more }).tokenizer.post_processor;
    expect(step({ ...key('add_bos_token', true), ...key('add_eos_token', true) })).toEqual({
      type: 'TemplateProcessing',
      single: [special('<b>'), text('A', 0), special('<e>')],
      pair: [special('<b>'), text('A', 0), special('<e>'), special('<b>'), text('B', 1), special('<e>')],
      special_tokens: {
        '<b>': { id: '<b>', ids: [1], tokens: ['<b>'] },
        '<e>': { id: '<e>', ids: [2], tokens: ['<e>'] },
      },
    });
    expect(step(key('add_eos_token', true))).toMatchObject({ single: [text('A', 0), special('<e>')] });
    expect([step({}), step(key('add_bos_token', false))]).toEqual([null, null]);
  });

  it.each<[string, boolean, boolean]>([
    ['gpt-2', false, false],
    ['olmo', false, false],
    ['smollm', false, false],
    ['qwen2', false, false],
    ['llama-bpe', true, true],
    ['llama3', true, true],
    ['llama-v3', true, true],
  ])('%s: whole words %s, a beginning %s', (pre, wholeWords, bos) => {
    const { tokenizer } = made({ ...key('pre', pre), ...key('bos_token_id', 1) });
    expect((tokenizer.model as { ignore_merges: boolean }).ignore_merges).toBe(wholeWords);
    expect(tokenizer.post_processor !== null).toBe(bos);
  });

  it('split as the original files do', () => {
    const steps = (pre: string) =>
      made({ ...key('pre', pre), ...key('bos_token_id', 1) }).tokenizer.pre_tokenizer as Steps;
    const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
    // tokenizer.json of Llama 3 and of Qwen2
    const words = (numbers: string): string =>
      `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${numbers}| ` +
      `?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
    for (const [pre, numbers] of [
      ['llama-bpe', '\\p{N}{1,3}'],
      ['qwen2', '\\p{N}'],
    ] as const)
      expect(steps(pre)).toEqual({
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: words(numbers) }, behavior: 'Isolated', invert: false },
          { ...bytes, use_regex: false },
        ],
      });
    expect(steps('smollm')).toEqual({
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        { ...bytes, use_regex: true },
      ],
    });
  });

  it('have one template, or several with their names', () => {
    const templates = (more: object) => made(more as Readonly<Record<string, unknown>>).config.chat_template;
    expect(templates({})).toBeUndefined();
    expect(templates({ 'tokenizer.chat_template': 'a' })).toBe('a');
    expect(templates({ 'tokenizer.chat_template.rag': 'r' })).toEqual([{ name: 'rag', template: 'r' }]);
    expect(templates({ 'tokenizer.chat_template': 'a', 'tokenizer.chat_template.rag': 'r' })).toEqual([
      { name: 'default', template: 'a' },
      { name: 'rag', template: 'r' },
    ]);
  });

  it('end answers with the model’s own end and those of a turn and a message', () => {
    const { generation, modelEos } = made({
      ...key('eos_token_id', 2n),
      ...key('eot_token_id', 0n),
      ...key('eom_token_id', 3),
    });
    expect([generation, modelEos]).toEqual([{ eos_token_id: [0, 3] }, 2]);
  });
});

describe('keys of the metadata', () => {
  it.each(
    `scores token_type_count fim_pre_token_id fim_suf_token_id fim_mid_token_id fim_pad_token_id fim_rep_token_id
    fim_sep_token_id prefix_token_id suffix_token_id middle_token_id eog_token_ids token_type`.split(/\s+/),
  )('%s is known', (name) => expect(made(key(name, [1])).notes).toEqual([]));

  it.each<[string, unknown]>([
    ['false', false],
    ['0', 0],
    ['no text', ''],
    ['no list', []],
  ])('unknown ones that are %s say nothing', (_, value) => expect(made(key('new_rule', value)).notes).toEqual([]));

  it('others of a tokenizer are told, those of other parts are not', () => {
    expect(made({ 'tokenizer.other': 1, 'general.other': 1 }).notes).toEqual([
      'The key tokenizer.other is not known here and has no effect.',
    ]);
  });

  it.each([
    ['suppress_tokens', [1], 'a list'],
    ['add_space_prefix', true, 'true'],
  ])('%s is refused by name', (name, value, shown) => {
    expect(failureOf(() => made(key(name, value)))).toMatchObject({
      code: 'bad-model',
      message: `/m.gguf: tokenizer.ggml.${name} is ${shown}, but it cannot be honoured: text would become other ids.`,
      details: { file: '/m.gguf', field: `tokenizer.ggml.${name}` },
    });
  });

  it.each<[string, object, object]>([
    ['another kind', key('model', 'llama'), { file: '/m.gguf' }],
    ['no rules', key('pre', undefined), { file: '/m.gguf', field: 'tokenizer.ggml.pre' }],
    ['unknown rules', key('pre', 'x'), { file: '/m.gguf', field: 'tokenizer.ggml.pre' }],
    [
      'a beginning that is not there',
      key('add_bos_token', true),
      { file: '/m.gguf', field: 'tokenizer.ggml.add_bos_token' },
    ],
    [
      'an end that is not there',
      key('add_eos_token', true),
      { file: '/m.gguf', field: 'tokenizer.ggml.add_eos_token' },
    ],
    ['an id one too high', key('mask_token_id', 4), { file: '/m.gguf', field: 'tokenizer.ggml.mask_token_id' }],
    ['no merges', key('merges', ['a', 1]), { file: '/m.gguf' }],
  ])('%s: refused with file and field', (_, more, details) => {
    expect(failureOf(() => made(more as Readonly<Record<string, unknown>>)).details).toEqual(details);
  });
});
