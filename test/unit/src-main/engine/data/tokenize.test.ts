import { describe, expect, it } from 'vitest';
import { DuplicateFinder, hash } from '../../../../../src-main/engine/data/checks/duplicates';
import { encodePrompt, tokenizePair } from '../../../../../src-main/engine/data/tokenize';
import type { ChatFormat } from '../../../../../src-main/engine/tokenizer/types';
import { PackedLogprobs } from '../../../../../src-main/engine/infer/logprob-table';
import { pairsOfRound, planSteps, stepSelector } from '../../../../../src-main/engine/train/loop/order';
import { PairPacker } from '../../../../../src-main/engine/batch/packed-pairs';
import { pairsHash } from '../../../../../src-main/engine/train/reference/reference-cache';
import type { Message, PreferencePair } from '../../../../../src-main/shared/data/dataset';
import { wordCount } from '../../../../../src-main/shared/data/pair-text';
import { throwFailure } from '../../../../../src-main/shared/result';
import { problemSentence, RowProblems } from '../../../../../src-main/shared/data/row-problems';
import { chat } from './characters';

const options = { maxLength: 100, truncation: 'fit' } as const;
const u = (content: string): Message => ({ role: 'user', content });
const a = (content: string): Message => ({ role: 'assistant', content });
const pair = (chosen: string, rejected: string, prompt: readonly Message[] = [u('p')]): PreferencePair => ({
  row: 3,
  prompt: { kind: 'messages', messages: prompt },
  chosen: [a(chosen)],
  rejected: [a(rejected)],
});

describe('a pair', () => {
  it('whose answers the template makes one is left out by name', () => {
    expect(tokenizePair(chat(), pair('x', 'x \n'), options)).toMatchObject({
      row: 3,
      code: 'same-after-template',
      field: 'rejected',
    });
    expect(tokenizePair(chat(), pair('x', 'xy'), options)).toMatchObject({
      chosenIds: [120],
      rejectedIds: [120, 121],
    });
  });
  it('whose answers are one after the cut is left out by name, however it is cut', () => {
    const long = pair(`${'x'.repeat(50)}y`, `${'x'.repeat(50)}z`);
    for (const truncation of ['fit', 'seed'] as const)
      expect(tokenizePair(chat(), long, { maxLength: 20, truncation })).toMatchObject({
        code: 'same-after-cut',
        field: 'rejected',
      });
    expect(tokenizePair(chat(), long, options)).toMatchObject({ cut: { chosen: 0 } });
  });
  it('of which only the chosen answer counts may have two alike', () => {
    expect(tokenizePair(chat(), pair('x', 'x '), { ...options, chosenOnly: true })).toMatchObject({
      chosenIds: [120],
    });
  });
  it('of which only the chosen answer counts has its prompt’s end there, whatever the rejected one is', () => {
    const merging: ChatFormat = {
      ...chat(),
      encode: (text) => [...text.replace('pb', 'B')].map((c) => c.charCodeAt(0)),
    };
    const given = { row: 1, prompt: { kind: 'text', text: 'xp' }, chosen: 'a', rejected: 'b' } as const;
    const prompt = (chosenOnly: boolean) => tokenizePair(merging, given, { ...options, chosenOnly });
    expect(prompt(false)).toMatchObject({ promptIds: [120] });
    expect(prompt(true)).toMatchObject({ promptIds: [120, 112] });
  });
  it('that the template refuses is that row’s problem; a model without a template is not', () => {
    expect(tokenizePair(chat(), pair('x', 'y', [u('no')]), options)).toMatchObject({
      row: 3,
      field: 'prompt',
      code: 'template-refuses',
      message: 'The chat template refuses this conversation: not so.',
    });
    const none = { ...chat(), render: () => throwFailure('bad-model', 'no template', '') };
    expect(() => tokenizePair(none, pair('x', 'y'), options)).toThrow('no template');
  });
  it('has a developer where the template knows one, otherwise a system turn', () => {
    const prompt = { kind: 'messages', messages: [{ role: 'developer', content: 'b' }, u('p')] } as const;
    const text = (knows: boolean): string =>
      encodePrompt(chat(knows), prompt)
        .map((id) => String.fromCharCode(id))
        .join('');
    expect([text(false), text(true)]).toEqual(['<s>b<u>p<a>', '<d>b<u>p<a>']);
  });
  it('has its tools in all three renderings', () => {
    const found = tokenizePair(
      chat(),
      { ...pair('x', 'y'), prompt: { kind: 'messages', messages: [u('p')], tools: [1] } },
      options,
    );
    expect(found).toMatchObject({ promptIds: [...'[1]<u>p<a>'].map((c) => c.charCodeAt(0)) });
  });
});

it('duplicates and exchanged answers are found, by rows', () => {
  const finder = new DuplicateFinder();
  const texts = [
    ['p', 'x', 'y'],
    ['q', 'x', 'y'],
    ['p', 'x', 'y'],
    ['p', 'y', 'x'],
    ['p', 'x', 'z'],
  ] as const;
  texts.forEach(([prompt, chosen, rejected], i) =>
    finder.add({ row: i + 1, prompt: { kind: 'text', text: prompt }, chosen, rejected }),
  );
  expect(finder.warnings.groups().map(({ code, rows, count }) => [code, rows, count])).toEqual([
    ['duplicate', [3], 1],
    ['swapped', [4], 1],
  ]);
  expect(finder.warnings.groups().map(({ message }) => message)).toEqual([
    'The same pair as row 1.',
    expect.stringMatching(/row 1 with chosen and rejected exchanged/),
  ]);
  expect(finder.duplicatePrompts).toBe(3);
});

it('hashes differ for texts that differ little', () => {
  const texts = Array.from({ length: 200_000 }, (_, i) => `say ${i}`);
  expect(new Set(texts.map(hash)).size).toBe(texts.length);
  expect(new Set(['', 'a', 'aa', 'ab', 'ba'].map(hash)).size).toBe(5);
  expect(texts.every((text) => hash(text) < 2 ** 52)).toBe(true);
});

it('problems keep their counts and the first rows', () => {
  const problems = new RowProblems();
  for (let row = 1; row <= 5000; row++)
    problems.add({
      row,
      code: 'empty-response',
      field: row % 5 === 0 ? 'rejected' : 'chosen',
      message: `row ${row}`,
    });
  problems.add({ row: 9, code: 'not-json', field: '', message: 'x' });
  expect(problems.count).toBe(5001);
  expect(problems.countOf('not-json', 'wrong-type')).toBe(1);
  expect(problems.groups().map(({ field, count, rows }) => [field, count, rows.length, rows[0]])).toEqual([
    ['chosen', 4000, 20, 1],
    ['rejected', 1000, 20, 5],
    ['', 1, 1, 9],
  ]);
  const list = problems.list();
  expect(list).toHaveLength(2001);
  expect(list.every(({ row }, i) => i === 0 || list[i - 1]!.row <= row)).toBe(true);
  expect(problemSentence(problems.groups())).toBe(
    '5001 rows are left out: 4000 empty-response (rows 1, 2, 3, 4, 6, …), 1000 empty-response (rows 5, 10, 15, ' +
      '20, 25, …), 1 not-json (row 9); the first is row 1: row 1',
  );
  expect(problemSentence([])).toBeNull();
});

describe('many pairs', () => {
  const whole = Array.from({ length: 50 }, (_, i) => ({
    row: i + 1,
    promptIds: [i, i + 1],
    chosenIds: Array.from({ length: i }, (_x, k) => k),
    rejectedIds: [7],
    cut: { prompt: 0, chosen: i % 2, rejected: 0 },
  }));
  const packer = new PairPacker();
  const packed = whole.map((one) => packer.pack(one));
  it('packed say the same, and hash the same', () => {
    packed.forEach((one, i) =>
      expect([one.row, [...one.promptIds], [...one.chosenIds], [...one.rejectedIds], one.cut]).toEqual(
        Object.values(whole[i]!),
      ),
    );
    expect(pairsHash(packed)).toBe(pairsHash(whole));
    expect(pairsHash(packed.slice(1))).not.toBe(pairsHash(packed));
  });
  it('longer than a piece of the hash are hashed whole', () => {
    const long = { ...whole[0]!, chosenIds: Array.from({ length: 200_000 }, (_, i) => i) };
    expect(pairsHash([long])).not.toBe(pairsHash([{ ...long, chosenIds: long.chosenIds.with(199_999, 5) }]));
  });
  it('have their log-probs in one array', () => {
    const table = new PackedLogprobs(packed);
    for (const { row, chosenIds } of packed)
      table.set(row, { chosen: new Float32Array(chosenIds.length).fill(row), rejected: Float32Array.of(-row) });
    for (const { row, chosenIds } of packed)
      expect([[...table.get(row)!.chosen], [...table.get(row)!.rejected]]).toEqual([
        Array<number>(chosenIds.length).fill(row),
        [-row],
      ]);
    expect(table.get(99)).toBeUndefined();
    expect(table.values).toHaveLength(49 * 25 + 50);
  });
  it('are visited by the steps of a short run in part, in their own order', () => {
    const training = { seed: 42, shuffle: true, pairsPerStep: 4, epochs: 1, maxSteps: 3 };
    const plan = planSteps(packed.length, training, { rounds: 2, roundData: 'repeat' });
    const select = stepSelector(packed.length, plan, training);
    for (const round of [0, 1]) {
      const visited = [1, 2, 3]
        .flatMap((n) => select(round * 3 + n))
        .map((i) => i + 1)
        .sort((x, y) => x - y);
      expect(pairsOfRound(packed, plan, training, round).map(({ row }) => row)).toEqual(visited);
    }
    const all = planSteps(packed.length, { ...training, maxSteps: null });
    expect(pairsOfRound(packed, all, { ...training }, 0)).toBe(packed);
  });
});

it('words are counted as a split by white space counts them', () => {
  for (const text of ['', ' ', 'a', ' a  b\n', 'ä\u00a0b\u2003c', 'don’t – stop\t', '日本\u3000語'])
    expect(wordCount(text)).toBe(text.split(/\s+/).filter(Boolean).length);
  expect(wordCount([u('a b'), a('c')])).toBe(3);
});

describe('a cut', () => {
  // 1 begins a text, 2 ends an answer: "abc" has 4 tokens, "xyz" 4, "w" 2
  const text = (prompt: string, chosen = 'xyz', rejected = 'w'): PreferencePair => ({
    row: 5,
    prompt: { kind: 'text', text: prompt },
    chosen,
    rejected,
  });
  const sizes = (prompt: string, maxLength: number, truncation: 'fit' | 'seed' | 'drop', turned = false) => {
    const found = tokenizePair(chat(), turned ? text(prompt, 'w', 'xyz') : text(prompt), { maxLength, truncation });
    if ('code' in found) return found;
    const { row, promptIds, chosenIds, rejectedIds, cut } = found;
    expect(row).toBe(5);
    expect(cut.chosen + chosenIds.length).toBe(turned ? 2 : 4);
    return [promptIds.length, chosenIds.length, rejectedIds.length, cut.prompt, cut.chosen, cut.rejected];
  };
  it.each([
    ['fits', 'abc', 8, 'drop', [4, 4, 2, 0, 0, 0]],
    ['fits', 'abc', 8, 'fit', [4, 4, 2, 0, 0, 0]],
    ['fits', 'abc', 8, 'seed', [4, 4, 2, 0, 0, 0]],
    ['cuts the longer answer', 'abc', 7, 'fit', [4, 3, 2, 0, 1, 0]],
    ['cuts both answers', 'abc', 5, 'fit', [4, 1, 1, 0, 3, 1]],
    ['cuts answers to the last quarter, a short prompt not', 'abc', 7, 'seed', [4, 2, 2, 0, 2, 0]],
    ['cuts prompt and answers', 'abcdefghi', 8, 'seed', [6, 2, 2, 4, 2, 0]],
    ['cuts a prompt by one', 'abcdefghi', 12, 'seed', [9, 3, 2, 1, 1, 0]],
    ['cuts the prompt alone where that is enough', 'abcdefghijklmnopqrs', 16, 'seed', [12, 4, 2, 8, 0, 0]],
  ] as const)('%s: "%s" within %d by %s', (_name, prompt, maxLength, truncation, expected) =>
    expect(sizes(prompt, maxLength, truncation)).toEqual(expected),
  );
  it('looks at the longer answer, whichever it is', () => {
    expect(sizes('abcdefghijklmnopqrs', 16, 'seed', true)).toEqual([12, 2, 4, 8, 0, 0]);
    expect(sizes('abc', 7, 'fit', true)).toEqual([4, 2, 3, 0, 0, 1]);
  });
  it('keeps the end of a prompt and the beginning of answers', () => {
    const found = tokenizePair(chat(), text('abcdefghi'), { maxLength: 8, truncation: 'seed' });
    expect(found).toMatchObject({ promptIds: codes('defghi'), chosenIds: codes('xy'), rejectedIds: codes('w$') });
  });
  it('leaves out by name what does not fit', () => {
    expect(sizes('abc', 7, 'drop')).toEqual({
      row: 5,
      field: 'prompt',
      code: 'dropped-too-long',
      message: 'The prompt has 4 tokens and the longer response 4; the maximum is 7.',
    });
    expect(sizes('abc', 4, 'fit')).toEqual({
      row: 5,
      field: 'prompt',
      code: 'prompt-too-long',
      message: 'The prompt alone has 4 tokens and leaves no room for a response within 4.',
    });
  });
});

const codes = (text: string): readonly number[] => [...text].map((c) => (c === '$' ? 2 : c.charCodeAt(0)));

describe('tokens of text', () => {
  const idsOf = (format: ChatFormat, prompt: string, chosen: string, rejected: string) =>
    tokenizePair(format, { row: 1, prompt: { kind: 'text', text: prompt }, chosen, rejected }, options);
  it('end once', () =>
    expect(idsOf(chat(), 'p', 'x$', '$y')).toMatchObject({ chosenIds: codes('x$'), rejectedIds: codes('$y$') }));
  it('begin where those of prompt and answers part', () => {
    const merging: ChatFormat = {
      ...chat(),
      encode: (text) => codes(text.replaceAll('ab', '\u00ff')),
    };
    // the prompt ends with "a", which is one token with the "b" of the answer
    expect(idsOf(merging, 'xa', 'b', 'c')).toMatchObject({
      promptIds: codes('x'),
      chosenIds: codes('\u00ff$'),
      rejectedIds: codes('ac$'),
    });
    expect(idsOf(merging, 'xa', 'c', 'b')).toMatchObject({ promptIds: codes('x'), rejectedIds: codes('\u00ff$') });
    expect(idsOf(merging, 'xa', 'cd', 'ce')).toMatchObject({ promptIds: codes('xa'), chosenIds: codes('cd$') });
    expect(idsOf(merging, 'a', 'b', 'c')).toMatchObject({ row: 1, field: 'prompt', code: 'missing-field' });
  });
  it('of an answer in text follow a conversation as a turn', () => {
    const found = tokenizePair(chat(), { ...pair('x', 'y'), chosen: 'x', rejected: 'y' }, options);
    expect(found).toEqual(tokenizePair(chat(), pair('x', 'y'), options));
  });
  it('that an answer has none of are named', () => {
    expect(tokenizePair(chat(), pair(' ', 'x'), options)).toMatchObject({ field: 'chosen', code: 'empty-response' });
    expect(tokenizePair(chat(), pair('x', ' '), options)).toMatchObject({ field: 'rejected', code: 'empty-response' });
    expect(tokenizePair(chat(), pair(' ', ' '), options)).toMatchObject({ field: 'chosen', code: 'empty-response' });
  });
});
