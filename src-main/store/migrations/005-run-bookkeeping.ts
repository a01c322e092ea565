/**
 * What a run needs to know of itself without reading its whole history: the number of its last report in its journal
 * (`reported`) and to the page (`last_seq`), when it began to wait (`queued_at`), and what a list says of it
 * (`summary`, null where it is to be worked out again).
 */
export const runBookkeeping = `
ALTER TABLE runs ADD COLUMN reported INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN queued_at INTEGER;
ALTER TABLE runs ADD COLUMN summary TEXT;
UPDATE runs SET queued_at = created_at, last_seq = (SELECT coalesce(max(seq), 0) FROM metrics WHERE run_id = runs.id);
CREATE INDEX runs_waiting ON runs(queued_at) WHERE status = 'queued';
`;
