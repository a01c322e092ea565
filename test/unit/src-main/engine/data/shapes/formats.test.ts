import { describe, expect, it } from 'vitest';
import {
  columnsRead,
  detectFormat,
  parseRow,
  type KnownFormat,
} from '../../../../../../src-main/engine/data/shapes/formats';
import { FileNotes } from '../../../../../../src-main/engine/data/shapes/notes';
import { parseJson } from '../../../../../../src-main/engine/data/readers/json';

import { a, answers, conversation, hh, s, turnAnswers, u, type Row } from '../row-parts';
import { problems } from '../rows-that-fail';
import { pairs } from '../rows-that-pair';

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
  it('is none where something else stands beside a transcript', () => {
    expect(detectFormat([{ row: 1, value: { chosen: 3, rejected: hh('p', 'x') } }])).toBeNull();
    expect(detectFormat([{ row: 1, value: { chosen: hh('p', 'x'), rejected: 3 } }])).toBeNull();
    expect(detectFormat([{ row: 1, value: { chosen: hh('p'), rejected: hh('p', 'x') } }])).toBeNull();
  });
  it.each(Object.keys(columnsRead) as readonly KnownFormat[])(
    '%s reads the columns that it says it reads',
    (format) => {
      const seen = new Set<string>();
      const watched = (value: Row): Row =>
        new Proxy(value, {
          getOwnPropertyDescriptor: (target, name) => {
            seen.add(String(name));
            return Reflect.getOwnPropertyDescriptor(target, name);
          },
        });
      for (const [, value, , pair] of pairs.filter(([, , found]) => found === format))
        expect(parse(watched(value), format)).toEqual(pair);
      expect([...seen].sort()).toEqual([...columnsRead[format]].sort());
    },
  );
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
  it('are none where the prompt stands among the answers’ messages, and one where developers speak in an answer', () => {
    const notes = new FileNotes();
    parse({ prompt: ' p', chosen: [s('b'), u('p'), a('x')], rejected: [s('b'), u('p'), a('y')] }, 'messages', notes);
    expect(notes.list()).toEqual([]);
    const developer = { role: 'developer', content: 'b' };
    parse({ prompt: [u('p')], chosen: [a('x')], rejected: [a('y'), developer, a('z')] }, 'messages', notes);
    parse({ prompt: [u('p')], chosen: [a('x'), developer, a('z')], rejected: [a('y')] }, 'messages', notes);
    expect(notes.list()).toEqual([expect.stringMatching(/^2 rows have turns of a developer/)]);
  });
  it('count in thousands, and know something from nothing', () => {
    const notes = new FileNotes();
    for (let i = 0; i < 1234; i++) notes.look({ context: i, input: {}, Background: '', label: [[]] }, new Set());
    notes.look({ system: 's', sys_prompt: 's', unread: 1 }, new Set());
    expect(notes.list()).toEqual([
      'The column "context" is not read; 1,234 rows have something there.',
      'The column "label" is not read; 1,234 rows have something there.',
      'The column "system" is not read; 1 row has something there.',
      expect.stringMatching(/"sys_prompt" is not read; .* with columns \{"system": "sys_prompt"\}\.$/),
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
      'The column "system_prompt" is not read; 1 row has something there. As the system text it is read with ' +
        'columns {"system": "system_prompt"}.',
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
    expect(parseJson('{"a": 1')).toMatchObject({ ok: false, message: expect.not.stringMatching(/^SyntaxError|^$/) });
  });
});
