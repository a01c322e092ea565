import { describe, expect, it } from 'vitest';
import type { RunId } from '../../../../src-main/shared/ids';
import type { PairPoint } from '../../../../src-main/shared/metrics/reports';
import type { RunUpdate } from '../../../../src-main/shared/views/run';
import {
  fromStore,
  lastValue,
  noMetrics,
  pairLimit,
  recentMean,
  withUpdate,
  withUpdates,
} from '../../../../src-renderer/state/run-metrics';

const pair = (step: number, row: number, split: PairPoint['split'] = 'train'): PairPoint => ({
  row,
  step,
  split,
  chosenTokens: 5,
  rejectedTokens: 4,
  keptTokens: 4,
  chosenReward: 0,
  rejectedReward: 0,
  margin: 0,
  fullMargin: 0,
});
const update = (seq: number, loss: number, pairs: readonly PairPoint[] = []): RunUpdate => ({
  runId: 'r' as RunId,
  seq,
  points: [{ step: seq, name: 'loss', value: loss }],
  pairs,
  profile: null,
});
const losses = (metrics: typeof noMetrics): readonly (readonly [number, number])[] =>
  (metrics.series['loss'] ?? []).map((p) => [p.step, p.value] as const);

describe('withUpdate', () => {
  it('appends points in order', () => {
    expect(losses(withUpdates(noMetrics, [update(1, 0.7), update(2, 0.6)]))).toEqual([
      [1, 0.7],
      [2, 0.6],
    ]);
  });
  it('is idempotent: a report that arrives twice changes nothing', () => {
    const once = withUpdates(noMetrics, [update(1, 0.7, [pair(1, 3)]), update(2, 0.6, [pair(2, 4)])]);
    const twice = withUpdates(once, [update(1, 0.7, [pair(1, 3)]), update(2, 0.6, [pair(2, 4)])]);
    expect(losses(twice)).toEqual(losses(once));
    expect(twice.pairs).toEqual(once.pairs);
    expect(twice.hasGap).toBe(false);
  });
  it('notices a lost report and keeps what came', () => {
    const metrics = withUpdates(noMetrics, [update(1, 0.7), update(4, 0.5)]);
    expect(metrics.hasGap).toBe(true);
    expect(losses(metrics)).toEqual([
      [1, 0.7],
      [4, 0.5],
    ]);
    expect(withUpdate(metrics, update(5, 0.4)).hasGap).toBe(true);
    expect(fromStore(metrics.series, metrics.pairs, null, 4).hasGap).toBe(false);
  });
  it('puts a late point in its place', () => {
    expect(losses(withUpdates(noMetrics, [update(1, 0.7), update(3, 0.5), update(2, 0.6)]))).toEqual([
      [1, 0.7],
      [2, 0.6],
      [3, 0.5],
    ]);
  });
  it('replaces a step that a resumed run repeats', () => {
    const metrics = withUpdates(noMetrics, [update(1, 0.7), update(2, 0.6)]);
    expect(losses(withUpdate(metrics, { ...update(3, 0), points: [{ step: 2, name: 'loss', value: 0.55 }] }))).toEqual([
      [1, 0.7],
      [2, 0.55],
    ]);
  });
  it('does not write one value over a bucket of many', () => {
    const stored = fromStore({ loss: [{ step: 10, value: 0.5, min: 0.1, max: 0.9 }] }, [], null, 1);
    expect(losses(withUpdate(stored, { ...update(2, 0), points: [{ step: 10, name: 'loss', value: 0.3 }] }))).toEqual([
      [10, 0.5],
    ]);
  });
  it('keeps the newest pairs only', () => {
    const many = Array.from({ length: pairLimit + 5 }, (_, i) => pair(i, i));
    expect(withUpdate(noMetrics, update(1, 0.7, many)).pairs).toHaveLength(pairLimit);
    expect(withUpdate(noMetrics, update(1, 0.7, many)).pairs.at(-1)?.row).toBe(pairLimit + 4);
  });
});

describe('selectors', () => {
  it('read last values and means of the newest steps', () => {
    const metrics = withUpdates(noMetrics, [update(1, 1), update(2, 2), update(3, 3)]);
    expect([
      lastValue(metrics, 'loss'),
      recentMean(metrics, 'loss', 2),
      recentMean(metrics, 'entropy', 2),
      lastValue(metrics, 'entropy'),
    ]).toEqual([3, 2.5, null, null]);
  });
  it('keep the pairs of the last evaluation, which verdicts rest on, however many came since', () => {
    const held = [pair(5, 1, 'eval'), pair(10, 1, 'eval'), pair(10, 2, 'eval')];
    const later = Array.from({ length: pairLimit + 50 }, (_, i) => pair(11 + i, i));
    const pairs = later.reduce(
      (metrics, p, i) => withUpdate(metrics, update(i + 1, 1, [p])),
      fromStore({}, held, null, 0),
    ).pairs;
    expect(pairs.filter((p) => p.split === 'eval')).toEqual(held.slice(1));
    expect(pairs.at(-1)).toEqual(later.at(-1));
    expect(pairs.length).toBeLessThanOrEqual(pairLimit + 2);
    expect(fromStore({}, [...held, ...later], null, 0).pairs).toEqual(pairs);
  });
});
