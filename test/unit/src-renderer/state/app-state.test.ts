import { describe, expect, it } from 'vitest';
import { appError } from '../../../../src-main/shared/result';
import { runStatuses } from '../../../../src-main/shared/runs/run-status';
import {
  continuable,
  currentRun,
  initialAppState,
  knownPace,
  reduceApp,
  runsOf,
  withRun,
} from '../../../../src-renderer/state/app-state';
import { progressShare, progressWords, runName, runTime, statusWords } from '../../../../src-renderer/state/run-words';
import { fakeNow, run, spec } from '../harness/fake-data';

const loaded = reduceApp(initialAppState, {
  kind: 'loaded',
  slice: 'runs',
  data: { status: 'ready', value: [run({ id: 'a', ageMs: 10 }), run({ id: 'b', ageMs: 20 })] },
});

describe('reduceApp', () => {
  it('puts a new run in front and a changed one in its place', () => {
    const added = reduceApp(loaded, { kind: 'run-changed', run: run({ id: 'c', ageMs: 0 }) });
    expect(runsOf(added).map((r) => r.id)).toEqual(['c', 'a', 'b']);
    const changed = reduceApp(added, { kind: 'run-changed', run: run({ id: 'b', ageMs: 20, status: 'failed' }) });
    expect(runsOf(changed).map((r) => `${r.id} ${r.status}`)).toEqual(['c finished', 'a finished', 'b failed']);
    expect(runsOf(reduceApp(changed, { kind: 'run-removed', id: run({ id: 'a' }).id })).map((r) => r.id)).toEqual([
      'c',
      'b',
    ]);
  });
  it('keeps what is on the screen when a reload fails', () => {
    const failed = { status: 'failed', error: appError('database', 'locked', '') } as const;
    expect(runsOf(reduceApp(loaded, { kind: 'loaded', slice: 'runs', data: failed }))).toHaveLength(2);
    expect(reduceApp(initialAppState, { kind: 'loaded', slice: 'runs', data: failed }).runs.status).toBe('failed');
  });
});

describe('selectors', () => {
  it('show the run at work before one that waits', () => {
    const runs = [run({ id: 'q', status: 'queued' }), run({ id: 'w', status: 'running', step: 3 }), run({ id: 'f' })];
    expect(currentRun(runs)?.id).toBe('w');
    expect(currentRun([runs[0], runs[2]].filter((r) => r !== undefined))?.id).toBe('q');
    expect(currentRun([run({ id: 'f' }), run({ id: 'p', status: 'paused' })])).toBeNull();
    expect(
      continuable([run({ id: 'p', status: 'paused' }), run({ id: 'f' }), run({ id: 'i', status: 'interrupted' })]).map(
        (r) => r.id,
      ),
    ).toEqual(['p', 'i']);
    expect(withRun([], run({ id: 'x' }))).toHaveLength(1);
  });
  it('take a pace only from a run of the same kind', () => {
    const known = run({ id: 'a' });
    expect(knownPace([known], known.spec, null)?.pairsPerSecond).toBe(14.2);
    expect(knownPace([known], spec({ adapter: { kind: 'lora' } }), known.spec.model.path)).toBeNull();
    const following: typeof known.spec = {
      ...known.spec,
      method: { ...known.spec.method, referenceSync: { everySteps: 10, mixup: 0.5 } },
    };
    expect(knownPace([known], following, null)).toBeNull();
  });
});

describe('words', () => {
  it('name every status', () => {
    for (const status of runStatuses) expect(statusWords(status).label).not.toBe('');
  });
  it('say where a run stands', () => {
    expect(progressWords(run({ id: 'r', status: 'running', step: 41, total: 74 }))).toBe(
      'step 41 of 74 · 14 pairs/s · 18 s left',
    );
    const inRounds = (step: number): string =>
      progressWords(run({ id: 'r', status: 'paused', step, total: 90, spec: spec({ rounds: 3 }) }));
    expect([1, 30, 31, 90].map(inRounds)).toEqual([
      'step 1 of 90 · round 1 of 3',
      'step 30 of 90 · round 1 of 3',
      'step 31 of 90 · round 2 of 3',
      'step 90 of 90 · round 3 of 3',
    ]);
    expect(progressWords(run({ id: 'r', status: 'preparing', step: 0 }))).toBe(
      'Scoring every pair with the reference: 212 of 600',
    );
    expect(progressShare(run({ id: 'r', status: 'running', step: 37, total: 74 }))).toBe(0.5);
    expect(runTime(run({ id: 'r', status: 'queued' }), fakeNow)).toBeNull();
    expect(runName(run({ id: 'r' }))).toBe('sampo on Starter pairs');
  });
});
