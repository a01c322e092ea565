import { describe, expect, it } from 'vitest';
import { shapeName } from '../../../../../../src-main/engine/data/shapes/shapes';
import { rowsOfObject } from '../../../../../../src-main/engine/data/readers/whole-file';

type Row = Readonly<Record<string, unknown>>;
const [one, two] = [
  { a: 1, b: 'x' },
  { a: 2, b: 'y' },
];
const rows = (value: Row): readonly unknown[] => rowsOfObject(value).values;

describe('an object that is a whole file', () => {
  it.each('data rows train examples instances items records samples pairs conversations validation test'.split(' '))(
    'holds its rows under "%s"',
    (name) => expect(rowsOfObject({ n: 3, [name]: [one, two] })).toEqual({ values: [one, two], notes: [] }),
  );
  it('says which of its lists are not read', () => {
    expect(rowsOfObject({ test: [two], train: [one] })).toEqual({
      values: [one],
      notes: ['The rows are those under "train"; "test" in the same file is not read.'],
    });
    expect(rowsOfObject({ test: [two], validation: [two], train: [one] }).notes).toEqual([
      'The rows are those under "train"; "validation", "test" in the same file are not read.',
    ]);
  });
  it.each([
    ['an empty list', { data: [], x: 1 }],
    ['a list with something else in it', { data: [one, 3], x: 1 }],
    ['messages', { data: [{ role: 'user', content: 'x' }], x: 1 }],
    ['ShareGPT messages', { data: [{ from: 'human', value: 'x' }], x: 1 }],
    ['no list', { data: one, x: 1 }],
    ['rows under another name', { mine: [one, two], x: 1 }],
    ['rows under a name that every object has', { constructor: 1 }],
    ['nothing', {}],
    ['null', { data: null, x: null }],
    ['lists of different length', { a: [1, 2], b: [3] }],
    ['lists of different length, the first the shortest', { a: [1], b: [3], c: [1, 2] }],
    ['a list beside something else', { a: [1, 2], b: 3 }],
    ['one list', { a: [1, 2] }],
    ['lists of messages', { prompt: [{ role: 'user', content: 'p' }], chosen: [{ role: 'assistant', content: 'c' }] }],
    ['a list of messages beside one of text', { prompt: ['x'], chosen: [{ role: 'assistant', content: 'c' }] }],
    ['columns of which one has no index', { a: { 0: 1 }, b: { x: 1 } }],
    ['columns of which one is empty', { a: { 0: 1 }, b: {} }],
    ['one column with an index', { a: { 0: 1 } }],
    ['an index with other things', { 0: one, 1: 3 }],
    ['an index and a name', { 0: one, name: two }],
  ])('of %s is a row itself', (_name, value) => expect(rowsOfObject(value)).toEqual({ values: [value], notes: [] }));
  it('of pandas’ split form has rows by the names of its columns', () => {
    expect(
      rows({
        columns: ['a', 'b'],
        data: [
          [1, 'x'],
          [2, 'y'],
        ],
      }),
    ).toEqual([one, two]);
    expect(rows({ columns: ['a', 'b'], data: [[1], []] })).toEqual([{ a: 1 }, {}]);
    expect(rows({ columns: ['a', 3], data: [[1, 'x']] })).toHaveLength(1);
    expect(rows({ columns: [], data: [[1]] })).toEqual([{ columns: [], data: [[1]] }]);
    expect(rows({ columns: ['a'], data: [[1], 2] })).toEqual([{ columns: ['a'], data: [[1], 2] }]);
    expect(rows({ columns: ['a'], data: 3 })).toEqual([{ columns: ['a'], data: 3 }]);
    expect(rows({ columns: 'a', data: [one] })).toEqual([one]);
  });
  it('of columns by index has rows in the order of the index, with what each column has', () => {
    expect(rows({ a: { 0: 1, 7: 2 }, b: { 0: 'x', 3: 'z' } })).toEqual([{ a: 1, b: 'x' }, { a: 2 }, { b: 'z' }]);
    expect(rows({ a: { 0: null, 1: 2 }, b: { 0: 'x', 1: 'y' } })).toEqual([{ a: null, b: 'x' }, two]);
  });
  it('of columns as lists has a row for each place', () => {
    expect(rows({ a: [1, 2], b: ['x', 'y'] })).toEqual([one, two]);
    expect(rows({ a: [1], b: ['x'], c: [null] })).toEqual([{ ...one, c: null }]);
    expect(rows({ a: [], b: [] })).toEqual([]);
  });
  it('of rows by index has them', () => expect(rows({ 0: one, 1: two })).toEqual([one, two]));
});

describe('rows that are no pairs', () => {
  const pairs = [
    ['response_0', 'response_1'],
    ['response_a', 'response_b'],
    ['answer_a', 'answer_b'],
    ['answer_0', 'answer_1'],
    ['human_ref_A', 'human_ref_B'],
    ['conversation_a', 'conversation_b'],
    ['output_1', 'output_2'],
    ['response_1', 'response_2'],
  ] as const;
  const verdicts =
    'winner preference better_response_id safer_response_id label labels better chosen_index preferred'.split(' ');
  it.each(pairs)('are compared answers with %s, %s and a verdict', (first, second) => {
    for (const verdict of verdicts)
      expect(shapeName({ prompt: 'p', [first]: 'a', [second]: 'b', [verdict]: 0 })).toBe(
        `compared answers (${first}, ${second} and a column that says which is better)`,
      );
    for (const row of [
      { [first]: 'a', winner: 1 },
      { [second]: 'a', winner: 1 },
      { [first]: 'a', [second]: 'b' },
    ])
      expect(shapeName(row)).toBeNull();
    expect(shapeName({ [first]: 'a', [second]: 'b', winner: null })).toBeNull();
  });
  it.each(['completions', 'responses', 'answers', 'outputs', 'candidates', 'generations'])(
    'are ranked answers with a list of %s',
    (name) => {
      expect(shapeName({ prompt: 'p', [name]: [] })).toBe(`ranked answers (a list "${name}")`);
      expect(shapeName({ prompt: 'p', [name]: 'text' })).toBeNull();
    },
  );
  it.each([
    [{ prompt: 'p', completion: 'c', label: false }, 'rated answers (prompt, completion, label)'],
    [{ messages: [] }, 'conversations without a rejected answer (supervised data)'],
    [{ completion: 'c' }, 'one answer a row without a rejected one (supervised data)'],
    [{ output: 'c' }, 'one answer a row without a rejected one (supervised data)'],
    [{ response: 'c', label: null }, 'one answer a row without a rejected one (supervised data)'],
    [{ messages: [], chosen: 'c' }, null],
    [{ output: 'c', rejected: 'r' }, null],
    [{ label: 1 }, null],
    [{ prompt: 'p' }, null],
    [{}, null],
  ])('%j: %s', (row, name) => expect(shapeName(row)).toBe(name));
});
