import path from 'node:path';
import type { FileColumn, FileColumns } from '../../shared/dataset';
import { throwFailure } from '../../shared/result';
import { columnRoles, type ColumnRole, type DatasetColumns } from '../../shared/run-spec';
import { detectFormat } from './formats';
import type { RawRow } from './read-rows';

const looked = 20;
const sampled = 3;
const sampleLength = 200;

/** Rows with their columns under the names of their roles; the others keep theirs. */
export function withRoles(file: string, rows: readonly RawRow[], columns: DatasetColumns): readonly RawRow[] {
  const named = Object.entries(columns) as readonly (readonly [ColumnRole, string])[];
  const there = columnNames(rows.slice(0, looked));
  const missing = named.find(([, column]) => !there.includes(column));
  if (missing) {
    const [role, column] = missing;
    throwFailure('bad-data', `${path.basename(file)} has no column "${column}", which is to be its ${role}.`, `It has ${there.join(', ') || 'no columns'}.`, { file, columns: there, path: `dataset.columns.${role}` });
  }
  const taken = new Set(named.map(([, column]) => column));
  return rows.map(({ row, value }) => ({
    row,
    value: Object.fromEntries([...Object.entries(value).filter(([name]) => !taken.has(name)), ...named.map(([role, column]) => [role, value[column]])]),
  }));
}

const columnNames = (rows: readonly RawRow[]): readonly string[] => [...new Set(rows.flatMap(({ value }) => Object.keys(value)))];

/** What the first rows of a file hold, for somebody who is to say which column is what. */
export function fileColumns(rows: readonly RawRow[]): FileColumns {
  const first = rows.slice(0, looked);
  const format = detectFormat(first);
  const columns = columnNames(first).map((name): FileColumn => {
    const values = first.map(({ value }) => value[name]).filter((x) => x !== undefined && x !== null);
    return { name, holds: kindOf(values[0]), samples: first.slice(0, sampled).map(({ value }) => shown(value[name])) };
  });
  return { columns, format, suggested: format === null ? suggestColumns(first) : null };
}

function kindOf(value: unknown): FileColumn['holds'] {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return 'number';
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null && ('role' in first || 'from' in first) ? 'messages' : 'other';
}

const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > sampleLength ? `${text.slice(0, sampleLength)}…` : text;
};

/** Names under which people keep the parts of a pair; the first that a file has is taken. */
const usualNames: Readonly<Record<ColumnRole, readonly string[]>> = {
  prompt: ['prompt', 'question', 'query', 'instruction', 'input', 'context', 'user', 'post'],
  chosen: ['chosen', 'better', 'preferred', 'winner', 'win', 'good', 'positive', 'accepted', 'response_0', 'answer_a', 'response_a'],
  rejected: ['rejected', 'worse', 'dispreferred', 'loser', 'lose', 'bad', 'negative', 'refused', 'response_1', 'answer_b', 'response_b'],
  system: ['system', 'system_prompt', 'system_message', 'sys'],
};

/** Roles by names; null where they make no pair. */
export function suggestColumns(rows: readonly RawRow[]): DatasetColumns | null {
  const names = columnNames(rows.slice(0, looked));
  const found = columnRoles.flatMap((role) => {
    const name = usualNames[role].flatMap((usual) => names.find((n) => n.toLowerCase() === usual) ?? [])[0];
    return name === undefined ? [] : [[role, name] as const];
  });
  const columns: DatasetColumns = Object.fromEntries(found);
  return columns.prompt !== undefined && columns.chosen !== undefined && columns.rejected !== undefined ? columns : null;
}
