import { describe, expect, it } from 'vitest';
import { inspectPairs, previewPair } from '../../../../../src-main/engine/data/inspect';
import type { PairReader } from '../../../../../src-main/engine/data/read-pairs';
import type { PreferencePair, RowProblem } from '../../../../../src-main/shared/data/dataset';
import { characters } from './characters';

const pair = (row: number, prompt: string, chosen: string, rejected: string): PreferencePair => ({
  row,
  prompt: { kind: 'text', text: prompt },
  chosen,
  rejected,
});
const bad = (row: number): RowProblem => ({ row, field: 'chosen', code: 'empty-response', message: 'empty' });
const reader = (...batches: readonly (readonly (PreferencePair | RowProblem)[])[]): PairReader => ({
  format: 'pairs',
  notes: () => ['a note'],
  batches: (async function* () {
    for (const [i, items] of batches.entries()) yield await Promise.resolve({ items, share: (i + 1) / batches.length });
  })(),
});
const noProgress = (): Promise<void> => Promise.resolve();

describe('an inspection', () => {
  const items = [
    pair(1, 'one two three', 'a b c d', 'a b'),
    bad(2),
    pair(3, 'one two three', 'a', 'a b c'),
    pair(4, 'one', 'a b c d', 'b b c d'),
    pair(5, 'one two three', 'a b c d', 'a b'),
    pair(6, 'one two three', 'a b', 'a b c d'),
  ];
  it('counts words where there is no tokenizer, and tells what it found', async () => {
    const found = await inspectPairs(reader(items), null, null, noProgress);
    expect(found).toMatchObject({
      format: 'pairs',
      rows: 6,
      usable: 5,
      problems: [bad(2)],
      problemGroups: [{ code: 'empty-response', count: 1, rows: [2] }],
      warnings: [
        { code: 'duplicate', rows: [5] },
        { code: 'swapped', rows: [6] },
      ],
      notes: ['a note'],
      profile: {
        unit: 'words',
        pairs: 5,
        prompt: { min: 1, max: 3 },
        chosen: { min: 1, median: 4, max: 4 },
        rejected: { min: 2, median: 3, max: 4 },
        chosenLonger: 2 / 5,
        equal: 1 / 5,
        duplicatePrompts: 3,
      },
    });
    expect(found.verdict).toMatch(/^Too few pairs .* of 5 pairs \(median 4 against 3 words\)/);
  });
  it('counts the words of messages without the names of roles', async () => {
    const turns: PreferencePair = {
      row: 1,
      prompt: {
        kind: 'messages',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'user', content: 'why' },
        ],
      },
      chosen: [{ role: 'assistant', content: 'so it is' }],
      rejected: [{ role: 'assistant', content: 'so' }],
    };
    expect((await inspectPairs(reader([turns]), null, null, noProgress)).profile).toMatchObject({
      prompt: { max: 3 },
      chosen: { max: 3 },
      rejected: { max: 1 },
    });
  });
  it('counts tokens where there is one: uncut, unless a length is given', async () => {
    const long = [pair(1, 'pp', 'x'.repeat(3000), 'y')];
    const whole = await inspectPairs(reader(long), characters, null, noProgress);
    // the beginning of a text is a token of the prompt, the end one of each answer
    expect(whole.profile).toMatchObject({
      unit: 'tokens',
      prompt: { max: 3 },
      chosen: { max: 3001 },
      rejected: { max: 2 },
    });
    const cut = await inspectPairs(reader(long), characters, 10, noProgress);
    expect(cut.profile).toMatchObject({ prompt: { max: 3 }, chosen: { max: 7 }, rejected: { max: 2 } });
  });
  it('leaves out by name what the tokenizer or the cut makes useless', async () => {
    const found = await inspectPairs(
      reader([pair(1, 'p', 'xxxxxxx', 'xxxxxxy'), pair(2, 'p', 'x', 'y')]),
      characters,
      5,
      noProgress,
    );
    expect(found).toMatchObject({
      rows: 2,
      usable: 1,
      problems: [{ row: 1, code: 'same-after-cut' }],
      profile: { pairs: 1, duplicatePrompts: 0 },
    });
  });
  it('of no usable pair has no profile', async () => {
    const found = await inspectPairs(reader([bad(1)]), null, null, noProgress);
    expect(found).toMatchObject({
      rows: 1,
      usable: 0,
      profile: null,
      verdict: expect.stringMatching(/^No usable pair/),
    });
  });
  it('tells how far it is between rows, and can be ended there', async () => {
    const many = (first: number, count: number): readonly PreferencePair[] =>
      Array.from({ length: count }, (_, i) => pair(first + i, 'p', 'x', `y${first + i}`));
    const progress: (readonly [number, number])[] = [];
    const found = await inspectPairs(reader(many(1, 300), many(301, 128)), null, null, (rows, share) => {
      progress.push([rows, share]);
      return Promise.resolve();
    });
    expect([found.rows, found.usable]).toEqual([428, 428]);
    expect(progress).toEqual([
      [128, 0.5],
      [256, 0.5],
      [300, 0.5],
      [428, 1],
    ]);
    const ended = inspectPairs(reader(many(1, 300)), null, null, () => Promise.reject(new Error('enough')));
    await expect(ended).rejects.toThrow('enough');
  });
});

describe('a preview', () => {
  it('shows every token with its part, what was cut and what is dropped', () => {
    const shown = previewPair(characters, pair(7, 'p', 'abc', 'defgh'), 6, () => ({
      chosen: [1, 1, 0, 1],
      rejected: [0, 1, 0.5, 1, 1],
    }));
    if ('code' in shown) throw new Error(shown.message);
    const { tokens, ...rest } = shown;
    expect(rest).toEqual({ row: 7, promptTokens: 2, chosenTokens: 4, rejectedTokens: 4 });
    const text = (part: string): string =>
      tokens
        .filter((t) => t.part === part)
        .map((t) => t.text)
        .join('');
    const marks = (part: string): readonly string[] =>
      tokens.filter((t) => t.part === part).map((t) => `${t.cut ? 'cut' : ''}${t.kept ? 'kept' : ''}`);
    expect(tokens.map((t) => t.part)).toEqual([...tokens.map((t) => t.part)].sort((x, y) => order(x) - order(y)));
    expect([text('prompt'), text('chosen'), text('rejected')]).toEqual(['^p', 'abc$', 'defgh$']);
    expect(marks('prompt')).toEqual(['kept', 'kept']);
    expect(marks('chosen')).toEqual(['kept', 'kept', '', 'kept']);
    expect(marks('rejected')).toEqual(['', 'kept', 'kept', 'kept', 'cut', 'cut']);
    expect(tokens[1]).toEqual({ id: 112, text: 'p', part: 'prompt', cut: false, kept: true });
    expect(tokens[2]).toEqual({ id: 97, text: 'a', part: 'chosen', cut: false, kept: true });
  });
  it('of a pair that cannot be used says why', () =>
    expect(previewPair(characters, pair(7, 'pppppp', 'a', 'b'), 6, () => ({ chosen: [], rejected: [] }))).toMatchObject(
      {
        row: 7,
        code: 'prompt-too-long',
      },
    ));
});
const order = (part: string): number => ['prompt', 'chosen', 'rejected'].indexOf(part);
