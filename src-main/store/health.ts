import { statSync } from 'node:fs';
import type { Database } from './driver';

/**
 * Up to this size the whole file is read at each start (about a second); above it the tables that grow with steps are
 * left to the moment they are read.
 */
const fullCheckBytes = 256 * 2 ** 20;
const growing: ReadonlySet<string> = new Set(['metrics', 'pair_points']);

export interface Health {
  /** What SQLite found, a few lines of it; empty: nothing is wrong. */
  readonly problems: readonly string[];
  /** Tables that were too large to read now. */
  readonly unread: readonly string[];
}

/** Reads a database's structure. Throws where SQLite cannot even do that. */
export function checkHealth(database: Database, file: string, most: number = fullCheckBytes): Health {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= most) return { problems: found(database, 'quick_check(5)'), unread: [] };
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all() as string[];
  const problems = tables
    .filter((table) => !growing.has(table))
    .flatMap((table) => found(database, `quick_check("${table}")`));
  return { problems: problems.slice(0, 5), unread: tables.filter((table) => growing.has(table)) };
}

const found = (database: Database, check: string): readonly string[] =>
  (database.pragma(check) as readonly { readonly quick_check: string }[])
    .map((row) => row.quick_check)
    .filter((line) => line !== 'ok');
