import { expect, it } from 'vitest';
import {
  problemGroups,
  problemSentence,
  rowWords,
  warningSentence,
} from '../../../../../src-main/shared/data/row-problems';

const problem = (row: number, code: 'not-json' | 'wrong-type' | 'empty-response') =>
  ({ row, code, field: '', message: `m${row}` }) as const;

it('reasons come by their number, then by their first row', () => {
  const groups = problemGroups([
    problem(9, 'empty-response'),
    problem(2, 'wrong-type'),
    problem(5, 'not-json'),
    problem(7, 'not-json'),
  ]);
  expect(groups).toEqual([
    { code: 'not-json', field: '', count: 2, rows: [5, 7], message: 'm5' },
    { code: 'wrong-type', field: '', count: 1, rows: [2], message: 'm2' },
    { code: 'empty-response', field: '', count: 1, rows: [9], message: 'm9' },
  ]);
  expect(problemSentence(groups)).toBe(
    '4 rows are left out: 2 not-json (rows 5, 7), 1 wrong-type (row 2), 1 empty-response (row 9); the first is ' +
      'row 2: m2',
  );
  expect(problemSentence(groups.slice(1, 2))).toBe('1 row is left out: 1 wrong-type (row 2); the first is row 2: m2');
  expect(problemGroups([])).toEqual([]);
});
it('a warning counts its pairs', () => {
  const group = { field: '', message: 'The same pair as row 1.' } as const;
  expect(warningSentence({ ...group, code: 'duplicate', count: 1, rows: [4] })).toBe(
    '1 pair occurs more than once (row 4); the first is row 4: The same pair as row 1.',
  );
  expect(warningSentence({ ...group, code: 'swapped', count: 2, rows: [4, 8] })).toBe(
    '2 pairs occur once more with chosen and rejected exchanged: one of the two labels is wrong (rows 4, 8); the ' +
      'first is row 4: The same pair as row 1.',
  );
});
it('five rows are named', () => {
  expect(rowWords([4], 1)).toBe('row 4');
  expect(rowWords([1, 2, 3, 4, 5], 5)).toBe('rows 1, 2, 3, 4, 5');
  expect(rowWords([1, 2, 3, 4, 5, 6], 6)).toBe('rows 1, 2, 3, 4, 5, …');
});
