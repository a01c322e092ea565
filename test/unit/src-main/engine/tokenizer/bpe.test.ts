import { describe, expect, it } from 'vitest';
import { bytePairs } from '../../../../../src-main/engine/tokenizer/bpe';
import { failureOf } from '../../../support/tokenizer-files';
import { byteLetters, remembering } from '../../../../../src-main/engine/tokenizer/words';

const ids = (...texts: readonly string[]): ReadonlyMap<string, number> => new Map(texts.map((text, i) => [text, i]));
const words = ids('a', 'b', 'c', 'ab', 'bc', 'abc', 'aa', 'aaaa', '?', '<0xC3>', '<0xA9>');
const pieces = (merges: unknown, more = {}) => bytePairs({ merges, ...more }, words, '/model');

describe('bytePairs', () => {
  it('takes the merge that stands first, not the first in the text', () => {
    expect(pieces(['b c', 'a b'])('abc')).toEqual(['a', 'bc']);
    expect(pieces(['a b', 'b c'])('abc')).toEqual(['ab', 'c']);
    expect(
      pieces([
        ['a', 'b'],
        ['ab', 'c'],
      ])('abcab'),
    ).toEqual(['abc', 'ab']);
  });

  it('takes the leftmost of equal ones, and merges what merges made', () => {
    expect(pieces(['a a'])('aaa')).toEqual(['aa', 'a']);
    expect(pieces(['a a', 'aa aa'])('aaaaaaa')).toEqual(['aaaa', 'aa', 'a']);
    expect(pieces(['a a', 'aa aa'])('a'.repeat(4 * 50_000))).toEqual(Array(50_000).fill('aaaa'));
  });

  it('counts the later of two equal merges, as a map does', () => {
    expect(pieces(['a b', 'b c', 'a b'])('abc')).toEqual(['a', 'bc']);
  });

  it('gives what the vocabulary lacks as bytes, as the unknown token, or not at all', () => {
    expect(pieces([])('aé')).toEqual(['a']);
    expect(pieces([], { byte_fallback: true })('aé')).toEqual(['a', '<0xC3>', '<0xA9>']);
    expect(pieces([], { byte_fallback: true, unk_token: '?' })('aèb')).toEqual(['a', '?', 'b']);
    expect(pieces([], { unk_token: '?' })('xyaz')).toEqual(['?', '?', 'a', '?']);
    expect(pieces([], { unk_token: '?', fuse_unk: true })('xyaz')).toEqual(['?', 'a', '?']);
    expect(pieces([], { unk_token: '?', fuse_unk: true, byte_fallback: true })('xéy')).toEqual([
      '?',
      '<0xC3>',
      '<0xA9>',
      '?',
    ]);
  });

  it('merges in the order of the list, wherever a merge stands in a text', () => {
    // by hand: ranks 0 "c d", 1 "b c", 2 "a b", 3 "ab cd", 4 "d a"
    const vocabulary = ids('a', 'b', 'c', 'd', 'cd', 'bc', 'ab', 'abcd', 'da');
    const pieces = bytePairs({ merges: ['c d', 'b c', 'a b', 'ab cd', 'd a'] }, vocabulary, '/model');
    expect(pieces('abcd')).toEqual(['abcd']);
    expect(pieces('abcabcd')).toEqual(['a', 'bc', 'abcd']);
    expect(pieces('dabcd')).toEqual(['d', 'abcd']);
    expect(pieces('ddaa')).toEqual(['d', 'da', 'a']);
    expect(pieces('b')).toEqual(['b']);
    expect(pieces('abcdabcdabcd')).toEqual(['abcd', 'abcd', 'abcd']);
  });

  it.each<[string, unknown, number]>([
    ['one part', ['a b', 'ab'], 1],
    ['three parts', ['a b c'], 0],
    ['a number', [3], 0],
    ['no text in a list', [['a', 1]], 0],
    ['a part that the vocabulary lacks', ['a b', 'b c', 'a x'], 2],
    ['an end that the vocabulary lacks', ['x a'], 0],
    ['what they make is not there', ['c a'], 0],
  ])('refuses a merge: %s', (_, merges, index) => {
    expect(failureOf(() => pieces(merges))).toMatchObject({
      code: 'bad-model',
      details: { file: '/model', field: 'model.merges', index },
    });
  });

  it('gives whole words before merges where the file says so', () => {
    expect(pieces([], { ignore_merges: true })('abc')).toEqual(['abc']);
    expect(pieces([])('abc')).toEqual(['a', 'b', 'c']);
    expect(pieces([])('')).toEqual([]);
  });

  it.each([
    ['a x', 'the vocabulary lacks "x"'],
    ['x a', 'the vocabulary lacks "x"'],
    ['c a', 'the vocabulary lacks "ca"'],
    ['a b c', 'a merge is two texts'],
    [['a'], 'a merge is two texts'],
    [7, 'a merge is two texts'],
  ])('refuses the merge %j by its place', (merge, why) => {
    expect(() => pieces(['a b', merge])).toThrow(`model.merges[1] is ${JSON.stringify(merge)}, and ${why}`);
  });
});

describe('remembering', () => {
  it('asks once for a word, and again for a long one', () => {
    const asked: string[] = [];
    const known = remembering((word) => {
      asked.push(word);
      return [word];
    });
    const long = 'x'.repeat(65);
    for (const word of ['a', 'a', long, long, 'constructor']) expect(known(word)).toEqual([word]);
    expect(asked).toEqual(['a', long, long, 'constructor']);
  });

  it('forgets when it holds 100,000 words', () => {
    let asked = 0;
    const known = remembering((word) => [`${word}${asked++}`]);
    for (let i = 0; i < 100_000; i++) known(String(i));
    expect(known('0')).toEqual(['00']);
    known('one more');
    expect(known('0')).toEqual(['0100001']);
  });
});

it('writes bytes as GPT-2 does', () => {
  expect(byteLetters(' a\n~é\u00ad')).toBe('ĠaĊ~Ã©ÂŃ');
  expect(byteLetters('\u0000\u007f\u00a0')).toBe('ĀġÂł');
});
