import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type BetterSqlite from 'better-sqlite3';

/** The database type the repositories take. */
export type Database = BetterSqlite.Database;

/**
 * The development runtime (an older Electron, see scripts/) needs an older better-sqlite3, which set-up keeps in its cache; the manifest that `SAMPO_RUNTIME`
 * names says where. Everywhere else it is the package.
 */
export function loadDriver(): typeof BetterSqlite {
  const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
  const manifest = process.env.SAMPO_RUNTIME;
  const { sqlite } = manifest ? (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly sqlite: string | null }) : { sqlite: null };
  return nodeRequire(sqlite ?? 'better-sqlite3') as typeof BetterSqlite;
}
