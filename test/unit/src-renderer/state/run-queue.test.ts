import { describe, expect, it } from 'vitest';
import { isQueueStill, queueOf, standingWords } from '../../../../src-renderer/state/run-queue';
import { progressShare, progressWords } from '../../../../src-renderer/state/run-words';
import { run } from '../harness/fake-data';

const queued = (id: string, ageMs: number) => run({ id, status: 'queued', ageMs });
const [first, second] = [queued('r_1', 9000), queued('r_2', 5000)];

describe('runs that wait', () => {
  it('have a place, the one that waited longest first', () => {
    const all = [second, first, run({ id: 'r_0', status: 'running', step: 3 })];
    expect(queueOf(all).map(({ id }) => id)).toEqual(['r_1', 'r_2']);
    expect(standingWords(all, first)).toBe('next, when the run at work ends');
    expect(standingWords(all, second)).toBe('number 2 of 2 that wait');
    expect(standingWords(all, all[2]!)).toMatch(/^step 3 of/);
    expect(standingWords([], first)).toBe('starts when its turn comes');
    expect(isQueueStill(all)).toBe(false);
  });
  it('say that the queue stands still after a pause', () => {
    const all = [second, first, run({ id: 'r_0', status: 'paused', step: 3 })];
    expect(isQueueStill(all)).toBe(true);
    expect(standingWords(all, second)).toBe('number 2 of 2; the queue stands still');
    expect(standingWords([first, run({ id: 'r_0', status: 'paused' })], first)).toBe('the queue stands still');
    expect(isQueueStill([run({ id: 'r_0', status: 'paused' })])).toBe(false);
    expect(isQueueStill([first, run({ id: 'r_0', status: 'pausing' })])).toBe(false);
  });
});

describe('a run that is being prepared', () => {
  const preparing = run({ id: 'r', status: 'preparing', step: 0 });
  const at = (phase: string | null, done: number, total: number) => ({
    ...preparing,
    progress: { ...preparing.progress, phase, done, total },
  });
  it('moves from the first moment, and tells weights from graphs', () => {
    expect([
      progressShare(at(null, 0, 0)),
      progressShare(at('tokenize', 0, 0)),
      progressShare(at('build', 0, 1)),
      progressShare(at('tokenize', 5, 10)),
    ]).toEqual([null, null, null, 0.5]);
    expect(progressWords(at('build', 0, 1))).toBe('Building the training graph');
    expect(progressWords(at('build', 12, 272))).toBe('Loading the model’s weights: 12 of 272');
    expect(progressWords(at('tokenize', 0, 0))).toBe('Reading and tokenizing pairs');
  });
});
