/**
 * Kept tokens are fractions where the longer answer's tokens weigh less than one each. SQLite changes a strict column's
 * type by copying the table.
 */
export const fractionalKeptTokens = `
CREATE TABLE pair_points_new (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, step INTEGER NOT NULL, data_row INTEGER NOT NULL, split TEXT NOT NULL, chosen_tokens INTEGER NOT NULL,
  rejected_tokens INTEGER NOT NULL, kept_tokens REAL NOT NULL, chosen_reward REAL NOT NULL, rejected_reward REAL NOT NULL, margin REAL NOT NULL, full_margin REAL NOT NULL,
  PRIMARY KEY (run_id, step, split, data_row)
) STRICT, WITHOUT ROWID;
INSERT INTO pair_points_new SELECT * FROM pair_points;
DROP TABLE pair_points;
ALTER TABLE pair_points_new RENAME TO pair_points;
`;
