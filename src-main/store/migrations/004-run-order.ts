/**
 * A run's number in the order they were made (its colour hangs on it), what its data and model were by content, and
 * which probe prompts it trained on. The index finds the last evaluation among a million training pairs.
 */
export const runOrder = `
ALTER TABLE runs ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET ordinal = numbered.place FROM (SELECT id, row_number() OVER (ORDER BY created_at, rowid) AS place FROM runs) AS numbered WHERE numbered.id = runs.id;
CREATE INDEX runs_by_ordinal ON runs(ordinal);
ALTER TABLE runs ADD COLUMN dataset_hash TEXT;
ALTER TABLE runs ADD COLUMN model_hash TEXT;
ALTER TABLE probes ADD COLUMN trained INTEGER;
CREATE INDEX eval_pairs ON pair_points(run_id, step) WHERE split = 'eval';
`;
