import { backupDaily, type Backup } from './backups';
import type { Database } from './driver';
import { DatasetRepository, ExportRepository, ModelRepository, SettingsRepository } from './library';
import { openDatabase } from './open';
import { RunDataRepository } from './run-data';
import { RunRepository } from './runs';

/** All of the app's state in one SQLite file. Only one process kind opens it: main, or the command line. */
export interface Store {
  readonly database: Database;
  readonly runs: RunRepository;
  readonly runData: RunDataRepository;
  readonly models: ModelRepository;
  readonly datasets: DatasetRepository;
  readonly exports: ExportRepository;
  readonly settings: SettingsRepository;
  /** A copy of the database, where one is due (see backups.ts). */
  backup(): Backup | null;
  /** All of `work` is stored, or nothing of it. */
  write<T>(work: () => T): T;
  /** What `work` wrote survives a power cut too: everything else is safe from the end of a process alone. */
  durably<T>(work: () => T): T;
  close(): void;
}

export function openStore(file: string): Store {
  const database = openDatabase(file);
  return {
    database,
    runs: new RunRepository(database),
    runData: new RunDataRepository(database),
    models: new ModelRepository(database),
    datasets: new DatasetRepository(database),
    exports: new ExportRepository(database),
    settings: new SettingsRepository(database),
    backup: () => backupDaily(database, file),
    write: (work) => database.transaction(work).immediate(),
    durably: (work) => {
      database.pragma('synchronous = FULL');
      try {
        return work();
      } finally {
        database.pragma('synchronous = NORMAL');
      }
    },
    close: () => database.close(),
  };
}
