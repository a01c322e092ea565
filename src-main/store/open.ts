import { chmodSync, closeSync, existsSync, openSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppFailure, throwFailure } from '../shared/result';
import { listBackups, takeBackup } from './backups';
import { loadDriver, type Database } from './driver';
import { damaged, databaseError } from './errors';
import { checkHealth } from './health';
import { initial } from './migrations/001-initial';
import { fractionalKeptTokens } from './migrations/002-fractional-kept-tokens';
import { datasetColumns } from './migrations/003-dataset-columns';
import { runOrder } from './migrations/004-run-order';
import { runBookkeeping } from './migrations/005-run-bookkeeping';

/** In order; the database's user_version counts how many have run. */
export const migrations: readonly string[] = [initial, fractionalKeptTokens, datasetColumns, runOrder, runBookkeeping];

/**
 * Opens (or makes) a database and brings it up to date. One from a newer app, and one that is damaged, is refused and
 * left as it is; one from an older app is copied first.
 */
export function openDatabase(file: string): Database {
  const end = Date.now() + busyMs;
  for (;;)
    try {
      return open(file);
    } catch (thrown) {
      // SQLite waits for others by itself, but not where it changes to WAL or recovers one: two programs may open a new
      // home at once
      const isBusy = thrown instanceof AppFailure && String(thrown.error.details?.systemCode).startsWith('SQLITE_BUSY');
      if (!isBusy || Date.now() > end) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
}

/** How long a program waits for another one on the same home. */
const busyMs = 10_000;

function open(file: string): Database {
  const Driver = loadDriver();
  let database: Database | null = null;
  try {
    refuseEmptied(file);
    makePrivate(file);
    database = new Driver(file, { timeout: busyMs }); // the window and the command line may share one home
    refuseNewer(database, file, migrations.length);
    const { problems } = checkHealth(database, file);
    if (problems.length > 0) throw new AppFailure(damaged(file, problems));
    const version = versionOf(database);
    if (version > 0 && version < migrations.length) takeBackup(database, file, 'before-update');
    migrate(database, file, migrations);
    return database;
  } catch (thrown) {
    database?.close();
    const known = databaseError(thrown, file);
    throw known ? new AppFailure(known, { cause: thrown }) : thrown;
  }
}

export function migrate(database: Database, file: string, steps: readonly string[]): void {
  refuseNewer(database, file, steps.length);
  const version = versionOf(database);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  for (let next = version; next < steps.length; next++)
    database
      .transaction(() => {
        if (versionOf(database) > next) return; // another process was faster
        database.exec(steps[next]!);
        database.pragma(`user_version = ${next + 1}`);
      })
      .immediate();
}

/** To SQLite a file without a byte is a new database; beside backups or run folders it is one that was lost. */
function refuseEmptied(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.size !== 0) return;
  const runs = path.join(path.dirname(file), 'runs');
  const hasRuns = existsSync(runs) && readdirSync(runs).length > 0;
  if (hasRuns || listBackups(file).length > 0) throw new AppFailure(damaged(file, ['it is empty (0 bytes)']));
}

/**
 * For its owner alone; SQLite makes what belongs to it with the same permissions. Where this fails, SQLite says better
 * why.
 */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch {
    // on to SQLite
  }
}

const versionOf = (database: Database): number => database.pragma('user_version', { simple: true }) as number;

function refuseNewer(database: Database, file: string, known: number): void {
  const version = versionOf(database);
  if (version > known)
    throwFailure(
      'database',
      `The run history ${file} was made by a newer version of SamPO Studio (schema ${version}, this version knows ` +
        `${known}).`,
      'Update SamPO Studio, or choose another folder with --home. The file was left untouched.',
      { file, version },
    );
}
