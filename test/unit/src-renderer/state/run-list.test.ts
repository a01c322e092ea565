import { describe, expect, it } from 'vitest';
import { findRuns, newestFirst, nextOrder, sortRuns } from '../../../../src-renderer/state/run-list';
import { run } from '../harness/fake-data';

const runs = [
  run({ id: 'r_c', name: 'run 10', status: 'paused', loss: 0.4, ageMs: 1e3 }),
  run({ id: 'r_b', name: 'run 9', method: 'dpo', status: 'failed', loss: null, ageMs: 2e3 }),
  run({ id: 'r_a', name: 'Äpfel', status: 'finished', loss: 0.2, ageMs: 3e3 }),
];
const ids = (list: readonly { readonly id: string }[]): string => list.map((one) => one.id).join(' ');

describe('a list of runs', () => {
  it('is searched by every word, in name, method, model, data, status and id', () => {
    expect(ids(findRuns(runs, '', 'all'))).toBe('r_c r_b r_a');
    expect(ids(findRuns(runs, 'RUN', 'all'))).toBe('r_c r_b');
    expect(ids(findRuns(runs, 'run dpo', 'all'))).toBe('r_b');
    expect(ids(findRuns(runs, 'starter llama', 'all'))).toBe('r_c r_b r_a');
    expect(ids(findRuns(runs, 'paused', 'all'))).toBe('r_c');
    expect(ids(findRuns(runs, 'r_a', 'all'))).toBe('r_a');
  });
  it('is narrowed to a kind of status', () => {
    expect(ids(findRuns(runs, '', 'failed'))).toBe('r_b');
    expect(ids(findRuns(runs, '', 'resumable'))).toBe('r_c');
    expect(ids(findRuns(runs, 'run', 'finished'))).toBe('');
  });
  it('sorts numbers in names as numbers, and runs without a loss last both ways', () => {
    expect(ids(sortRuns(runs, newestFirst))).toBe('r_c r_b r_a');
    expect(ids(sortRuns(runs, { by: 'created', isDescending: false }))).toBe('r_a r_b r_c');
    expect(ids(sortRuns(runs, { by: 'name', isDescending: false }))).toBe('r_a r_b r_c');
    expect(ids(sortRuns(runs, { by: 'loss', isDescending: false }))).toBe('r_a r_c r_b');
    expect(ids(sortRuns(runs, { by: 'loss', isDescending: true }))).toBe('r_c r_a r_b');
    expect(ids(sortRuns(runs, { by: 'status', isDescending: false }))).toBe('r_b r_a r_c');
  });
  it('turns round at the second click', () => {
    const once = nextOrder(newestFirst, 'name');
    expect([once, nextOrder(once, 'name'), nextOrder(once, 'created')]).toEqual([
      { by: 'name', isDescending: false },
      { by: 'name', isDescending: true },
      newestFirst,
    ]);
  });
});
