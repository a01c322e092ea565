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
    close: () => database.close(),
  };
}
