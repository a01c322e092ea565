import { describe, expect, it } from 'vitest';
import { specialTokens, tokenText, vocabularyOf } from '../../../../../src-main/engine/tokenizer/special-tokens';
import { byteTokenizer, tokenizerFiles } from '../../../support/tokenizer-files';

const named = (...given: Parameters<typeof tokenizerFiles>) =>
  Object.fromEntries(specialTokens(tokenizerFiles(...given)).named);
const added = (...given: Parameters<typeof tokenizerFiles>) => specialTokens(tokenizerFiles(...given)).added.slice(2);

describe('special tokens by name', () => {
  it('are those of tokenizer_config.json, texts or objects, a model’s own too', () => {
    const config = {
      bos_token: { content: '<s>', lstrip: false },
      eos_token: '</s>',
      pad_token: null,
      image_token: '<i>',
      extra_special_tokens: { audio: '<a>' },
      model_max_length: 3,
      other_token: { content: 'x' },
    };
    expect(named({ config })).toEqual({ bos_token: '<s>', eos_token: '</s>', image_token: '<i>', audio: '<a>' });
  });

  it('are those of special_tokens_map.json where the configuration has no added_tokens_decoder, and count before it', () => {
    const specialTokens = { bos_token: '<s>', eos_token: { content: '<end>' }, sep_token: '</s>' };
    expect(named({ config: { eos_token: '</s>' }, specialTokens })).toEqual({
      bos_token: '<s>',
      eos_token: '<end>',
      sep_token: '</s>',
    });
    expect(named({ config: { eos_token: '</s>', added_tokens_decoder: {} }, specialTokens })).toEqual({
      eos_token: '</s>',
    });
  });

  it('never come from what every object has', () => {
    expect(named({ config: {} })).toEqual({});
    expect(specialTokens(tokenizerFiles({ config: { constructor: 'x' } })).named.get('constructor')).toBeUndefined();
  });

  it.each([
    ['a', 'a'],
    [{ content: 'b' }, 'b'],
    [{ content: 1 }, null],
    [null, null],
    [undefined, null],
    [['c'], null],
  ])('the text of %j is %j', (token, text) => expect(tokenText(token)).toBe(text));
});

describe('added tokens', () => {
  const flags = { single_word: false, lstrip: false, rstrip: false };

  it('that only the configuration names get the next id, or the vocabulary’s own', () => {
    expect(added({ config: { eos_token: '</s>', pad_token: '<pad>', mask_token: 'A' } })).toEqual([
      { id: 258, content: '<pad>', special: true, normalized: false, ...flags },
      { id: 67, content: 'A', special: true, normalized: false, ...flags },
    ]);
  });

  it('of added_tokens_decoder are there, in the order of their ids, with their flags', () => {
    const decoder = {
      259: { content: '<y>', special: false, lstrip: true },
      258: { content: '<x>', special: true, rstrip: true },
      1: { content: '</s>', special: true, lstrip: true, normalized: false },
    };
    const all = specialTokens(tokenizerFiles({ config: { added_tokens_decoder: decoder } })).added;
    expect(
      all.map(({ id, content, special, lstrip, rstrip, normalized }) => [
        id,
        content,
        special,
        lstrip,
        rstrip,
        normalized,
      ]),
    ).toEqual([
      [0, '<s>', true, false, false, false],
      [1, '</s>', true, true, false, false],
      [258, '<x>', true, false, true, false],
      [259, '<y>', false, true, false, true],
    ]);
  });

  it('of added_tokens.json are there with its ids; those with a name are special', () => {
    expect(added({ config: { pad_token: '<pad>' }, addedTokens: { '<pad>': 270, '<x>': 271 } })).toEqual([
      { id: 270, content: '<pad>', special: true, normalized: false, ...flags },
      { id: 271, content: '<x>', special: false, normalized: true, ...flags },
    ]);
    expect(added({ config: { added_tokens_decoder: {} }, addedTokens: { '<x>': 271 } })).toEqual([]);
  });

  it('of additional_special_tokens are special; one that is there is left as it is', () => {
    expect(added({ config: { additional_special_tokens: ['<x>', '</s>'] } })).toEqual([
      { id: 258, content: '<x>', special: true, normalized: false, ...flags },
    ]);
    expect(added({ config: { extra_special_tokens: [{ content: '<z>', special: true }, ''] } })).toEqual([
      { id: 258, content: '<z>', special: true, normalized: false, ...flags },
    ]);
  });

  it('of special_tokens_map.json keep their flags', () => {
    expect(added({ specialTokens: { mask_token: { content: '<mask>', lstrip: true, normalized: false } } })).toEqual([
      {
        id: 258,
        content: '<mask>',
        special: true,
        normalized: false,
        single_word: false,
        lstrip: true,
        rstrip: false,
      },
    ]);
  });
});

describe('vocabularyOf', () => {
  it('reads an object and a list; names that every object has are tokens like others', () => {
    const file = JSON.parse('{"model":{"vocab":{"__proto__":3,"constructor":4}}}') as Record<string, unknown>;
    expect([...vocabularyOf(file)]).toEqual([
      ['__proto__', 3],
      ['constructor', 4],
    ]);
    expect([
      ...vocabularyOf({
        model: {
          vocab: [
            ['a', -1],
            ['toString', -2],
          ],
        },
      }),
    ]).toEqual([
      ['a', 0],
      ['toString', 1],
    ]);
    expect(vocabularyOf({ model: {} }).size).toBe(0);
    expect(vocabularyOf(byteTokenizer()).size).toBe(258);
  });
});
