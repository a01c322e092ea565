import { describe, expect, it } from 'vitest';
import { detectFormat, parseRow, type KnownFormat } from '../../../../../src-main/engine/data/formats';
import { FileNotes } from '../../../../../src-main/engine/data/notes';
import { parseJson } from '../../../../../src-main/engine/data/json';

import { a, answers, conversation, hh, turnAnswers, u, type Row } from './row-parts';
import { problems } from './rows-that-fail';
import { pairs } from './rows-that-pair';

const parse = (value: Row, format: KnownFormat, notes = new FileNotes()) => {
  const { row, ...rest } = parseRow({ row: 7, value }, format, notes);
  expect(row).toBe(7);
  return rest;
};
describe('a row', () => {
  it.each(pairs)('of %s makes a pair', (_name, value, format, pair) => {
    expect(detectFormat([{ row: 7, value }])).toBe(format);
    expect(parse(value, format)).toEqual(pair);
  });
  it.each(problems)('of %s is a problem', (_name, value, format, code, field, message) => {
    expect(parse(value, format)).toEqual({ code, field, message: expect.stringMatching(message) as string });
  });
});

describe('a format', () => {
  it('is that of the first row that has one', () => {
    const rows = [
      { x: 1 },
      { chosen: null, rejected: 'b', prompt: 'c' },
      { chosen: 'a', rejected: 'b', prompt: 'c' },
    ].map((value, i) => ({ row: i + 1, value }));
    expect(detectFormat(rows)).toBe('pairs');
    expect(detectFormat(rows.slice(0, 2))).toBeNull();
    expect(detectFormat([])).toBeNull();
  });
  it('is none for answers alone that are no transcripts', () => {
    expect(detectFormat([{ row: 1, value: answers }])).toBeNull();
    expect(detectFormat([{ row: 1, value: { chosen: hh('p', 'x'), rejected: 'x' } }])).toBeNull();
  });
  it('given by name reads rows of the other kind too', () =>
    expect(parse({ prompt: 'p', ...turnAnswers }, 'pairs')).toEqual(conversation([u('p')])));
});

describe('notes', () => {
  it('tell what was read in another way than it stands, and how often', () => {
    const notes = new FileNotes();
    parse({ system: 'b', prompt: 'p', ...answers }, 'pairs', notes);
    parse({ system: 'c', prompt: 'p', ...answers }, 'pairs', notes);
    parse({ tools: [{}], prompt: 'p', ...answers }, 'pairs', notes);
    parse({ prompt: [{ role: 'developer', content: 'b' }, u('p')], ...answers }, 'pairs', notes);
    parse({ prompt: 'other', chosen: [u('p'), a('x')], rejected: [u('p'), a('y')] }, 'messages', notes);
    parse({ instruction: 'i', history: [['q', 'r']], ...answers }, 'alpaca', notes);
    expect(notes.list().map((note) => note.slice(0, 22))).toEqual([
      '2 rows have a system t',
      '1 row has tools beside',
      '1 row has turns of a d',
      '1 row has a prompt tha',
      '1 row has earlier turn',
    ]);
  });
  it('name columns that nobody reads and that could matter, where they hold something', () => {
    const notes = new FileNotes();
    const read = new Set(['prompt', 'chosen', 'rejected']);
    for (const value of [
      { prompt: 'p', system_prompt: 'b', score: 3, images: [] },
      { prompt: 'p', system_prompt: '', messages: [1], history: null },
    ])
      notes.look(value, read);
    expect(notes.list()).toEqual([
      'The column "system_prompt" is not read; 1 row has something there. As the system text it is read with columns {"system": "system_prompt"}.',
      'The column "messages" is not read; 1 row has something there.',
    ]);
  });
});

describe('JSON as Python writes it', () => {
  it('has NaN and infinities outside of text only', () => {
    expect(parseJson('{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, \\"Infinity\\""}')).toEqual({
      ok: true,
      value: { a: '\u0000number NaN', b: ['\u0000number -Infinity', '\u0000number Infinity'], c: 'NaN, "Infinity"' },
    });
    expect(parseJson('{"a": NaN,}')).toMatchObject({ ok: false });
    expect(parseJson('{"a": 1')).toMatchObject({ ok: false });
  });
});
