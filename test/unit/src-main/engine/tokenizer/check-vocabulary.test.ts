import { describe, expect, it } from 'vitest';
import { checkVocabulary } from '../../../../../src-main/engine/tokenizer/check-vocabulary';
import type { AddedToken, Json } from '../../../../../src-main/engine/tokenizer/types';
import { failureOf, tokenizerFiles } from '../../../support/tokenizer-files';

const added = (id: number, content: string, single_word = false): AddedToken => ({
  id,
  content,
  special: true,
  single_word,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
const check = (
  vocab: unknown,
  more: readonly AddedToken[] = [],
  post_processor: unknown = null,
  embeddings = 4,
): number => checkVocabulary(tokenizerFiles({ tokenizer: { model: { vocab }, post_processor }, embeddings }), more);

describe('checkVocabulary', () => {
  it.each<[string, unknown, readonly AddedToken[], number]>([
    ['an empty vocabulary', {}, [], 0],
    ['its last id is the embedding’s last row', { a: 0, b: 3 }, [], 4],
    ['holes', { a: 2 }, [], 3],
    ['an added token after it', { a: 0 }, [added(2, 'x')], 3],
    ['an added token that is in it', { a: 0, b: 1 }, [added(1, 'b')], 2],
    [
      'a list, where the place is the id',
      [
        ['a', -1],
        ['b', -2],
      ],
      [],
      2,
    ],
  ])('%s: %#', (_, vocab, more, size) => expect(check(vocab, more)).toBe(size));

  it.each<[string, unknown, readonly AddedToken[], string, Json]>([
    [
      'beyond the last row',
      { a: 0, b: 4 },
      [],
      'model.vocab gives "b" the id 4, but the model\'s embedding ends at 3.',
      { field: 'model.vocab', token: 'b', id: 4, embeddings: 4 },
    ],
    [
      'added beyond it',
      { a: 0 },
      [added(4, 'x')],
      'added_tokens gives "x" the id 4, but the model\'s embedding ends at 3.',
      { field: 'added_tokens', token: 'x', id: 4, embeddings: 4 },
    ],
    [
      'less than 0',
      { a: -1 },
      [],
      'model.vocab gives "a" the id -1; an id is a whole number from 0.',
      { field: 'model.vocab', token: 'a', id: -1 },
    ],
    [
      'a fraction',
      { a: 0.5 },
      [],
      'model.vocab gives "a" the id 0.5; an id is a whole number from 0.',
      { field: 'model.vocab', token: 'a', id: 0.5 },
    ],
    [
      'a text',
      { a: '1' },
      [],
      'model.vocab gives "a" the id "1"; an id is a whole number from 0.',
      { field: 'model.vocab', token: 'a', id: '1' },
    ],
    [
      'single_word',
      { a: 0 },
      [added(1, 'x', true)],
      'added_tokens: "x" has single_word, which cannot be honoured.',
      { field: 'added_tokens', token: 'x' },
    ],
    [
      'twice in the vocabulary',
      { a: 1, b: 1 },
      [],
      'the id 1 stands for both "a" and "b".',
      { field: 'model.vocab', id: 1 },
    ],
    [
      'twice with an added one',
      { a: 1 },
      [added(1, 'x')],
      'the id 1 stands for both "a" and "x".',
      { field: 'model.vocab', id: 1 },
    ],
  ])('refuses an id %s', (_, vocab, more, words, details) => {
    expect(failureOf(() => check(vocab, more))).toMatchObject({
      code: 'bad-model',
      message: `tokenizer.json of /model: ${words}`,
      details: { file: '/model', ...details },
    });
  });

  const steps = (special: object): unknown => ({ type: 'Sequence', processors: [{ type: 'ByteLevel' }, special] });
  it.each<[string, unknown]>([
    ['none', null],
    ['a template', { type: 'TemplateProcessing', special_tokens: { a: { ids: [0] }, x: { ids: [2] } } }],
    ['Bert’s', { type: 'BertProcessing', cls: ['a', 0], sep: ['x', 2] }],
    ['steps', steps({ cls: ['a', 0] })],
  ])('a step that adds tokens: %s is right', (_, step) => expect(check({ a: 0, b: 1 }, [added(2, 'x')], step)).toBe(3));

  it.each<[string, unknown, string, string]>([
    ['another id', { special_tokens: { a: { ids: [1] } } }, 'a', '[1]; its vocabulary says 0'],
    ['two ids', { special_tokens: { a: { ids: [0, 1] } } }, 'a', '[0,1]; its vocabulary says 0'],
    ['no id', { special_tokens: { a: {} } }, 'a', '[]; its vocabulary says 0'],
    ['a token that is not there', { special_tokens: { z: { ids: [9] } } }, 'z', '[9]; its vocabulary says null'],
    ['cls', { cls: ['a', 1], sep: ['b', 1] }, 'a', '[1]; its vocabulary says 0'],
    ['sep', { cls: ['a', 0], sep: ['b', 0] }, 'b', '[0]; its vocabulary says 1'],
    ['an added one', { cls: ['x', 1] }, 'x', '[1]; its vocabulary says 2'],
    ['one step of several', steps({ sep: ['b', 3] }), 'b', '[3]; its vocabulary says 1'],
  ])('a step that adds tokens: %s is refused', (_, step, token, words) => {
    expect(failureOf(() => check({ a: 0, b: 1 }, [added(2, 'x')], step))).toMatchObject({
      message: `tokenizer.json of /model: post_processor adds ${JSON.stringify(token)} as ${words}.`,
      details: { file: '/model', field: 'post_processor', token },
    });
  });
});
