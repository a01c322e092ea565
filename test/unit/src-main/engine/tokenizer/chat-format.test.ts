import { describe, expect, it } from 'vitest';
import { chatFormat } from '../../../../../src-main/engine/tokenizer/chat-format';
import { byteTokenizer, failureOf, tokenizerFiles } from '../../../support/tokenizer-files';

const open = (...given: Parameters<typeof tokenizerFiles>) => chatFormat(tokenizerFiles(...given));
const vocab = (change: (vocab: Record<string, unknown>) => void) =>
  byteTokenizer(undefined, ({ model }) => change((model as { vocab: Record<string, unknown> }).vocab));
const user = (content: string) => ({ role: 'user', content }) as const;

describe('a tokenizer', () => {
  it('gives ids and text back, its ends and its size', () => {
    const format = open({
      config: { bos_token: '<s>', eos_token: '</s>', pad_token: '<s>' },
      generation: { eos_token_id: [1, 5] },
      modelEos: 7,
    });
    expect(format.encode('AB', false)).toEqual([67, 68]);
    expect(format.decode([0, 67, 68, 1], false)).toBe('<s>AB</s>');
    expect(format.decode([0, 67, 68, 1], true)).toBe('AB');
    expect([format.encode('', false), format.decode([], true)]).toEqual([[], '']);
    expect(format).toMatchObject({
      vocabulary: 258,
      eosId: 1,
      eosText: '</s>',
      bosId: 0,
      padId: 0,
      stopIds: [1, 5, 7],
      hasChatTemplate: false,
      notes: [],
    });
  });

  it('takes its end from the other files where it names none', () => {
    expect(open({ config: {}, generation: { eos_token_id: 0 }, modelEos: 1 })).toMatchObject({
      eosId: 0,
      eosText: '<s>',
      bosId: null,
      padId: 0,
    });
    expect(open({ config: {}, modelEos: [1] })).toMatchObject({ eosId: 1 });
    expect(failureOf(() => open({ config: {} })).message).toBe('The tokenizer of /model names no end-of-text token.');
  });

  it('may have holes: they are counted, and have no text', () => {
    const format = open({ tokenizer: vocab((v) => (v.far = 290)) });
    expect(format.vocabulary).toBe(291);
    expect(format.decode([67, 280, 68], false)).toBe('AB');
    expect(format.decode([280], false)).toBe('');
  });

  it('may have tokens named as what every object has', () => {
    const names = ['constructor', '__proto__', 'toString', '</s>'];
    const format = open({ tokenizer: byteTokenizer(names) });
    names.forEach((name, id) => {
      expect(format.encode(`A${name}B`, false)).toEqual([69, id, 70]);
      expect(format.decode([id], false)).toBe(name);
    });
  });

  it('says by field, token and id where the vocabulary and the embedding part', () => {
    expect(failureOf(() => open({ tokenizer: vocab((v) => (v.far = 300)) })).details).toEqual({
      file: '/model',
      field: 'model.vocab',
      token: 'far',
      id: 300,
      embeddings: 300,
    });
  });

  it.each([
    [
      'an id beyond the embedding',
      { tokenizer: vocab((v) => (v.far = 300)) },
      'model.vocab gives "far" the id 300, but the model\'s embedding ends at 299',
    ],
    [
      'an added token beyond it',
      { tokenizer: byteTokenizer(), embeddings: 258, config: { eos_token: '</s>', pad_token: '<pad>' } },
      'added_tokens gives "<pad>" the id 258, but the model\'s embedding ends at 257',
    ],
    ['a negative id', { tokenizer: vocab((v) => (v.bad = -1)) }, 'model.vocab gives "bad" the id -1'],
    ['half an id', { tokenizer: vocab((v) => (v.bad = 1.5)) }, 'model.vocab gives "bad" the id 1.5'],
    ['no id', { tokenizer: vocab((v) => (v.bad = '7')) }, 'model.vocab gives "bad" the id "7"'],
    ['one id twice', { tokenizer: vocab((v) => (v.twin = 67)) }, 'the id 67 stands for both "A" and "twin"'],
    [
      'an end of generation beyond the embedding',
      { generation: { eos_token_id: [1, 300] } },
      'generation_config.json of /model: eos_token_id is 300; the model has the ids 0 to 299',
    ],
    ['an end of the model that is no id', { modelEos: -1 }, 'config.json of /model: eos_token_id is -1'],
    [
      'a word that stands alone',
      {
        tokenizer: byteTokenizer(
          undefined,
          (f) => ((f.added_tokens as { single_word: boolean }[])[0]!.single_word = true),
        ),
      },
      'added_tokens: "<s>" has single_word',
    ],
    [
      'an end that the vocabulary lacks',
      {
        tokenizer: byteTokenizer(
          undefined,
          (f) =>
            (f.post_processor = {
              type: 'TemplateProcessing',
              single: [],
              pair: [],
              special_tokens: { '<b>': { id: '<b>', ids: [9], tokens: ['<b>'] } },
            }),
        ),
      },
      'post_processor adds "<b>" as [9]; its vocabulary says null',
    ],
    [
      'an end under another id',
      {
        tokenizer: byteTokenizer(
          undefined,
          (f) =>
            (f.post_processor = {
              type: 'Sequence',
              processors: [{ type: 'BertProcessing', cls: ['<s>', 0], sep: ['</s>', 2] }],
            }),
        ),
      },
      'post_processor adds "</s>" as [2]; its vocabulary says 1',
    ],
    ['a file without a model', { tokenizer: { model: null } }, 'cannot be read'],
  ])('%s is refused by name', (_, given, words) => {
    const { code, message } = failureOf(() => open(given));
    expect([code, message]).toEqual(['bad-model', expect.stringContaining(words)]);
  });

  it('says in which file and field an end is no id', () => {
    expect(failureOf(() => open({ generation: { eos_token_id: ['1'] } }))).toMatchObject({
      message: 'generation_config.json of /model: eos_token_id is "1"; the model has the ids 0 to 299.',
      details: { file: '/model', field: 'eos_token_id', value: '1' },
    });
    for (const id of [300, 1.5, -1])
      expect(failureOf(() => open({ modelEos: id })).details).toMatchObject({ value: id });
    expect(open({ generation: { eos_token_id: [null, 299] }, modelEos: undefined }).stopIds).toEqual([1, 299]);
  });

  it('refuses a file that is nested too deeply', () => {
    let step: Record<string, unknown> = { type: 'NFC' };
    for (let i = 0; i < 20_000; i++) step = { type: 'Sequence', normalizers: [step] };
    expect(failureOf(() => open({ tokenizer: byteTokenizer(undefined, (f) => (f.normalizer = step)) }))).toMatchObject({
      code: 'bad-model',
      message: 'The tokenizer of /model cannot be read: it is nested too deeply.',
    });
  });

  it('says which text it cannot write, where it has no unknown token', () => {
    const words = {
      ...byteTokenizer(),
      pre_tokenizer: { type: 'Whitespace' },
      model: { type: 'WordLevel', vocab: { '<s>': 0, '</s>': 1, a: 2 } },
    };
    const format = open({ tokenizer: words });
    expect(format.encode('a a', false)).toEqual([2, 2]);
    expect(failureOf(() => format.encode('a b', false))).toMatchObject({
      code: 'bad-data',
      message: 'The vocabulary of /model lacks "b", and it has no unknown token.',
    });
  });

  it('ends a pattern that never ends', () => {
    const slow = byteTokenizer(
      undefined,
      (f) => (f.pre_tokenizer = { type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated', invert: false }),
    );
    expect(failureOf(() => open({ tokenizer: slow }).encode(`${'a'.repeat(50)}!`, false)).message).toBe(
      'tokenizer.json of /model takes longer than 5 s for one text.',
    );
  }, 20_000);
});

describe('chat templates', () => {
  const render = (
    template: unknown,
    messages: readonly { readonly role: 'user'; readonly content: string }[] = [user('Hi')],
    more = {},
    options = {},
  ) =>
    open({
      config: { eos_token: '</s>', bos_token: '<s>', image_token: '<i>', chat_template: template },
      ...more,
    }).render(messages, true, options);

  it('see the names that transformers gives them', () => {
    expect(
      render(
        '{{ bos_token }}{{ eos_token }}{{ image_token }}{{ pad_token is defined }}{{ tools is none }}{{ documents ' +
          'is none }}{{ add_generation_prompt }}',
      ),
    ).toBe('<s></s><i>FalseTrueTrueTrue');
  });

  it('see whole messages, without their empty fields, and thoughts under every name', () => {
    const message = {
      role: 'user',
      content: 'Hi',
      name: 'Ann',
      tool_call_id: 'c1',
      tool_calls: [{ function: { name: 'f' } }],
      extra: null,
      reasoning: 'hm',
    } as unknown as ReturnType<typeof user>;
    expect(
      render(
        '{{ messages[0].name }}{{ messages[0].tool_call_id }}{{ messages[0].tool_calls[0].function.name }}{{ ' +
          'messages[0].extra is defined }}',
        [message],
      ),
    ).toBe('Annc1fFalse');
    expect(
      render('{{ messages[0].reasoning_content }}{{ messages[0].thinking }}{{ messages[0].reasoning }}', [message]),
    ).toBe('hmhmhm');
    expect(render('{{ messages[0] | list }}', [user('x')])).toBe("['role', 'content']");
  });

  it('get a row’s tools, and the template for them where there is one', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(render('{{ tools | tojson }}', undefined, {}, { tools })).toBe(
      '[{"type": "function", "function": {"name": "f"}}]',
    );
    const named = [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
      { name: 'rag', template: '{% broken' },
    ];
    expect([
      render(named, undefined, {}, { tools }),
      render(named),
      render([named[1]], undefined, {}, { tools }),
    ]).toEqual(['T', 'D', 'D']);
    expect(open({ config: { eos_token: '</s>', chat_template: named } }).notes).toEqual([
      'Of the chat templates tool_use, default, rag, "default" is used, and "tool_use" for rows with tools.',
    ]);
  });

  it('in files of their own count before tokenizer_config.json', () => {
    expect(render('config', undefined, { templates: new Map([['default', 'file']]) })).toBe('file');
  });

  it('without a default are refused, with what there is', () => {
    expect(failureOf(() => render([{ name: 'rag', template: 'x' }])).message).toBe(
      '/model has the chat templates rag, and none named "default".',
    );
    expect(failureOf(() => render(undefined)).message).toBe(
      '/model has no chat template, but the data are conversations.',
    );
    expect(
      open({ config: { eos_token: '</s>', chat_template: [{ name: 'rag', template: 'x' }] } }).hasChatTemplate,
    ).toBe(false);
  });

  it('refuse a conversation with their own words', () => {
    expect(failureOf(() => render("{{ raise_exception('no system turns') }}"))).toEqual({
      code: 'bad-data',
      message: 'The chat template of /model refuses a conversation: no system turns.',
      hint: 'Check the order and the roles of the messages.',
      details: { file: '/model', template: true, reason: 'no system turns' },
    });
    expect(failureOf(() => render('{{ messages[5].role }}'))).toMatchObject({
      code: 'bad-data',
      details: { template: true },
    });
    expect(failureOf(() => render('{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'))).toMatchObject({
      details: { reason: 'it calls itself without end, or is nested too deeply' },
    });
  });

  it.each([
    ['a filter that is not known', '{{ 1 | wordwrap }}', 'uses the filter "wordwrap", which is not known here'],
    ['a test', '{% if false %}{{ 1 is escaped }}{% endif %}', 'uses the test "escaped"'],
    ['a filter of everything', '{{ 1 | constructor }}', 'uses the filter "constructor"'],
    ['a broken template', '{% if %}', 'cannot be read'],
    ['a nested one', `{{ ${'('.repeat(50_000)}1${')'.repeat(50_000)} }}`, 'cannot be read: it is nested too deeply'],
    ['a long one', 'x'.repeat((1 << 20) + 1), 'is 1048577 characters long'],
  ])('%s is refused when the model is opened', (_, template, words) => {
    expect(failureOf(() => open({ config: { eos_token: '</s>', chat_template: template } }))).toMatchObject({
      code: 'bad-model',
      message: expect.stringContaining(words) as string,
    });
  });

  it('that use what is only found while they run are the model’s fault, not a row’s', () => {
    expect(failureOf(() => render("{{ 'a'.zfill(3) }}"))).toMatchObject({
      code: 'bad-model',
      message: 'The chat template of /model uses the string method zfill(), which is not known here.',
    });
    expect(failureOf(() => render("{{ strftime_now('%G') }}"))).toMatchObject({ code: 'bad-model' });
  });

  it('may not grow without end', () => {
    expect(
      failureOf(() =>
        render('{% set n = namespace(x="ab") %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}'),
      ),
    ).toMatchObject({ details: { reason: 'a value grows too large' } });
    expect(failureOf(() => render('{{ "ab" * 99999999 }}'))).toMatchObject({
      details: { reason: 'a value grows too large' },
    });
  });
});
