import type { RunId } from '../shared/ids';
import { isActive, type RunStatus } from '../shared/runs/run-status';
import type { RunBasics, RunProgress, RunView } from '../shared/views/run';
import type { Database } from './driver';

export interface RunRecord extends RunBasics {
  /** `pid:start time` of the process that trains it, so that two programs on one home leave each other's runs alone. */
  readonly owner: string | null;
  readonly problems: readonly string[];
  readonly checkpointPath: string | null;
  /** SHA-256 of the dataset's file and of the model's, as the engine read them; null before it did. */
  readonly datasetHash: string | null;
  readonly modelHash: string | null;
  /** Since when it waits for its turn, or waited last. */
  readonly queuedAt: number | null;
  /** The number of its last report from the engine that is stored. */
  readonly reported: number;
  /** What a list says of it; null: to be worked out from what it reported. */
  readonly summary: RunSummary | null;
}

export interface RunSummary extends Pick<RunView, 'length' | 'finalLoss'> {
  readonly version: number; // of the rules it was made by
}

export const noProgress: RunProgress = {
  phase: null,
  done: 0,
  total: 0,
  step: 0,
  totalSteps: 0,
  pairsPerSecond: null,
  remainingMs: null,
};

/** A run before the store has numbered it and the engine has read its files. */
export type NewRun = Omit<RunRecord, 'ordinal' | 'datasetHash' | 'modelHash' | 'reported' | 'summary'>;
const givenLater: ReadonlySet<keyof RunRecord> = new Set([
  'ordinal',
  'datasetHash',
  'modelHash',
  'reported',
  'summary',
]);

const columns: Readonly<Record<keyof RunRecord, string>> = {
  id: 'id',
  name: 'name',
  status: 'status',
  spec: 'spec',
  modelName: 'model_name',
  datasetName: 'dataset_name',
  methodId: 'method_id',
  createdAt: 'created_at',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  engine: 'engine',
  progress: 'progress',
  error: 'error',
  owner: 'owner',
  problems: 'problems',
  checkpointPath: 'checkpoint_path',
  queuedAt: 'queued_at',
  reported: 'reported',
  summary: 'summary',
  ordinal: 'ordinal',
  datasetHash: 'dataset_hash',
  modelHash: 'model_hash',
};
const asJson: ReadonlySet<keyof RunRecord> = new Set(['spec', 'progress', 'error', 'problems', 'summary']);
const keys = Object.keys(columns) as readonly (keyof RunRecord)[];

const toColumn = (key: keyof RunRecord, value: unknown): unknown =>
  asJson.has(key) && value !== null ? JSON.stringify(value) : value;

function rowToRun(row: Readonly<Record<string, unknown>>): RunRecord {
  return Object.fromEntries(
    keys.map((key) => [
      key,
      asJson.has(key) && row[columns[key]] !== null
        ? (JSON.parse(row[columns[key]] as string) as unknown)
        : row[columns[key]],
    ]),
  ) as unknown as RunRecord;
}

export class RunRepository {
  constructor(private readonly database: Database) {}

  /** The store numbers runs as they come; what the engine reads of their files comes later. */
  insert(run: NewRun): void {
    const given = keys.filter((key): key is keyof NewRun => !givenLater.has(key));
    const names = given.map((key) => columns[key]).join(', ');
    const next = '(SELECT coalesce(max(ordinal), 0) + 1 FROM runs)';
    this.database
      .prepare(`INSERT INTO runs (${names}, ordinal) VALUES (${given.map(() => '?').join(', ')}, ${next})`)
      .run(given.map((key) => toColumn(key, run[key])));
  }

  update(id: RunId, change: Partial<Omit<RunRecord, 'id' | 'ordinal'>>): void {
    const changed = Object.keys(change) as (keyof RunRecord)[];
    if (changed.length === 0) return;
    this.database
      .prepare(`UPDATE runs SET ${changed.map((key) => `${columns[key]} = ?`).join(', ')} WHERE id = ?`)
      .run([...changed.map((key) => toColumn(key, change[key as keyof typeof change])), id]);
  }

  get(id: string): RunRecord | null {
    const row = this.database.prepare('SELECT * FROM runs WHERE id = ?').get(id) as
      | Readonly<Record<string, unknown>>
      | undefined;
    return row ? rowToRun(row) : null;
  }

  /** Newest first. The search looks at names, methods, models and datasets. */
  list(search = ''): readonly RunRecord[] {
    const like = `%${search.replace(/[%_\\]/g, '\\$&')}%`;
    const rows = this.database
      .prepare(
        `SELECT * FROM runs WHERE name || ' ' || method_id || ' ' || model_name || ' ' || dataset_name || ' ' || ` +
          `status || ' ' || id LIKE ? ESCAPE '\\' ORDER BY created_at DESC, rowid DESC`,
      )
      .all(like);
    return (rows as Readonly<Record<string, unknown>>[]).map(rowToRun);
  }

  /** Takes a run that nobody works on. False: another process, or this one, was faster. */
  claim(id: RunId, from: readonly RunStatus[], owner: string): boolean {
    const marks = from.map(() => '?').join(', ');
    const claim = this.database.prepare(
      `UPDATE runs SET status = 'preparing', owner = ? WHERE id = ? AND status IN (${marks}) AND (status <> ` +
        `'queued' OR owner = ?)`,
    );
    return claim.run([owner, id, ...from, owner]).changes === 1;
  }

  /** Runs that wait in a process's queue, in turn. */
  waiting(owner: string): readonly RunId[] {
    return this.database
      .prepare("SELECT id FROM runs WHERE status = 'queued' AND owner = ? ORDER BY queued_at, rowid")
      .pluck()
      .all(owner) as RunId[];
  }

  delete(id: RunId): void {
    this.database.prepare('DELETE FROM runs WHERE id = ?').run(id);
  }

  /** Runs that claim to be at work although their process is gone become `interrupted`. */
  interruptOrphans(isAlive: (owner: string) => boolean, now: number): readonly RunId[] {
    const orphans = this.list().filter((run) => isActive(run.status) && !(run.owner !== null && isAlive(run.owner)));
    for (const { id, status, problems } of orphans)
      this.update(id, {
        status: 'interrupted',
        endedAt: now,
        owner: null,
        problems: [
          ...problems,
          status === 'queued'
            ? 'The program ended before this run began.'
            : `The program ended while this run was ${status}.`,
        ],
      });
    return orphans.map((run) => run.id);
  }
}
