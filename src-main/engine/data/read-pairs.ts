import path from 'node:path';
import { throwFailure } from '../../shared/result';
import type { PreferencePair, RowProblem } from '../../shared/dataset';
import type { DataSource } from '../protocol';
import { suggestColumns, withRoles } from './columns';
import { detectFormat, parseRow, type KnownFormat } from './formats';
import { readRows } from './read-rows';

export interface PairsFile {
  readonly format: KnownFormat;
  readonly rows: number;
  readonly pairs: readonly PreferencePair[];
  readonly problems: readonly RowProblem[]; // in row order
}

/** Reads preference pairs. Bad rows become problems and the rest stays usable; a file without one usable pair is left to the caller. */
export async function readPairs({ path: file, format, columns }: DataSource): Promise<PairsFile> {
  const { rows: raw, problems } = await readRows(file);
  const rows = columns === null ? raw : withRoles(file, raw, columns);
  const known = format === 'auto' ? detectFormat(rows) : format;
  if (known === null) {
    const names = Object.keys(rows[0]?.value ?? {}).join(', ') || 'none';
    const suggested = suggestColumns(rows);
    const hint = suggested === null
      ? 'Give prompt, chosen and rejected; or chosen and rejected as message lists; or conversations with chosen and rejected; or HH transcripts.'
      : `Say which column is what, with --columns or dataset.columns: ${JSON.stringify(suggested)}?`;
    return throwFailure('bad-data', `${path.basename(file)} has none of the known shapes of preference data (columns: ${names}).`, hint, { file, columns: names, suggested });
  }
  const parsed = rows.map((row) => parseRow(row, known));
  const isProblem = (x: PreferencePair | RowProblem): x is RowProblem => 'code' in x;
  return {
    format: known,
    rows: rows.length + problems.length,
    pairs: parsed.filter((x): x is PreferencePair => !isProblem(x)),
    problems: [...problems, ...parsed.filter(isProblem)].sort((a, b) => a.row - b.row),
  };
}
