import { describe, expect, it } from 'vitest';
import {
  BadSeparator,
  LineFraming,
  TooLong,
  ValueFraming,
  type Frame,
  type Framing,
} from '../../../../../../src-main/engine/data/readers/framing';

type Framed = readonly (readonly [text: string, at: number])[];
const framed = (frames: readonly Frame[]): Framed => frames.map(({ bytes, at }) => [bytes.toString(), at]);
const pieces = (text: string, size: number): readonly Buffer[] => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
};

/** What a text is cut into: the same however it comes. */
function cut<F extends Framing>(make: () => F, text: string): { framing: F; values: Framed; rest: Framed | null } {
  const runs = [1, 2, 3, 5, 1000].map((size) => {
    const framing = make();
    const values = framed(pieces(text, size).flatMap((piece) => framing.push(piece)));
    const completed = framing.completed;
    const rest = framing.end();
    return { framing, values, completed, rest: rest && framed([rest]) };
  });
  const last = runs.at(-1)!;
  for (const { values, completed, rest } of runs) {
    expect({ values, rest }).toEqual({ values: last.values, rest: last.rest });
    expect(completed).toBe(values.length);
  }
  return last;
}

describe('lines', () => {
  it('are numbered with the blank ones, and have their place', () => {
    const { values, rest, framing } = cut(() => new LineFraming(), '{"a":1}\n\nüb\r\n x');
    expect(values).toEqual([
      ['{"a":1}', 0],
      ['', 8],
      ['üb\r', 9],
    ]);
    expect(rest).toEqual([[' x', 14]]);
    expect(framing.completed).toBe(4);
  });
  it('end with the file or with a line end', () => {
    expect(cut(() => new LineFraming(), 'a\nb\n')).toMatchObject({
      values: [
        ['a', 0],
        ['b', 2],
      ],
      rest: null,
    });
    expect(cut(() => new LineFraming(), '')).toMatchObject({ values: [], rest: null });
    expect(cut(() => new LineFraming(), '\n')).toMatchObject({ values: [['', 0]], rest: null });
  });
  it('of 500 MB are the longest', () => {
    const [framing, mega] = [new LineFraming(), Buffer.alloc(20 << 20)];
    framing.push(Buffer.from('a\n'));
    for (let i = 0; i < 25; i++) expect(framing.push(mega)).toEqual([]);
    expect(() => framing.push(Buffer.from('x'))).toThrow(TooLong);
    expect(() => framing.push(Buffer.from('x'))).toThrow('a value at byte 2 is too long');
  });
});

describe('values', () => {
  const list = (): ValueFraming => new ValueFraming(true, 1);
  const loose = (): ValueFraming => new ValueFraming(false);
  it('of a list are told by brackets and commas outside of text', () => {
    const { values, rest, framing } = cut(list, '{"a": "}],\\"\\\\"}, [1, [2]] ,\n3,"x, y]",true\t]\n');
    expect(values).toEqual([
      ['{"a": "}],\\"\\\\"}', 1],
      ['[1, [2]]', 19],
      ['3', 30],
      ['"x, y]"', 32],
      ['true', 40],
    ]);
    expect(rest).toBeNull();
    expect(framing).toMatchObject({ ended: true, endedAt: 46, after: '\n' });
  });
  it('keep what follows the list, the beginning of it', () => {
    const { framing } = cut(list, `1] ,"more": ${'x'.repeat(300)}`);
    expect(framing.endedAt).toBe(3);
    expect(framing.after).toBe(` ,"more": ${'x'.repeat(300)}`.slice(0, 200));
    expect(cut(list, '1, 2').framing.ended).toBe(false);
  });
  it('may follow each other with or without commas where there is no list', () => {
    expect(cut(loose, '{"a":1} {"b":2},\r\n\t{"c":3}').values).toEqual([
      ['{"a":1}', 0],
      ['{"b":2}', 8],
      ['{"c":3}', 19],
    ]);
    expect(cut(loose, '{}{}"a""b"1 2').values.map(([text]) => text)).toEqual(['{}', '{}', '"a"', '"b"', '1']);
  });
  it('that have no end are what is left', () => {
    expect(cut(list, '1, {"a": [2').rest).toEqual([['{"a": [2', 4]]);
    expect(cut(loose, '{"a": "}').rest).toEqual([['{"a": "}', 0]]);
    expect(cut(loose, '{} 12').rest).toEqual([['12', 3]]);
    expect(cut(loose, ' \n').rest).toBeNull();
    expect(cut(() => new ValueFraming(false, 7), 'x').rest).toEqual([['x', 7]]);
  });
  it.each([
    ['{"a":1} {"b":2}]', list, '{', 9],
    ['1 2]', list, '2', 3],
    ['"a" "b"]', list, '"', 5],
    ['{}]', loose, ']', 2],
    ['1]', loose, ']', 1],
    ['{}, }', list, '}', 5],
    ['}', loose, '}', 0],
  ] as const)('that cannot follow are named with their place: %s', (text, make, found, at) => {
    for (const size of [1, 2, 100]) {
      const framing = make();
      const push = (): void => {
        for (const piece of pieces(text, size)) framing.push(piece);
      };
      expect(push).toThrow(expect.objectContaining({ found, at, message: `"${found}" at byte ${at}` }));
      expect(BadSeparator.prototype).toBeInstanceOf(Error);
    }
  });
});
