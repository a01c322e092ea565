import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type BetterSqlite from 'better-sqlite3';
import { inCheckout, isRelease } from '../shared/build-kind';
import { throwFailure } from '../shared/result';

/** The database type the repositories take. */
export type Database = BetterSqlite.Database;

/**
 * The development runtime (an older Electron, see scripts/) needs an older better-sqlite3, which set-up keeps in its
 * cache; the manifest that `SAMPO_RUNTIME` names says where. Everywhere else it is the package.
 */
export function loadDriver(): typeof BetterSqlite {
  const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
  const manifest = isRelease ? undefined : process.env.SAMPO_RUNTIME;
  const { sqlite } = manifest
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly sqlite: string | null })
    : { sqlite: null };
  try {
    const Driver = nodeRequire(sqlite ?? 'better-sqlite3') as typeof BetterSqlite;
    new Driver(':memory:').close(); // the native part is loaded by the first database only
    return Driver;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message.split('\n')[0] : String(thrown);
    return throwFailure(
      'missing-on-machine',
      `SQLite (better-sqlite3) cannot be loaded: ${reason}`,
      inCheckout(
        'Run npm run setup, and start SamPO Studio through npm start or npx sampo.',
        'Install SamPO Studio again.',
      ),
      { reason },
    );
  }
}
