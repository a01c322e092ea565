import { AppFailure, throwFailure } from '../shared/result';
import { loadDriver, type Database } from './driver';
import { databaseError } from './errors';
import { initial } from './migrations/001-initial';
import { fractionalKeptTokens } from './migrations/002-fractional-kept-tokens';
import { datasetColumns } from './migrations/003-dataset-columns';

/** In order; the database's user_version counts how many have run. */
export const migrations: readonly string[] = [initial, fractionalKeptTokens, datasetColumns];

/** Opens (or makes) a database and brings it up to date. One from a newer app is refused and left as it is. */
export function openDatabase(file: string): Database {
  const Driver = loadDriver();
  let database: Database | null = null;
  try {
    database = new Driver(file, { timeout: 10_000 }); // the window and the command line may share one home
    migrate(database, file, migrations);
    return database;
  } catch (thrown) {
    database?.close();
    const known = databaseError(thrown, file);
    throw known ? new AppFailure(known, { cause: thrown }) : thrown;
  }
}

export function migrate(database: Database, file: string, steps: readonly string[]): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > steps.length)
    throwFailure('database', `The run history ${file} was made by a newer version of SamPO Studio (schema ${version}, this version knows ${steps.length}).`, 'Update SamPO Studio, or choose another folder with --home. The file was left untouched.', { file, version });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.pragma('foreign_keys = ON');
  for (let next = version; next < steps.length; next++)
    database.transaction(() => {
      if ((database.pragma('user_version', { simple: true }) as number) > next) return; // another process was faster
      database.exec(steps[next]!);
      database.pragma(`user_version = ${next + 1}`);
    }).immediate();
}
