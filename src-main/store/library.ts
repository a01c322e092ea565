import type { DatasetInspection } from '../shared/data/dataset';
import { problemGroups } from '../shared/data/row-problems';
import type { DatasetId, ExportId, ModelId, RunId } from '../shared/ids';
import type { DatasetView, ModelView } from '../shared/views/library';
import type { ExportView } from '../shared/views/export';
import type { Settings } from '../shared/views/app';
import type { Database } from './driver';

/** What a model's inspection tells and the library keeps: a ModelView without identity and bookkeeping. */
export type ModelFacts = Omit<ModelView, 'id' | 'path' | 'starter' | 'addedAt'>;

export class ModelRepository {
  constructor(private readonly database: Database) {}

  /** Adds or refreshes the model at a path. */
  put(id: ModelId, path: string, facts: ModelFacts, starter: boolean, addedAt: number): ModelView {
    this.database
      .prepare(
        'INSERT INTO models (id, path, name, inspection, starter, added_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT ' +
          '(path) DO UPDATE SET name = excluded.name, inspection = excluded.inspection',
      )
      .run(id, path, facts.name, JSON.stringify(facts), Number(starter), addedAt);
    return this.list().find((model) => model.path === path)!;
  }

  list(): readonly ModelView[] {
    const rows = this.database.prepare('SELECT * FROM models ORDER BY starter DESC, added_at DESC').all() as Readonly<
      Record<string, string & number>
    >[];
    return rows.map((r) => ({
      ...(JSON.parse(r.inspection!) as ModelFacts),
      id: r.id as unknown as ModelId,
      path: r.path!,
      starter: r.starter === 1,
      addedAt: r.added_at!,
    }));
  }

  get(id: string): ModelView | null {
    return this.list().find((model) => model.id === id) ?? null;
  }

  remove(id: ModelId): void {
    this.database.prepare('DELETE FROM models WHERE id = ?').run(id);
  }
}

/** What the version before kept: problems without groups. */
type StoredInspection = Omit<DatasetInspection, 'problemGroups' | 'warnings' | 'notes'> & Partial<DatasetInspection>;
const complete = (stored: StoredInspection): DatasetInspection => ({
  warnings: [],
  notes: [],
  problemGroups: problemGroups(stored.problems),
  ...stored,
});

export class DatasetRepository {
  constructor(private readonly database: Database) {}

  insert(dataset: Omit<DatasetView, 'usedBy'>): void {
    this.database.transaction(() => {
      this.database
        .prepare(
          'INSERT INTO datasets (id, path, name, format, columns, starter, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(
          dataset.id,
          dataset.path,
          dataset.name,
          dataset.format,
          dataset.columns && JSON.stringify(dataset.columns),
          Number(dataset.starter),
          dataset.addedAt,
        );
      this.setInspection(dataset.id, dataset.inspection, dataset.measuredWith);
    })();
  }

  setInspection(id: DatasetId, inspection: DatasetInspection, measuredWith: ModelId | null): void {
    this.database
      .prepare('INSERT OR REPLACE INTO dataset_profiles (dataset_id, model_id, inspection) VALUES (?, ?, ?)')
      .run(id, measuredWith, JSON.stringify(inspection));
  }

  list(): readonly DatasetView[] {
    const rows = this.database
      .prepare(
        'SELECT d.*, p.inspection, p.model_id, (SELECT count(*) FROM runs r WHERE json_extract(r.spec, ' +
          `'$.dataset.path') = d.path) AS used FROM datasets d JOIN dataset_profiles p ON p.dataset_id = d.id ORDER ` +
          'BY d.starter DESC, d.added_at DESC',
      )
      .all() as Readonly<Record<string, string & number>>[];
    return rows.map((r) => ({
      id: r.id as unknown as DatasetId,
      path: r.path!,
      name: r.name!,
      format: r.format as unknown as DatasetView['format'],
      columns: r.columns ? (JSON.parse(r.columns) as DatasetView['columns']) : null,
      inspection: complete(JSON.parse(r.inspection!) as StoredInspection),
      measuredWith: r.model_id as unknown as ModelId | null,
      starter: r.starter === 1,
      addedAt: r.added_at!,
      usedBy: r.used!,
    }));
  }

  get(id: string): DatasetView | null {
    return this.list().find((dataset) => dataset.id === id) ?? null;
  }

  remove(id: DatasetId): void {
    this.database.prepare('DELETE FROM datasets WHERE id = ?').run(id);
  }
}

export class ExportRepository {
  constructor(private readonly database: Database) {}

  insert(e: ExportView): void {
    this.database
      .prepare('INSERT INTO exports VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(e.id, e.runId, e.form, e.dtype, e.path, e.bytes, e.createdAt);
  }

  ofRun(id: RunId): readonly ExportView[] {
    return this.database
      .prepare(
        'SELECT id, run_id AS runId, form, dtype, path, bytes, created_at AS createdAt FROM exports WHERE run_id ' +
          '= ? ORDER BY created_at',
      )
      .all(id) as ExportView[];
  }

  get(id: string): ExportView | null {
    return (
      (this.database
        .prepare(
          'SELECT id, run_id AS runId, form, dtype, path, bytes, created_at AS createdAt FROM exports WHERE id = ?',
        )
        .get(id as ExportId) as ExportView | undefined) ?? null
    );
  }
}

const defaultSettings: Settings = { theme: 'system', engine: 'auto', device: 'auto', tf32: true };

export class SettingsRepository {
  constructor(private readonly database: Database) {}

  get(): Settings {
    const rows = this.database.prepare('SELECT name, value FROM settings').all() as {
      readonly name: string;
      readonly value: string;
    }[];
    return {
      ...defaultSettings,
      ...(Object.fromEntries(rows.map((r) => [r.name, JSON.parse(r.value) as unknown])) as Partial<Settings>),
    };
  }

  set(change: Partial<Settings>): Settings {
    for (const [name, value] of Object.entries(change))
      this.database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)').run(name, JSON.stringify(value));
    return this.get();
  }
}
