import type { PreferencePair, RowProblem } from '../../shared/data/dataset';
import type { DataSource } from '../protocol';
import { missingColumns, refuseMissing, refuseShape, rowsLooked, withRoles } from './shapes/columns';
import { columnsRead, detectFormat, parseRow, type KnownFormat } from './shapes/formats';
import { FileNotes } from './shapes/notes';
import { isRow, readRows, type RawRow, type RowBatch } from './readers/read-rows';

export interface PairBatch {
  readonly items: readonly (PreferencePair | RowProblem)[]; // in row order
  readonly share: number; // of the file, 0 to 1
}
export const isPair = (item: PreferencePair | RowProblem): item is PreferencePair => !('code' in item);

/**
 * A preference file, pair by pair. Bad rows become problems and the rest stays usable; a file without one usable pair
 * is left to the caller.
 */
export interface PairReader {
  readonly format: KnownFormat;
  /** Complete when all batches are read. */
  notes(): readonly string[];
  /** To be read once. */
  readonly batches: AsyncGenerator<PairBatch>;
}

/** `chosenOnly`: for a run that trains on chosen answers alone. */
export async function openPairs(
  { path: file, format, columns }: DataSource,
  { chosenOnly = false }: { readonly chosenOnly?: boolean } = {},
): Promise<PairReader> {
  const reader = readRows(file);
  const batches = reader.batches();
  const { first, rest } = await firstBatches(batches);
  const looked = first.flatMap(({ items }) => items.filter(isRow)).slice(0, rowsLooked);
  const role = columns === null ? (row: RawRow): RawRow => row : (row: RawRow): RawRow => withRoles(row, columns);
  const missing = columns === null ? [] : missingColumns(looked, columns);
  const needed = missing.find(([name]) => name !== 'system');
  if (needed) refuseMissing(file, looked, needed);
  const known = format === 'auto' ? detectFormat(looked.map(role)) : format;
  if (known === null) return refuseShape(file, looked);

  const notes = new FileNotes();
  const read = new Set(columnsRead[known]);
  const unseen = new Set(missing.map(([, column]) => column)); // a system text may come late in a file
  async function* pairs(): AsyncGenerator<PairBatch> {
    for await (const { items, share } of rest) {
      yield {
        share,
        items: items.map((item) => {
          if (!isRow(item)) return item;
          for (const column of unseen) if (Object.hasOwn(item.value, column)) unseen.delete(column);
          const row = role(item);
          notes.look(row.value, read);
          return parseRow(row, known!, notes, chosenOnly);
        }),
      };
    }
    const never = missing.find(([, column]) => unseen.has(column));
    if (never) refuseMissing(file, looked, never);
  }
  return { format: known, notes: () => [...reader.notes, ...notes.list()], batches: pairs() };
}

/** Batches until there are rows enough to judge the file by, and all of them from the start. */
async function firstBatches(
  batches: AsyncGenerator<RowBatch>,
): Promise<{ readonly first: readonly RowBatch[]; readonly rest: AsyncGenerator<RowBatch> }> {
  const first: RowBatch[] = [];
  let rows = 0;
  while (rows < rowsLooked) {
    const next = await batches.next();
    if (next.done) break;
    first.push(next.value);
    rows += next.value.items.filter(isRow).length;
  }
  const rest = async function* (): AsyncGenerator<RowBatch> {
    try {
      yield* first;
      yield* batches;
    } finally {
      await batches.return(undefined);
    }
  };
  return { first, rest: rest() };
}

/** The first rows of a file, for a look at its columns. */
export async function firstRows(file: string): Promise<readonly RawRow[]> {
  const batches = readRows(file).batches();
  try {
    const { first } = await firstBatches(batches);
    return first.flatMap(({ items }) => items.filter(isRow)).slice(0, rowsLooked);
  } finally {
    await batches.return(undefined);
  }
}

export interface PairsFile {
  readonly format: KnownFormat;
  readonly rows: number;
  readonly pairs: readonly PreferencePair[];
  readonly problems: readonly RowProblem[]; // in row order
  readonly notes: readonly string[];
}

/** All of a file at once, for files that fit. */
export async function readPairs(source: DataSource): Promise<PairsFile> {
  const reader = await openPairs(source);
  const items: (PreferencePair | RowProblem)[] = [];
  for await (const batch of reader.batches) for (const item of batch.items) items.push(item);
  const problems = items.filter((item): item is RowProblem => !isPair(item));
  return { format: reader.format, rows: items.length, pairs: items.filter(isPair), problems, notes: reader.notes() };
}
