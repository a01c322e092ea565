/** Frozen once released: change the schema with a new migration. Times are ms since 1970. */
export const initial = `
CREATE TABLE models (
  id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, inspection TEXT NOT NULL, starter INTEGER NOT NULL DEFAULT 0, added_at INTEGER NOT NULL
) STRICT;
CREATE TABLE datasets (
  id TEXT PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL, starter INTEGER NOT NULL DEFAULT 0, added_at INTEGER NOT NULL
) STRICT;
CREATE TABLE dataset_profiles (
  dataset_id TEXT PRIMARY KEY REFERENCES datasets(id) ON DELETE CASCADE, model_id TEXT REFERENCES models(id) ON DELETE SET NULL, inspection TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, spec TEXT NOT NULL, model_name TEXT NOT NULL, dataset_name TEXT NOT NULL, method_id TEXT NOT NULL,
  created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, engine TEXT, progress TEXT NOT NULL, error TEXT, owner TEXT, problems TEXT NOT NULL DEFAULT '[]',
  probe_prompts TEXT NOT NULL DEFAULT '[]', checkpoint_path TEXT
) STRICT;
CREATE INDEX runs_by_time ON runs(created_at DESC);
CREATE TABLE metrics (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, seq INTEGER NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (run_id, name, step, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE pair_points (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, step INTEGER NOT NULL, data_row INTEGER NOT NULL, split TEXT NOT NULL, chosen_tokens INTEGER NOT NULL,
  rejected_tokens INTEGER NOT NULL, kept_tokens INTEGER NOT NULL, chosen_reward REAL NOT NULL, rejected_reward REAL NOT NULL, margin REAL NOT NULL, full_margin REAL NOT NULL,
  PRIMARY KEY (run_id, step, split, data_row)
) STRICT, WITHOUT ROWID;
CREATE TABLE position_profiles (
  run_id TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, profile TEXT NOT NULL
) STRICT;
CREATE TABLE probes (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, step INTEGER NOT NULL, prompt INTEGER NOT NULL, prompt_text TEXT NOT NULL, text TEXT NOT NULL, tokens INTEGER NOT NULL, finish TEXT NOT NULL,
  PRIMARY KEY (run_id, step, prompt)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, step INTEGER NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, created_at INTEGER NOT NULL,
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;
CREATE TABLE exports (
  id TEXT PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, form TEXT NOT NULL, dtype TEXT NOT NULL, path TEXT NOT NULL, bytes INTEGER NOT NULL, created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
`;
