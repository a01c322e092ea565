import { describe, expect, it } from 'vitest';
import { chatTemplates } from '../../../../../src-main/engine/tokenizer/chat-templates';
import { failureOf, tokenizerFiles } from '../../../support/tokenizer-files';

const special = new Map([['bos_token', '<s>']]);
const open = (chat_template: unknown, files: ReadonlyMap<string, string> = new Map()) =>
  chatTemplates(tokenizerFiles({ config: { chat_template }, templates: files }), special);
const user = [{ role: 'user', content: 'x' }] as const;

describe('the templates of a model', () => {
  it.each<[string, unknown, ReadonlyMap<string, string>, string]>([
    ['one text is the default', 'one', new Map(), 'one'],
    ['a named default', [{ name: 'default', template: 'D' }], new Map(), 'D'],
    [
      'a list with broken entries',
      [null, { name: 3, template: 'a' }, { name: 'b' }, { name: 'default', template: 'D' }],
      new Map(),
      'D',
    ],
    ['files before the configuration', 'one', new Map([['default', 'file']]), 'file'],
  ])('%s', (_, given, files, text) => {
    const templates = open(given, files);
    expect([templates.usable, templates.notes]).toEqual([true, []]);
    expect(templates.render(user, false, {})).toBe(text);
  });

  it.each<[string, unknown, string, object]>([
    [
      'no template at all',
      undefined,
      '/model has no chat template, but the data are conversations.',
      { file: '/model' },
    ],
    [
      'a template that is no text',
      3,
      '/model has no chat template, but the data are conversations.',
      { file: '/model' },
    ],
    [
      'none that is meant for all',
      [
        { name: 'rag', template: 'r' },
        { name: 'tool_use', template: 't' },
      ],
      '/model has the chat templates rag, tool_use, and none named "default".',
      { file: '/model', templates: ['rag', 'tool_use'] },
    ],
  ])('%s: said when a conversation comes', (_, given, message, details) => {
    const templates = open(given);
    expect(templates.usable).toBe(false);
    expect(failureOf(() => templates.render(user, false, {}))).toMatchObject({ code: 'bad-model', message, details });
  });

  it('of two, the second is told of only where it is used', () => {
    expect(
      open([
        { name: 'default', template: 'D' },
        { name: 'rag', template: '{% broken' },
      ]).notes,
    ).toEqual(['Of the chat templates default, rag, "default" is used.']);
    expect(open([{ name: 'tool_use', template: 'T' }]).render(user, false, { tools: [{}] })).toBe('T');
  });

  it('say whether one of them knows the role `developer`', () => {
    expect([open("{{ r == 'developer' }}").knowsDeveloper, open('dev').knowsDeveloper]).toEqual([true, false]);
    const second = [
      { name: 'default', template: 'D' },
      { name: 'rag', template: 'developer' },
    ];
    expect(open(second).knowsDeveloper).toBe(true);
  });
});

describe('what a template sees', () => {
  it.each<[string, object, boolean, string]>([
    [
      '{{ bos_token }}{{ add_generation_prompt }}{{ tools is none }}{{ documents is none }}',
      {},
      false,
      '<s>FalseTrueTrue',
    ],
    ['{{ add_generation_prompt }}{{ tools | length }}', { tools: [{}, {}] }, true, 'True2'],
    ['{{ tools }}', { tools: [] }, true, '[]'],
  ])('%s', (template, options, prompt, text) => expect(open(template).render(user, prompt, options)).toBe(text));

  it.each([
    ['reasoning_content', "['thinking', 'role', 'content', 'reasoning_content']"],
    ['thinking', "['thinking', 'role', 'content', 'reasoning_content']"],
    ['reasoning', "['thinking', 'role', 'content', 'reasoning', 'reasoning_content']"],
  ])('thoughts given as %s have the names that templates know', (name, keys) => {
    const message = { role: 'assistant', content: 'a', [name]: 'hm' } as never;
    expect(open('{{ messages[0] | list }}').render([message], false, {})).toBe(keys);
    expect(open('{{ messages[0].thinking }}{{ messages[0].reasoning_content }}').render([message], false, {})).toBe(
      'hmhm',
    );
  });

  it('without thoughts nothing is added, and the first of several counts', () => {
    expect(open('{{ messages[0] | list }}').render(user, false, {})).toBe("['role', 'content']");
    const both = {
      role: 'assistant',
      content: 'a',
      reasoning: 'late',
      reasoning_content: 'first',
      thinking: null,
    } as never;
    expect(open('{{ messages[0].thinking }}').render([both], false, {})).toBe('first');
  });
});

describe('a template’s size and faults', () => {
  it('may have a million characters, and not one more', () => {
    expect(open('x'.repeat(1 << 20)).usable).toBe(true);
    expect(failureOf(() => open('x'.repeat((1 << 20) + 1)))).toMatchObject({
      code: 'bad-model',
      details: { file: '/model' },
    });
  });

  it('a fault while reading is the model’s, one while rendering the row’s', () => {
    expect(failureOf(() => open('{% if %}'))).toMatchObject({ code: 'bad-model', details: { file: '/model' } });
    expect(failureOf(() => open('{{ 1 / 0 }}').render(user, false, {}))).toEqual({
      code: 'bad-data',
      message: 'The chat template of /model refuses a conversation: division by zero.',
      hint: 'Check the order and the roles of the messages.',
      details: { file: '/model', template: true, reason: 'division by zero' },
    });
    expect(failureOf(() => open("{{ 'a'.zfill(3) }}").render(user, false, {}))).toMatchObject({
      code: 'bad-model',
      details: { file: '/model' },
    });
  });
});
