import { largest, smallest } from '../shared/extremes';
import type { RunId } from '../shared/ids';
import { verdictPairs, type VerdictPairs } from '../shared/length/length-bias';
import type { MetricPoint, PairPoint, PositionProfile, ProbeSample } from '../shared/metrics/reports';
import type { MetricName, MetricValues } from '../shared/metrics/registry';
import type { CheckpointView, SeriesByName, SeriesPoint } from '../shared/views/run';
import type { Database } from './driver';

const pairColumns: Readonly<Record<keyof PairPoint, string>> = {
  row: 'data_row',
  step: 'step',
  split: 'split',
  chosenTokens: 'chosen_tokens',
  rejectedTokens: 'rejected_tokens',
  keptTokens: 'kept_tokens',
  chosenReward: 'chosen_reward',
  rejectedReward: 'rejected_reward',
  margin: 'margin',
  fullMargin: 'full_margin',
};
const pairKeys = Object.keys(pairColumns) as readonly (keyof PairPoint)[];
const selectPairs = `SELECT ${pairKeys.map((key) => `${pairColumns[key]} AS ${key}`).join(', ')} FROM pair_points`;
const insertPair =
  `INSERT OR REPLACE INTO pair_points (run_id, ${Object.values(pairColumns).join(', ')}) VALUES ` +
  `(?${', ?'.repeat(pairKeys.length)})`;

/** Newest training pairs that are read for a verdict: small data come round several times among them. */
const trainingPairs = 2048;

/**
 * What a run reports while it trains: append-only, keyed by step, so that a resumed run overwrites the steps it
 * repeats.
 */
export class RunDataRepository {
  constructor(private readonly database: Database) {}

  /**
   * One transaction per report. Returns its sequence number and what was kept of it: a number that is none (training
   * blew up) has no place in a chart.
   */
  addMetrics(
    id: RunId,
    step: number,
    values: MetricValues,
    pairs: readonly PairPoint[],
    profile: PositionProfile | null,
  ): { readonly seq: number; readonly points: readonly MetricPoint[]; readonly kept: readonly PairPoint[] } {
    const points = (Object.entries(values) as [MetricName, number][])
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => ({ step, name, value }));
    const kept = pairs.filter((p) => [p.chosenReward, p.rejectedReward, p.margin, p.fullMargin].every(Number.isFinite));
    const seq = this.database
      .transaction(() => {
        const next = this.database
          .prepare('UPDATE runs SET last_seq = last_seq + 1, summary = NULL WHERE id = ? RETURNING last_seq')
          .pluck()
          .get(id) as number;
        const remove = this.database.prepare('DELETE FROM metrics WHERE run_id = ? AND name = ? AND step = ?');
        const insert = this.database.prepare(
          'INSERT INTO metrics (run_id, seq, step, name, value) VALUES (?, ?, ?, ?, ?)',
        );
        for (const { name, value } of points) {
          remove.run(id, name, step);
          insert.run(id, next, step, name, value);
        }
        const pair = this.database.prepare(insertPair);
        for (const point of kept) pair.run([id, ...pairKeys.map((key) => point[key])]);
        if (profile)
          this.database
            .prepare('INSERT OR REPLACE INTO position_profiles VALUES (?, ?)')
            .run(id, JSON.stringify(profile));
        return next;
      })
      .immediate();
    return { seq, points, kept };
  }

  lastSeq(id: RunId): number {
    return (this.database.prepare('SELECT last_seq FROM runs WHERE id = ?').pluck().get(id) as number | undefined) ?? 0;
  }

  metricNames(id: RunId): readonly MetricName[] {
    // one look into the index a name: DISTINCT would read every step
    const next = `SELECT min(name) FROM metrics WHERE run_id = :id AND name > names.name`;
    const all =
      `WITH RECURSIVE names(name) AS (SELECT '' UNION ALL SELECT (${next}) FROM names WHERE name IS NOT NULL) ` +
      `SELECT name FROM names WHERE name <> ''`;
    return this.database.prepare(all).pluck().all({ id }) as MetricName[];
  }

  raw(id: RunId, name: MetricName): readonly (readonly [number, number])[] {
    return this.database
      .prepare('SELECT step, value FROM metrics WHERE run_id = ? AND name = ? ORDER BY step')
      .raw()
      .all(id, name) as [number, number][];
  }

  last(id: RunId, name: MetricName): number | null {
    return (
      (this.database
        .prepare('SELECT value FROM metrics WHERE run_id = ? AND name = ? ORDER BY step DESC LIMIT 1')
        .pluck()
        .get(id, name) as number | undefined) ?? null
    );
  }

  series(
    id: RunId,
    names: readonly MetricName[],
    fromStep: number | null,
    toStep: number | null,
    maxPoints: number,
  ): SeriesByName {
    const within = ([step]: readonly [number, number]): boolean =>
      (fromStep === null || step >= fromStep) && (toStep === null || step <= toStep);
    return Object.fromEntries(names.map((name) => [name, bucketSeries(this.raw(id, name).filter(within), maxPoints)]));
  }

  /** The newest pairs, and those of the last evaluation however long ago that was. */
  pairs(id: RunId, sinceStep: number, limit: number): readonly PairPoint[] {
    const newest = this.database
      .prepare(`${selectPairs} WHERE run_id = ? AND step >= ? ORDER BY step DESC LIMIT ?`)
      .all(id, sinceStep, limit) as PairPoint[];
    const first = newest.at(-1)?.step ?? sinceStep;
    const evaluated = this.lastEvaluation(id);
    // its step may have been cut in two by the limit
    const isMissing = evaluated !== null && evaluated >= sinceStep && evaluated <= first;
    const held = isMissing ? this.evaluation(id, evaluated) : [];
    const rest = isMissing ? newest.filter((r) => !(r.split === 'eval' && r.step === evaluated)) : newest;
    return [...held, ...rest.reverse()];
  }

  /**
   * What a verdict rests on: the last evaluation where there is one, otherwise the newest training pairs
   * (length-bias.ts, verdictPairs).
   */
  verdictPairs(id: RunId): VerdictPairs {
    const evaluated = this.lastEvaluation(id);
    if (evaluated !== null) return verdictPairs(this.evaluation(id, evaluated));
    const newest = this.database
      .prepare(`${selectPairs} WHERE run_id = ? ORDER BY step DESC LIMIT ?`)
      .all(id, trainingPairs) as PairPoint[];
    return verdictPairs(newest.reverse());
  }

  lastEvaluation(id: RunId): number | null {
    return this.database
      .prepare("SELECT max(step) FROM pair_points WHERE run_id = ? AND split = 'eval'")
      .pluck()
      .get(id) as number | null;
  }

  private evaluation(id: RunId, step: number): readonly PairPoint[] {
    return this.database
      .prepare(`${selectPairs} WHERE run_id = ? AND step = ? AND split = 'eval' ORDER BY data_row`)
      .all(id, step) as PairPoint[];
  }

  /** Changes whenever `verdictPairs` or `probes` could: cheap to ask for at each step. */
  evidenceVersion(id: RunId): string {
    const evaluated = this.lastEvaluation(id);
    const step =
      evaluated ??
      this.database
        .prepare('SELECT step FROM pair_points WHERE run_id = ? ORDER BY step DESC LIMIT 1')
        .pluck()
        .get(id) ??
      null;
    const probes = this.database.prepare('SELECT count(*), max(step) FROM probes WHERE run_id = ?').raw().get(id);
    return JSON.stringify([evaluated !== null, step, probes]);
  }

  profile(id: RunId): PositionProfile | null {
    const text = this.database.prepare('SELECT profile FROM position_profiles WHERE run_id = ?').pluck().get(id) as
      | string
      | undefined;
    return text === undefined ? null : (JSON.parse(text) as PositionProfile);
  }

  addProbe(id: RunId, s: ProbeSample): void {
    this.database
      .transaction(() => {
        this.database
          .prepare(
            'INSERT OR REPLACE INTO probes (run_id, step, prompt, prompt_text, text, tokens, finish, trained) ' +
              'VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
          )
          .run(
            id,
            s.step,
            s.prompt,
            s.promptText,
            s.text,
            s.tokens,
            s.finish,
            s.trained === undefined ? null : Number(s.trained),
          );
        this.database.prepare('UPDATE runs SET summary = NULL WHERE id = ?').run(id);
      })
      .immediate();
  }

  probes(id: RunId): readonly ProbeSample[] {
    const rows = this.database
      .prepare('SELECT * FROM probes WHERE run_id = ? ORDER BY step, prompt')
      .all(id) as Readonly<Record<string, (number & string) | null>>[];
    return rows.map((r) => ({
      step: r.step!,
      prompt: r.prompt!,
      promptText: r.prompt_text!,
      text: r.text!,
      tokens: r.tokens!,
      finish: String(r.finish) as ProbeSample['finish'],
      ...(r.trained === null ? {} : { trained: r.trained === 1 }),
    }));
  }

  /** One that is reported again (a run goes on from it) was made when it was first. */
  addCheckpoint(id: RunId, step: number, path: string, bytes: number, createdAt: number): void {
    const keep =
      'INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET path = excluded.path, bytes = ' +
      'excluded.bytes';
    this.database.prepare(keep).run(id, step, path, bytes, createdAt);
  }

  /** Only those whose folder is still there: old ones are pruned by the engine. */
  checkpoints(id: RunId, exists: (path: string) => boolean): readonly (CheckpointView & { readonly path: string })[] {
    const rows = this.database
      .prepare('SELECT step, path, bytes, created_at AS createdAt FROM checkpoints WHERE run_id = ? ORDER BY step')
      .all(id) as (CheckpointView & { readonly path: string })[];
    return rows.filter((row) => exists(row.path));
  }
}

/**
 * At most `maxPoints` points; each stands for a range of steps and keeps its minimum and maximum, so that a spike never
 * vanishes.
 */
export function bucketSeries(
  points: readonly (readonly [number, number])[],
  maxPoints: number,
): readonly SeriesPoint[] {
  const size = Math.max(1, Math.ceil(points.length / maxPoints));
  return Array.from({ length: Math.ceil(points.length / size) }, (_, bucket) => {
    const part = points.slice(bucket * size, (bucket + 1) * size);
    const values = part.map(([, value]) => value);
    return {
      step: part.at(-1)![0],
      value: values.reduce((a, b) => a + b, 0) / values.length,
      min: smallest(values)!,
      max: largest(values)!,
    };
  });
}
