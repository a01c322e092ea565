import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { processOwner } from '../../../../../src-main/app/engines/process-owner';
import type { RunId } from '../../../../../src-main/shared/ids';
import { appError } from '../../../../../src-main/shared/result';
import { isResumable, runStatuses } from '../../../../../src-main/shared/runs/run-status';
import { noProgress } from '../../../../../src-main/store/runs';
import { closeQueues, openQueue, turn } from '../../../support/run-queue';

afterEach(() => {
  vi.restoreAllMocks();
  closeQueues();
});

describe('a run that is made', () => {
  it('waits under its own name or that of method and data, for this process, and is written down', () => {
    const { runs, create, told } = openQueue();
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
    const { services, runs, create } = openQueue();
    writeFileSync(path.join(services.folders.runs, 'r_x'), '');
    vi.spyOn(runs, 'runDir').mockReturnValue(path.join(services.folders.runs, 'r_x', 'inside'));
    expect(runs.get(create()).status).toBe('queued');
  });

  it('begins with its spec, its folder and nothing of before', () => {
    const { services, runs, channels, create, statusOf } = openQueue();
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
    const { runs, store, channels, insert } = openQueue();
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
    const { runs, insert, statusOf } = openQueue();
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
    const { runs, create, insert } = openQueue();
    runs.start(create());
    const id = insert({ status: 'failed', error: appError('internal', 'x', ''), endedAt: 4, queuedAt: 2, owner: null });
    const before = Date.now();
    runs.resume(id);
    expect(runs.get(id)).toMatchObject({ status: 'queued', error: null, endedAt: null, owner: processOwner() });
    expect(runs.get(id).queuedAt).toBeGreaterThanOrEqual(before);
  });

  it('before it began, or while it is paused, ends at once and keeps its checkpoint', () => {
    const { runs, insert } = openQueue();
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
    const { runs, channels, create, statusOf } = openQueue();
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
    const { runs, create, insert } = openQueue();
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
    const { runs, store, insert } = openQueue({ removed: (id) => void removed.push(id) });
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
    const { runs, create } = openQueue();
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
    const { runs, channels, told, create, end, statusOf } = openQueue();
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
    const { runs, create, end, statusOf } = openQueue();
    const [first, second] = [create(), create()];
    runs.start(first);
    await end(outcome);
    expect([statusOf(first), statusOf(second)]).toEqual([outcome, goesOn ? 'preparing' : 'queued']);
  });

  it('goes on after one that died or failed', async () => {
    const { runs, channels, create, die, statusOf } = openQueue();
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
    const { runs, create, insert, end, statusOf } = openQueue();
    const theirs = insert({ status: 'queued', owner: '1:other', queuedAt: 1 });
    const [first, mine] = [create(), create()];
    runs.start(first);
    await end('finished');
    expect([statusOf(theirs), statusOf(mine)]).toEqual(['queued', 'preparing']);
    await end('finished');
    expect(statusOf(theirs)).toBe('queued');
  });

  it('goes past one that cannot begin', async () => {
    const { runs, store, create, end, statusOf } = openQueue();
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
