// One JSON object that is the whole file: rows inside it, or columns as pandas writes them.

type Columns = Readonly<Record<string, unknown>>;
export interface WholeFile {
  readonly values: readonly Columns[];
  readonly notes: readonly string[];
}

const isObject = (value: unknown): value is Columns =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const own = (value: Columns, field: string): unknown => (Object.hasOwn(value, field) ? value[field] : undefined);

/** Names under which a file keeps its rows. */
export const rowHolders = [
  'data',
  'rows',
  'train',
  'examples',
  'instances',
  'items',
  'records',
  'samples',
  'pairs',
  'conversations',
  'validation',
  'test',
] as const;

export function rowsOfObject(value: Columns): WholeFile {
  return (
    splitTable(value) ??
    heldRows(value) ??
    tableOfColumns(value) ??
    rowsByIndex(value) ?? { values: [value], notes: [] }
  );
}

/** pandas, orient="split": names of the columns and lists of values. */
function splitTable(value: Columns): WholeFile | null {
  const [columns, data] = [own(value, 'columns'), own(value, 'data')];
  if (!isListOfText(columns) || !Array.isArray(data) || !data.every((row) => Array.isArray(row))) return null;
  return {
    values: (data as readonly (readonly unknown[])[]).map((row) => record(columns, (_, i) => row[i])),
    notes: [],
  };
}

/** {"data": [{…}, {…}]}; pandas' orient="table" is such a file too. */
function heldRows(value: Columns): WholeFile | null {
  const holders = rowHolders.filter((name) => {
    const held = own(value, name);
    return Array.isArray(held) && held.length > 0 && held.every((row) => isObject(row) && !isMessage(row));
  });
  const [name] = holders;
  if (name === undefined) return null;
  const unread = holders.slice(1);
  return {
    values: own(value, name) as readonly Columns[],
    notes:
      unread.length === 0
        ? []
        : [
            `The rows are those under "${name}"; ${unread.map((other) => `"${other}"`).join(', ')} in the same ` +
              `file ${unread.length === 1 ? 'is' : 'are'} not read.`,
          ],
  };
}

/** pandas' default, {column: {index: value}}, and {column: [value, …]}. */
function tableOfColumns(value: Columns): WholeFile | null {
  const names = Object.keys(value);
  const columns = names.map((name) => value[name]);
  if (names.length < 2) return null;
  if (columns.every((column) => isObject(column) && isIndexed(column))) {
    const index = [...new Set(columns.flatMap((column) => Object.keys(column as Columns)))];
    return { values: index.map((key) => record(names, (_, i) => own(columns[i] as Columns, key))), notes: [] };
  }
  const lists = columns.filter((column): column is readonly unknown[] => Array.isArray(column));
  if (lists.length < names.length || lists.some((list) => list.length !== lists[0]!.length || list.some(isMessage)))
    return null;
  return { values: lists[0]!.map((_, row) => record(names, (_name, i) => lists[i]![row])), notes: [] };
}

/** pandas, orient="index": {index: {column: value}}. */
function rowsByIndex(value: Columns): WholeFile | null {
  const rows = Object.values(value);
  return isIndexed(value) && rows.every((row) => isObject(row)) ? { values: rows, notes: [] } : null;
}

const isListOfText = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === 'string');
const isIndexed = (value: Columns): boolean =>
  Object.keys(value).length > 0 && Object.keys(value).every((key) => /^\d+$/.test(key));
export const isMessage = (value: unknown): boolean =>
  isObject(value) && (Object.hasOwn(value, 'role') || Object.hasOwn(value, 'from'));

const record = (names: readonly string[], valueOf: (name: string, i: number) => unknown): Columns =>
  Object.fromEntries(
    names.map((name, i) => [name, valueOf(name, i)] as const).filter(([, value]) => value !== undefined),
  );
