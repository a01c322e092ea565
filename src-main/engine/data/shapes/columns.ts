import path from 'node:path';
import type { FileColumn, FileColumns } from '../../../shared/data/dataset';
import { throwFailure } from '../../../shared/result';
import { columnRoles, type ColumnRole, type DatasetColumns } from '../../../shared/spec/run-spec';
import { detectFormat } from './formats';
import type { RawRow } from '../readers/read-rows';
import { shapeName, verdictColumns } from './shapes';
import { own } from '../readers/whole-file';

/** Rows that a file is judged by before all of it is read. */
export const rowsLooked = 20;
const sampled = 3;
const sampleLength = 200;

const columnNames = (rows: readonly RawRow[]): readonly string[] => [
  ...new Set(rows.flatMap(({ value }) => Object.keys(value))),
];
const namedRoles = (columns: DatasetColumns): readonly (readonly [ColumnRole, string])[] =>
  Object.entries(columns) as readonly (readonly [ColumnRole, string])[];

/** A row with its columns under the names of their roles; the others keep theirs. */
export function withRoles({ row, value }: RawRow, columns: DatasetColumns): RawRow {
  const named = namedRoles(columns);
  const taken = new Set(named.map(([, column]) => column));
  return {
    row,
    value: Object.fromEntries([
      ...Object.entries(value).filter(([name]) => !taken.has(name)),
      ...named.map(([role, column]) => [role, own(value, column)]),
    ]),
  };
}

/** The named columns that none of the rows has. */
export const missingColumns = (
  rows: readonly RawRow[],
  columns: DatasetColumns,
): readonly (readonly [ColumnRole, string])[] => {
  const there = new Set(columnNames(rows));
  return namedRoles(columns).filter(([, column]) => !there.has(column));
};

export function refuseMissing(
  file: string,
  rows: readonly RawRow[],
  [role, column]: readonly [ColumnRole, string],
): never {
  const there = columnNames(rows);
  return throwFailure(
    'bad-data',
    `${path.basename(file)} has no column "${column}", which is to be its ${role}.`,
    `It has ${there.join(', ') || 'no columns'}.`,
    { file, columns: there, path: `dataset.columns.${role}` },
  );
}

/** Says what a file's rows are that make no pairs, and what would make pairs of them. */
export function refuseShape(file: string, rows: readonly RawRow[]): never {
  const names = columnNames(rows);
  const name = path.basename(file);
  const shape = rows.map(({ value }) => shapeName(value)).find((found) => found !== null) ?? null;
  const suggested = suggestColumns(rows);
  const details = { file, columns: names, suggested, shape };
  if (suggested)
    throwFailure(
      'bad-data',
      `${name} has none of the known shapes of preference data (columns: ${names.join(', ')}).`,
      `Say which column is what, with --columns or dataset.columns: ${JSON.stringify(suggested)}?`,
      details,
    );
  if (shape)
    throwFailure(
      'bad-data',
      `${name} has no pairs: these look like ${shape}; its columns are ${names.join(', ')}.`,
      'Make one row of each pair, with a prompt, the chosen and the rejected answer.',
      details,
    );
  return throwFailure(
    'bad-data',
    `${name} has none of the known shapes of preference data (columns: ${names.join(', ') || 'none'}).`,
    'Give prompt, chosen and rejected; or chosen and rejected as message lists; or instruction, input, chosen and ' +
      'rejected; or conversations with chosen and rejected; or HH transcripts. Columns with other names are named ' +
      'by --columns or dataset.columns.',
    details,
  );
}

/** What the first rows of a file hold, for somebody who is to say which column is what. */
export function fileColumns(rows: readonly RawRow[]): FileColumns {
  const format = detectFormat(rows);
  const columns = columnNames(rows).map((name): FileColumn => {
    const values = rows.map(({ value }) => own(value, name)).filter((x) => x !== undefined && x !== null);
    return {
      name,
      holds: kindOf(values[0]),
      samples: rows.slice(0, sampled).map(({ value }) => shown(own(value, name))),
    };
  });
  return { columns, format, suggested: format === null ? suggestColumns(rows) : null };
}

function kindOf(value: unknown): FileColumn['holds'] {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null && (Object.hasOwn(first, 'role') || Object.hasOwn(first, 'from'))
    ? 'messages'
    : 'other';
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > sampleLength ? `${text.slice(0, sampleLength)}…` : text;
};

/** Names under which people keep the parts of a pair; the first that a file has is taken. */
const usualNames: Readonly<Record<ColumnRole, readonly string[]>> = {
  prompt: [
    'prompt',
    'question',
    'query',
    'instruction',
    'input',
    'context',
    'user',
    'user_input',
    'post',
    'problem',
    'text',
    'conversation',
    'messages',
    'dialogue',
  ],
  chosen: [
    'chosen',
    'better',
    'preferred',
    'preferred_response',
    'winner',
    'win',
    'good',
    'positive',
    'accepted',
    'chosen_response',
    'better_response',
    'response_chosen',
    'output_better',
    'answer_better',
    'best',
  ],
  rejected: [
    'rejected',
    'worse',
    'dispreferred',
    'dispreferred_response',
    'loser',
    'lose',
    'bad',
    'negative',
    'refused',
    'rejected_response',
    'worse_response',
    'response_rejected',
    'output_worse',
    'answer_worse',
    'worst',
  ],
  system: ['system', 'system_prompt', 'system_message', 'sys'],
};
/** Names of two answers of which the first is the better one, if no column says otherwise. */
const inOrder = [
  ['response_0', 'response_1'],
  ['answer_0', 'answer_1'],
  ['response_a', 'response_b'],
  ['answer_a', 'answer_b'],
  ['response_1', 'response_2'],
  ['answer_1', 'answer_2'],
  ['output_1', 'output_2'],
] as const;

/** Roles by names, such that the file has a known shape with them; null where they make no pair. */
export function suggestColumns(rows: readonly RawRow[]): DatasetColumns | null {
  const names = columnNames(rows);
  const nameOf = (usual: string): string | undefined =>
    names.find((name) => name.toLowerCase().replaceAll(/[ -]/g, '_') === usual);
  const hasVerdict = verdictColumns.some(
    (name) =>
      nameOf(name) !== undefined &&
      typeof rows.map(({ value }) => own(value, name)).find((x) => x !== undefined && x !== null) !== 'object',
  );
  const pair = hasVerdict ? undefined : inOrder.find((two) => two.every((usual) => nameOf(usual) !== undefined));
  const isAlpaca = nameOf('instruction') === 'instruction';
  const found = columnRoles.flatMap((role) => {
    const usual =
      role === 'prompt' && isAlpaca
        ? []
        : role === 'chosen'
          ? [...usualNames.chosen, ...(pair ? [pair[0]] : [])]
          : role === 'rejected'
            ? [...usualNames.rejected, ...(pair ? [pair[1]] : [])]
            : usualNames[role];
    const name = usual.flatMap((one) => nameOf(one) ?? [])[0];
    return name === undefined || (role === 'system' && name === 'system') ? [] : [[role, name] as const];
  });
  const columns: DatasetColumns = Object.fromEntries(found);
  return detectFormat(rows.map((row) => withRoles(row, columns))) === null ? null : columns;
}
