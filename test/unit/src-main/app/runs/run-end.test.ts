import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { appError } from '../../../../../src-main/shared/result';
import { noProgress } from '../../../../../src-main/store/runs';
import { closeQueues, openQueue, turn } from '../../../support/run-queue';

afterEach(() => {
  vi.restoreAllMocks();
  closeQueues();
});

const doneWith = (seq: number, checkpointPath = '/journal'): object => ({
  kind: 'done',
  seq,
  job: 'train',
  value: { outcome: 'finished', steps: 1, checkpointPath, best: null },
});

describe('the end of a run', () => {
  it.each([
    [
      'of its own',
      async ({ end }: ReturnType<typeof openQueue>) => end('stopped', '/new'),
      { status: 'stopped', checkpointPath: '/new' },
    ],
    ['without a new checkpoint', async ({ end }) => end('stopped', ''), { status: 'stopped', checkpointPath: '/old' }],
    ['of its process', async ({ die }) => die(), { status: 'interrupted', checkpointPath: '/old' }],
  ] as readonly (readonly [string, (all: ReturnType<typeof openQueue>) => Promise<void>, object])[])(
    '%s is kept with where it can go on from',
    async (_what, finish, expected) => {
      const all = openQueue();
      const { runs, insert } = all;
      const id = insert({
        status: 'paused',
        checkpointPath: '/old',
        progress: { ...noProgress, step: 3, phase: 'build' },
      });
      runs.resume(id);
      const waiters = Promise.all([runs.whenEnded(id), runs.whenEnded(id)]);
      await finish(all);
      const run = runs.get(id);
      expect(run).toMatchObject({ ...expected, owner: null, progress: { step: 3, phase: null, remainingMs: null } });
      expect(Math.abs(run.endedAt! - Date.now())).toBeLessThan(60_000);
      expect(await waiters).toEqual([run, run]);
      expect(await runs.whenEnded(id)).toEqual(run);
    },
  );

  it('that its process wrote down and could not say any more counts, and what came before it is told', async () => {
    const problem = vi.fn();
    const { runs, create, die, journal } = openQueue({ problem });
    const id = create();
    runs.start(id);
    const folder = journal(id, [{ kind: 'problem', seq: 1, message: 'm' }, doneWith(2)]);
    await die();
    expect(problem.mock.calls).toEqual([[id, 'm']]);
    expect(runs.get(id)).toMatchObject({ status: 'finished', checkpointPath: '/journal', error: null, reported: 2 });
    expect(existsSync(folder)).toBe(false);
  });

  it('of the engine’s own words stands, whatever its journal says', async () => {
    const { runs, channels, create, journal } = openQueue();
    const id = create();
    runs.start(id);
    journal(id, [doneWith(1)]);
    channels[0]!.say({ kind: 'ready' });
    channels[0]!.say({ kind: 'failed', error: appError('bad-data', 'no pair', 'h') });
    channels[0]!.exit('exit code 0');
    await turn();
    expect(runs.get(id)).toMatchObject({ status: 'failed', error: { message: 'no pair' } });
  });

  it('that cannot be stored is told as a failure, and the journal stays', async () => {
    const { runs, store, create, end, journal } = openQueue();
    const id = create();
    runs.start(id);
    const folder = journal(id, [{ kind: 'problem', seq: 1, message: 'm' }]);
    const ended = runs.whenEnded(id);
    const full = (): never => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    };
    vi.spyOn(store, 'write').mockImplementation(full);
    vi.spyOn(store.runs, 'update').mockImplementation(full);
    await end('finished');
    expect(await ended).toMatchObject({ id, status: 'failed', owner: null, error: { code: 'no-space' } });
    expect(existsSync(folder)).toBe(true);
  });

  it('keeps the reason it had where that cannot be stored', async () => {
    const { runs, store, channels, create } = openQueue();
    const id = create();
    runs.start(id);
    const ended = runs.whenEnded(id);
    channels[0]!.say({ kind: 'ready' });
    channels[0]!.say({ kind: 'failed', error: appError('bad-data', 'no pair', 'h') });
    vi.spyOn(store.runs, 'update').mockImplementation(() => {
      throw new Error('full');
    });
    channels[0]!.exit('exit code 0');
    expect(await ended).toMatchObject({ status: 'failed', error: { message: 'no pair' } });
  });
});

describe('a journal that is healed', () => {
  it.each([
    ['a new checkpoint', '/new', '/new'],
    ['none', '', '/old'],
  ])('ends the run as it says, with %s', (_what, said, kept) => {
    const { runs, insert, journal } = openQueue();
    const id = insert({ status: 'interrupted', checkpointPath: '/old', error: appError('internal', 'x', '') });
    const folder = journal(id, [doneWith(1, said)]);
    runs.heal(id);
    expect(runs.get(id)).toMatchObject({ status: 'finished', checkpointPath: kept, error: null });
    expect(existsSync(folder)).toBe(false);
  });

  it('without an end leaves the run as it is, and stays: its engine may still write', () => {
    const { runs, insert, journal, statusOf } = openQueue();
    const id = insert({ status: 'interrupted' });
    const folder = journal(id, [{ kind: 'problem', seq: 1, message: 'm' }]);
    runs.heal(id);
    expect([statusOf(id), existsSync(folder)]).toEqual(['interrupted', true]);
  });
});

describe('the end of the program', () => {
  it('is at once where nothing trains', async () => {
    const { runs, create, statusOf } = openQueue();
    const id = create();
    expect(runs.atWork()).toBeNull();
    runs.endNow();
    await runs.shutDown();
    expect(statusOf(id)).toBe('queued');
  });

  it('pauses the run at work and starts no other', async () => {
    const { runs, channels, create, end, statusOf } = openQueue();
    const [first, second] = [create(), create()];
    runs.start(first);
    channels[0]!.say({ kind: 'ready' });
    const closed = runs.shutDown();
    expect(channels[0]!.posted.slice(1)).toEqual([{ kind: 'pause' }]);
    await end('finished'); // it was about to
    await closed;
    expect([statusOf(first), statusOf(second), channels.length]).toEqual(['finished', 'queued', 1]);
  });

  it.each(['pause', 'stop'] as const)('asks once: a run that was asked to %s is waited for', async (wish) => {
    const { runs, channels, create, end } = openQueue();
    const id = create();
    runs.start(id);
    channels[0]!.say({ kind: 'ready' });
    runs[wish](id);
    const closed = runs.shutDown();
    expect(channels[0]!.posted).toHaveLength(2);
    await end('paused');
    await closed;
  });

  it('knows what would be lost', () => {
    const { services, runs, create } = openQueue();
    const id = create('mine');
    runs.start(id);
    services.store.runs.update(id, { progress: { ...noProgress, step: 9 } });
    expect(runs.atWork()).toEqual({ id, name: 'mine', step: 9, savedStep: null });
    for (const [step, folder] of [
      [2, services.folders.home],
      [4, services.folders.home],
      [6, '/gone'],
    ] as const)
      services.store.runData.addCheckpoint(id, step, folder, 1, 1);
    expect(runs.atWork()?.savedStep).toBe(4);
    runs.endNow();
  });
});
