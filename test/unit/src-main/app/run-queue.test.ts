import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processOwner } from '../../../../src-main/app/process-owner';
import type { RunEvents } from '../../../../src-main/app/run-manager';
import { openServices, quietEvents, type Services } from '../../../../src-main/app/services';
import type { RunId } from '../../../../src-main/shared/ids';
import { segmentName } from '../../../../src-main/shared/journal';
import { appError } from '../../../../src-main/shared/result';
import { isResumable, runStatuses, type RunStatus } from '../../../../src-main/shared/run-status';
import { noProgress, type RunRecord } from '../../../../src-main/store/runs';
import { FakeChannel } from '../../support/fake-channel';
import { anyRun, anySpec, temporaryFolder } from '../../support/runs';

const names = { model: 'tiny', dataset: 'pairs' };
const opened: Services[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const services of opened.splice(0)) services.close();
});
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A queue whose engines say what the test says. */
function open(events: Partial<RunEvents> = {}) {
  const channels: FakeChannel[] = [];
  const told: (readonly [RunId, RunStatus])[] = [];
  const spawn = (): FakeChannel => {
    const channel = new FakeChannel();
    channels.push(channel);
    return channel;
  };
  const services = openServices(temporaryFolder(), spawn, {
    ...quietEvents,
    changed: ({ id, status }) => void told.push([id, status]),
    ...events,
  });
  opened.push(services);
  const { runs, store } = services;
  const create = (name = ''): RunId => runs.create(anySpec({ name }), names);
  const insert = (change: Partial<RunRecord>): RunId => {
    const run = anyRun(change);
    store.runs.insert(run);
    return run.id;
  };
  /** The newest engine ends so. */
  const end = async (outcome: string, checkpointPath = '/c'): Promise<void> => {
    const channel = channels.at(-1)!;
    channel.say({ kind: 'ready' });
    channel.say({ kind: 'done', job: 'train', value: { outcome, steps: 1, checkpointPath, best: null } });
    channel.exit('exit code 0');
    await turn();
  };
  const die = async (): Promise<void> => {
    channels.at(-1)!.exit('signal SIGKILL');
    await turn();
  };
  const statusOf = (id: RunId): RunStatus => runs.get(id).status;
  const journal = (id: RunId, lines: readonly object[]): string => {
    const folder = path.join(runs.runDir(id), 'journal');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, segmentName(1)), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return folder;
  };
  return { services, runs, store, channels, told, create, insert, end, die, statusOf, journal };
}
const doneWith = (seq: number, checkpointPath = '/journal'): object => ({
  kind: 'done',
  seq,
  job: 'train',
  value: { outcome: 'finished', steps: 1, checkpointPath, best: null },
});

describe('a run that is made', () => {
  it('waits under its own name or that of method and data, for this process, and is written down', () => {
    const { runs, create, told } = open();
    const before = Date.now();
    const [named, unnamed] = [create('mine'), create()];
    expect(named).toMatch(/^r_[0-9a-f]{10}$/);
    expect([runs.get(named).name, runs.get(unnamed).name]).toEqual(['mine', 'sampo on pairs']);
    const run = runs.get(named);
    expect(run).toMatchObject({
      status: 'queued',
      modelName: 'tiny',
      datasetName: 'pairs',
      methodId: 'sampo',
      startedAt: null,
      endedAt: null,
      owner: processOwner(),
      problems: [],
      checkpointPath: null,
      queuedAt: run.createdAt,
    });
    expect(run.createdAt).toBeGreaterThanOrEqual(before);
    expect(JSON.parse(readFileSync(path.join(runs.runDir(named), 'run.json'), 'utf8'))).toMatchObject({ name: 'mine' });
    expect(told).toEqual([
      [named, 'queued'],
      [unnamed, 'queued'],
    ]);
  });

  it('goes on where its folder cannot be written', () => {
    const { services, runs, create } = open();
    writeFileSync(path.join(services.folders.runs, 'r_x'), '');
    vi.spyOn(runs, 'runDir').mockReturnValue(path.join(services.folders.runs, 'r_x', 'inside'));
    expect(runs.get(create()).status).toBe('queued');
  });

  it('begins with its spec, its folder and nothing of before', () => {
    const { services, runs, channels, create, statusOf } = open();
    const id = create();
    services.store.runs.update(id, { problems: ['old'], error: appError('internal', 'old', ''), endedAt: 3 });
    runs.start(id);
    channels[0]!.say({ kind: 'ready' });
    const { spec, startedAt, problems, error, endedAt } = runs.get(id);
    expect(channels[0]!.posted).toEqual([
      {
        kind: 'start',
        job: 'train',
        input: { spec, runDir: runs.runDir(id), cacheDir: services.folders.caches, resume: false, reported: 0 },
        ...services.engineSettings(),
      },
    ]);
    expect([statusOf(id), problems, error, endedAt]).toEqual(['preparing', [], null, null]);
    expect(Math.abs(startedAt! - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    ['was started before', { startedAt: 5, reported: 0 }, 5],
    ['has a checkpoint', { checkpointPath: '/c' }, null],
  ] as const)('that %s goes on, with what is known of it', (_what, change, startedAt) => {
    const { runs, store, channels, insert } = open();
    const progress = {
      ...noProgress,
      phase: 'build',
      done: 3,
      total: 4,
      step: 7,
      totalSteps: 9,
      remainingMs: 5,
      pairsPerSecond: 2,
    };
    const id = insert({ status: 'paused', problems: ['a note'], progress, ...change });
    store.runs.update(id, { reported: 4 });
    runs.resume(id);
    channels[0]!.say({ kind: 'ready' });
    expect(channels[0]!.posted).toMatchObject([{ input: { resume: true, reported: 4 } }]);
    expect(runs.get(id)).toMatchObject({
      status: 'preparing',
      problems: ['a note'],
      progress: { ...noProgress, step: 7, totalSteps: 9 },
    });
    if (startedAt !== null) expect(runs.get(id).startedAt).toBe(startedAt);
  });
});

describe('what can be asked of a run', () => {
  it.each(runStatuses.filter((status) => status !== 'queued'))('to go on depends on what it is: %s', (status) => {
    const { runs, insert, statusOf } = open();
    const id = insert({ status, name: 'mine' });
    if (isResumable(status)) {
      runs.resume(id);
      expect(statusOf(id)).toBe('preparing');
    } else
      expect(() => runs.resume(id)).toThrow(
        expect.objectContaining({
          error: expect.objectContaining({
            code: 'bad-input',
            message: `Run mine is ${status} and cannot be resumed.`,
          }) as unknown,
        }) as Error,
      );
  });

  it('waits for its turn where another trains, as a new one does', () => {
    const { runs, create, insert } = open();
    runs.start(create());
    const id = insert({ status: 'failed', error: appError('internal', 'x', ''), endedAt: 4, queuedAt: 2, owner: null });
    const before = Date.now();
    runs.resume(id);
    expect(runs.get(id)).toMatchObject({ status: 'queued', error: null, endedAt: null, owner: processOwner() });
    expect(runs.get(id).queuedAt).toBeGreaterThanOrEqual(before);
  });

  it('before it began, or while it is paused, ends at once and keeps its checkpoint', () => {
    const { runs, insert } = open();
    const waiting = {
      status: 'queued',
      owner: processOwner(),
      checkpointPath: '/c',
      error: appError('internal', 'x', ''),
    } as const;
    const [paused, stopped, ended] = [
      insert(waiting),
      insert(waiting),
      insert({ ...waiting, status: 'paused', owner: null }),
    ];
    runs.pause(paused);
    runs.stop(stopped);
    runs.stop(ended);
    for (const [id, status] of [
      [paused, 'paused'],
      [stopped, 'stopped'],
      [ended, 'stopped'],
    ] as const) {
      const run = runs.get(id);
      expect(run).toMatchObject({ status, checkpointPath: '/c', error: null, owner: null });
      expect(Math.abs(run.endedAt! - Date.now())).toBeLessThan(60_000);
    }
  });

  it('while it trains is passed on, and shown', () => {
    const { runs, channels, create, statusOf } = open();
    const id = create();
    runs.start(id);
    channels[0]!.say({ kind: 'ready' });
    runs.pause(id);
    expect(statusOf(id)).toBe('pausing');
    runs.stop(id);
    expect(statusOf(id)).toBe('stopping');
    expect(channels[0]!.posted.slice(1)).toEqual([{ kind: 'pause' }, { kind: 'stop' }]);
  });

  it('is refused where it does not train here', () => {
    const { runs, create, insert } = open();
    runs.start(create());
    const id = insert({ status: 'running', name: 'theirs' });
    for (const ask of [() => runs.pause(id), () => runs.stop(id)])
      expect(ask).toThrow(
        expect.objectContaining({
          error: expect.objectContaining({ code: 'bad-input', message: 'Run theirs is not training here.' }) as unknown,
        }) as Error,
      );
  });

  it.each(runStatuses)('deleting one that is %s', async (status) => {
    const removed: RunId[] = [];
    const { runs, store, insert } = open({ removed: (id) => void removed.push(id) });
    const id = insert({ status, name: 'mine' });
    mkdirSync(runs.runDir(id), { recursive: true });
    const isKept = ['preparing', 'running', 'pausing', 'stopping'].includes(status);
    if (isKept) await expect(runs.delete(id)).rejects.toMatchObject({ error: { message: `Run mine is ${status}.` } });
    else await runs.delete(id);
    expect([existsSync(runs.runDir(id)), store.runs.get(id) !== null, removed.length === 0]).toEqual(
      Array(3).fill(isKept),
    );
  });

  it('another name is written down too; one that is not there has none', () => {
    const { runs, create } = open();
    const id = create();
    runs.rename(id, 'other');
    expect(JSON.parse(readFileSync(path.join(runs.runDir(id), 'run.json'), 'utf8'))).toMatchObject({ name: 'other' });
    expect(() => runs.rename('r_9' as RunId, 'x')).toThrow(
      expect.objectContaining({
        error: {
          code: 'not-found',
          message: 'There is no run r_9.',
          hint: 'npx sampo runs list shows all of them.',
        },
      }) as Error,
    );
  });
});

describe('the queue', () => {
  it('trains one at a time, in turn, and tells those that wait that they moved up', async () => {
    const { runs, channels, told, create, end, statusOf } = open();
    const [first, second, third] = [create(), create(), create()];
    for (const id of [first, second, third]) runs.start(id);
    expect([channels.length, ...[first, second, third].map(statusOf)]).toEqual([1, 'preparing', 'queued', 'queued']);
    told.length = 0;
    await end('finished');
    expect([channels.length, ...[first, second, third].map(statusOf)]).toEqual([2, 'finished', 'preparing', 'queued']);
    expect(told.at(-1)).toEqual([third, 'queued']);
  });

  it.each([
    ['finished', true],
    ['stopped', true],
    ['paused', false], // a pause is to free the machine
  ])('after a run that %s goes on: %s', async (outcome, goesOn) => {
    const { runs, create, end, statusOf } = open();
    const [first, second] = [create(), create()];
    runs.start(first);
    await end(outcome);
    expect([statusOf(first), statusOf(second)]).toEqual([outcome, goesOn ? 'preparing' : 'queued']);
  });

  it('goes on after one that died or failed', async () => {
    const { runs, channels, create, die, statusOf } = open();
    const ids = [create(), create(), create()];
    runs.start(ids[0]!);
    await die();
    channels[1]!.say({ kind: 'ready' });
    channels[1]!.say({ kind: 'failed', error: appError('bad-data', 'no pair', 'h') });
    channels[1]!.exit('exit code 0');
    await turn();
    expect(ids.map(statusOf)).toEqual(['interrupted', 'failed', 'preparing']);
    expect(runs.get(ids[1]!).error).toEqual({ code: 'bad-data', message: 'no pair', hint: 'h' });
  });

  it('never takes what another process has queued', async () => {
    const { runs, create, insert, end, statusOf } = open();
    const theirs = insert({ status: 'queued', owner: '1:other', queuedAt: 1 });
    const [first, mine] = [create(), create()];
    runs.start(first);
    await end('finished');
    expect([statusOf(theirs), statusOf(mine)]).toEqual(['queued', 'preparing']);
    await end('finished');
    expect(statusOf(theirs)).toBe('queued');
  });

  it('goes past one that cannot begin', async () => {
    const { runs, store, create, end, statusOf } = open();
    const [first, taken, third] = [create(), create('taken'), create()];
    store.runs.update(taken, { checkpointPath: '/c' });
    runs.start(first);
    vi.spyOn(store.runs, 'claim').mockReturnValueOnce(false);
    await end('finished');
    expect([statusOf(taken), statusOf(third)]).toEqual(['failed', 'preparing']);
    expect(runs.get(taken)).toMatchObject({
      checkpointPath: '/c',
      error: { code: 'bad-input', message: 'Run taken belongs to another program at work.' },
    });
  });
});

describe('the end of a run', () => {
  it.each([
    [
      'of its own',
      async ({ end }: ReturnType<typeof open>) => end('stopped', '/new'),
      { status: 'stopped', checkpointPath: '/new' },
    ],
    ['without a new checkpoint', async ({ end }) => end('stopped', ''), { status: 'stopped', checkpointPath: '/old' }],
    ['of its process', async ({ die }) => die(), { status: 'interrupted', checkpointPath: '/old' }],
  ] as readonly (readonly [string, (all: ReturnType<typeof open>) => Promise<void>, object])[])(
    '%s is kept with where it can go on from',
    async (_what, finish, expected) => {
      const all = open();
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

  it('that its process wrote down and could not say any more counts', async () => {
    const { runs, create, die, journal } = open();
    const id = create();
    runs.start(id);
    const folder = journal(id, [{ kind: 'problem', seq: 1, message: 'm' }, doneWith(2)]);
    await die();
    expect(runs.get(id)).toMatchObject({ status: 'finished', checkpointPath: '/journal', error: null, reported: 2 });
    expect(existsSync(folder)).toBe(false);
  });

  it('of the engine’s own words stands, whatever its journal says', async () => {
    const { runs, channels, create, journal } = open();
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
    const { runs, store, create, end, journal } = open();
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
    const { runs, store, channels, create } = open();
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
    const { runs, insert, journal } = open();
    const id = insert({ status: 'interrupted', checkpointPath: '/old', error: appError('internal', 'x', '') });
    const folder = journal(id, [doneWith(1, said)]);
    runs.heal(id);
    expect(runs.get(id)).toMatchObject({ status: 'finished', checkpointPath: kept, error: null });
    expect(existsSync(folder)).toBe(false);
  });

  it('without an end leaves the run as it is, and stays: its engine may still write', () => {
    const { runs, insert, journal, statusOf } = open();
    const id = insert({ status: 'interrupted' });
    const folder = journal(id, [{ kind: 'problem', seq: 1, message: 'm' }]);
    runs.heal(id);
    expect([statusOf(id), existsSync(folder)]).toEqual(['interrupted', true]);
  });
});

describe('the end of the program', () => {
  it('is at once where nothing trains', async () => {
    const { runs, create, statusOf } = open();
    const id = create();
    expect(runs.atWork()).toBeNull();
    runs.endNow();
    await runs.shutDown();
    expect(statusOf(id)).toBe('queued');
  });

  it('pauses the run at work and starts no other', async () => {
    const { runs, channels, create, end, statusOf } = open();
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
    const { runs, channels, create, end } = open();
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
    const { services, runs, create } = open();
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
