import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../../../src-main/store';
import { runView } from '../../../../src-main/app/runs/run-views';
import { anyRun, temporaryFolder } from '../../support/runs';

const names = Array.from({ length: 45 }, (_, n) => `metric/${n}`);
const values = (step: number): Record<string, number> => Object.fromEntries(names.map((name, n) => [name, step + n]));
const pairsOf = (step: number) =>
  Array.from({ length: 4 }, (_, n) => ({
    row: 4 * step + n,
    step,
    split: 'train' as const,
    chosenTokens: 9,
    rejectedTokens: 8,
    keptTokens: 8,
    chosenReward: 0.1,
    rejectedReward: 0,
    margin: 0.1,
    fullMargin: 0.1,
  }));
const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

describe('the store', () => {
  it('takes a report as fast after 20,000 steps as after 1,000: it reads nothing of what was reported before', () => {
    const store = openStore(path.join(temporaryFolder(), 'sampo.sqlite'));
    const run = anyRun();
    store.runs.insert(run);
    const report = (step: number): number => {
      const from = performance.now();
      store.runData.addMetrics(run.id, step, values(step), pairsOf(step), null);
      runView(store, store.runs.get(run.id)!);
      return performance.now() - from;
    };
    const steps = (from: number, to: number): void =>
      void store.write(() => {
        for (let step = from; step <= to; step++)
          store.runData.addMetrics(run.id, step, values(step), pairsOf(step), null);
      });
    steps(1, 1000);
    const early = median(Array.from({ length: 40 }, (_, n) => report(1001 + n)));
    steps(1041, 20_000);
    const late = median(Array.from({ length: 40 }, (_, n) => report(20_001 + n)));
    expect(store.runData.lastSeq(run.id)).toBe(20_040);
    const [plan] = store.database
      .prepare(`EXPLAIN QUERY PLAN DELETE FROM metrics WHERE run_id = ? AND name = ? AND step = ?`)
      .all('r', 'n', 1) as { detail: string }[];
    expect(plan!.detail).toMatch(/SEARCH .* \(run_id=\? AND name=\? AND step=\?\)/);
    const from = performance.now();
    expect(store.runData.metricNames(run.id)).toEqual([...names].sort());
    const listed = performance.now() - from;
    if (process.env.SAMPO_TIMES) console.log({ early, late, listed });
    expect(late).toBeLessThan(8 * early + 5); // it was 17 times as slow
    store.close();
  });

  it('lists ten thousand runs from what it noted of each', () => {
    const store = openStore(path.join(temporaryFolder(), 'sampo.sqlite'));
    store.write(() => {
      for (let n = 0; n < 10_000; n++) {
        const run = anyRun();
        store.runs.insert(run);
        store.runData.addMetrics(run.id, 1, { loss: n }, pairsOf(1), null);
      }
    });
    const list = (): number => {
      const from = performance.now();
      const views = store.write(() => store.runs.list().map((run) => runView(store, run)));
      expect(views).toHaveLength(10_000);
      expect(views.map((view) => view.finalLoss).sort((a, b) => a! - b!)[9_999]).toBe(9_999);
      return performance.now() - from;
    };
    const rows = performance.now();
    store.runs.list();
    if (process.env.SAMPO_TIMES) console.log({ rows: performance.now() - rows });
    const [first, again] = [list(), list()];
    if (process.env.SAMPO_TIMES) console.log({ first, again });
    expect(again).toBeLessThan(3000);
    store.close();
  });
});
