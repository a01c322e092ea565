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
