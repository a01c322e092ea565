import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { forkEngine } from '../../../../../src-main/app/engines/fork-engine';
import { openServices, quietEvents, type Services } from '../../../../../src-main/app/services';
import type { RunId } from '../../../../../src-main/shared/ids';
import { segmentName } from '../../../../../src-main/shared/ipc/journal';
import type { RunStatus } from '../../../../../src-main/shared/runs/run-status';
import { anySpec, temporaryFolder } from '../../../support/runs';

const names = { model: 'tiny', dataset: 'pairs' };
const fakeEngine = path.join(import.meta.dirname, '../../../support/fake-engine.cjs');
/** The machine may have more to do. */
const opened: Services[] = [];
afterEach(async () => {
  for (const services of opened.splice(0)) {
    await services.runs.shutDown();
    services.close();
  }
});

function start(script: string, statuses: RunStatus[] = []): Services {
  process.env.SAMPO_FAKE_ENGINE = script;
  const services = openServices(temporaryFolder(), forkEngine(fakeEngine), {
    ...quietEvents,
    changed: (run) => void (statuses.at(-1) === run.status || statuses.push(run.status)),
  });
  opened.push(services);
  return services;
}

describe('a run', () => {
  it('goes from queued to finished, and all it reported is stored', async () => {
    const statuses: RunStatus[] = [];
    const { runs, store } = start('finish', statuses);
    const id = runs.create(anySpec(), names);
    runs.start(id);
    const run = await runs.whenEnded(id);
    expect(statuses).toEqual(['queued', 'preparing', 'running', 'finished']);
    expect(run).toMatchObject({
      name: 'sampo on pairs',
      engine: 'fake · CPU',
      owner: null,
      checkpointPath: runs.runDir(id),
    });
    expect(run.problems[0]).toMatch(/a test/);
    expect(store.runData.raw(id, 'loss').map(([step]) => step)).toEqual([1, 2, 4]);
  });

  it('keeps absolute paths, whatever folder it is started from', () => {
    const { runs } = start('finish');
    const id = runs.create(anySpec({ model: { path: 'models/tiny' } }), names);
    expect(runs.get(id).spec.model.path).toBe(path.resolve('models/tiny'));
    runs.stop(id);
  });

  it('that loses its process is interrupted, keeps what it has, and can be resumed', async () => {
    const { runs, store } = start('crash');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    const run = await runs.whenEnded(id);
    expect(run.status).toBe('interrupted');
    expect(run.error?.message).toMatch(/exit code 7/);
    expect(store.runData.raw(id, 'loss')).toHaveLength(2);
    process.env.SAMPO_FAKE_ENGINE = 'finish';
    runs.resume(id);
    expect((await runs.whenEnded(id)).status).toBe('finished');
  });

  it('that the engine refuses fails with the engine’s own words', async () => {
    const { runs } = start('fail');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    expect(await runs.whenEnded(id)).toMatchObject({
      status: 'failed',
      error: { code: 'bad-data', message: 'no pair', hint: 'mend it' },
    });
  });

  it('fails when the engine talks nonsense', async () => {
    const { runs } = start('garbage');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    expect((await runs.whenEnded(id)).error?.message).toMatch(/not part of its protocol/);
  });

  it('fails where the disk is full, and so does the one that waits: nobody waits for ever', async () => {
    const { runs, store } = start('much');
    const [first, second] = [runs.create(anySpec(), names), runs.create(anySpec(), names)];
    store.database.pragma(`max_page_count = ${(store.database.pragma('page_count', { simple: true }) as number) + 20}`); // SQLite's own full disk
    runs.start(first);
    expect(await runs.whenEnded(first)).toMatchObject({
      status: 'failed',
      error: { code: 'no-space', message: expect.stringMatching(/disk is full/) as string },
    });
    expect((await runs.whenEnded(second)).status).toMatch(/failed|finished/);
  });

  it('pauses when asked, and what waits stays where it is: a pause is to free the machine', async () => {
    const { runs } = start('wait');
    const [first, second, third] = [
      runs.create(anySpec(), names),
      runs.create(anySpec(), names),
      runs.create(anySpec(), names),
    ];
    for (const id of [first, second, third]) runs.start(id);
    expect([second, third].map((id) => runs.get(id).status)).toEqual(['queued', 'queued']);
    await expect.poll(() => runs.get(first).progress.step).toBe(2);
    await expect(runs.delete(first)).rejects.toThrow(/is running/);
    runs.pause(first);
    expect((await runs.whenEnded(first)).status).toBe('paused');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(runs.get(second).status).toBe('queued');
    runs.resume(first); // goes on, and the queue with it
    await expect.poll(() => runs.get(first).status).toBe('running');
    expect(runs.get(second).status).toBe('queued');
    runs.stop(first);
    await expect.poll(() => runs.get(second).progress.step).toBe(2);
    runs.stop(third); // before it began
    expect(await runs.whenEnded(third)).toMatchObject({ status: 'stopped', startedAt: null });
    runs.stop(second);
    expect((await runs.whenEnded(second)).status).toBe('stopped');
    await runs.delete(second);
    expect(() => runs.get(second)).toThrow(/no run/);
  });

  it('that is continued while another trains waits for its turn, behind those that waited before', async () => {
    const statuses: RunStatus[] = [];
    const { runs } = start('wait', statuses);
    const [first, second, third] = [
      runs.create(anySpec(), names),
      runs.create(anySpec(), names),
      runs.create(anySpec(), names),
    ];
    runs.start(first);
    await expect.poll(() => runs.get(first).progress.step).toBe(2);
    runs.pause(first);
    await runs.whenEnded(first);
    runs.resume(second); // of two that wait, the one that is asked for
    await expect.poll(() => runs.get(second).progress.step).toBe(2);
    runs.resume(first);
    expect(runs.get(first).status).toBe('queued');
    runs.resume(third); // waits already
    expect(() => runs.resume(second)).toThrow(/is running and cannot be resumed/);
    runs.stop(second);
    await expect.poll(() => runs.get(third).progress.step).toBe(2);
    expect(runs.get(first).status).toBe('queued');
    runs.stop(third);
    await expect.poll(() => runs.get(first).status).toBe('running');
    // from its checkpoint: the fake engine begins a resumed run at step 3
    expect(runs.get(first).progress.step).toBeGreaterThanOrEqual(2);
    runs.stop(first);
    await runs.whenEnded(first);
  });

  it('that waits can be paused too, and whoever waits for it is told', async () => {
    const { runs } = start('wait');
    const [first, second] = [runs.create(anySpec(), names), runs.create(anySpec(), names)];
    runs.start(first);
    const ended = runs.whenEnded(second);
    runs.pause(second);
    expect((await ended).status).toBe('paused');
    runs.stop(first);
    await runs.whenEnded(first);
    expect(runs.get(second).status).toBe('paused');
  });

  it('of another process is neither started from this one’s queue nor taken from it', async () => {
    const { runs, store } = start('wait');
    const [mine, theirs] = [runs.create(anySpec(), names), runs.create(anySpec(), names)];
    store.runs.update(theirs, { owner: '1:other', queuedAt: 1 });
    runs.start(mine);
    await expect.poll(() => runs.get(mine).progress.step).toBe(2);
    runs.stop(mine);
    await runs.whenEnded(mine);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(runs.get(theirs)).toMatchObject({ status: 'queued', owner: '1:other' });
    expect(() => runs.resume(theirs)).toThrow(/belongs to another program/);
    expect(() => runs.stop(theirs)).toThrow(/not training here/);
    store.runs.update(theirs, { status: 'running' });
    expect(() => runs.start(theirs)).toThrow(/belongs to another program/);
  });

  it('says how long it will still take: the steps that are left, at the present pace', async () => {
    const { runs } = start('wait');
    const id = runs.create(anySpec({ training: { pairsPerStep: 8 } }), names);
    runs.start(id);
    await expect.poll(() => runs.get(id).progress.step).toBe(2);
    expect(runs.get(id).progress).toMatchObject({
      step: 2,
      totalSteps: 4,
      pairsPerSecond: 2,
      remainingMs: ((4 - 2) * 8 * 1000) / 2,
    });
    runs.stop(id);
    expect((await runs.whenEnded(id)).progress.remainingMs).toBeNull();
  });

  it('whose engine does not answer can be ended while the program closes, and resumed', async () => {
    const { runs } = start('deaf');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    await expect.poll(() => runs.get(id).progress.step).toBe(2);
    const closed = runs.shutDown();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(runs.get(id).status).toBe('pausing');
    runs.endNow();
    await closed;
    expect(runs.get(id)).toMatchObject({
      status: 'interrupted',
      error: { message: expect.stringMatching(/ended without saving/) as string },
    });
  });
});

describe('the journal of a run', () => {
  const metrics = (seq: number, step: number, loss: number): object => ({
    kind: 'metrics',
    seq,
    step,
    epoch: 0,
    values: { loss },
    pairs: [],
    profile: null,
  });
  const write = (runDir: string, first: number, lines: readonly (object | string)[]): void => {
    mkdirSync(path.join(runDir, 'journal'), { recursive: true });
    writeFileSync(
      path.join(runDir, 'journal', segmentName(first)),
      lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join(''),
    );
  };
  const orphan = (services: Services): RunId => {
    const id = services.runs.create(anySpec(), names);
    services.store.runs.update(id, { status: 'running', owner: '999999999:1', startedAt: 1, reported: 2 });
    services.store.runData.addMetrics(id, 1, { loss: 0.7 }, [], null);
    return id;
  };
  const reopen = (services: Services): Services => {
    const again = openServices(services.folders.home, forkEngine(fakeEngine));
    opened.push(again);
    return again;
  };

  it('is read when the program starts again: what a dead process never stored is there, once', () => {
    const services = start('finish');
    const id = orphan(services);
    const dir = services.runs.runDir(id);
    write(dir, 1, [metrics(1, 1, 9), metrics(2, 1, 9)]); // stored already
    write(dir, 3, [
      metrics(3, 2, 0.6),
      { kind: 'probe', seq: 4, sample: { step: 2, prompt: 0, promptText: 'p', text: 't', tokens: 1, finish: 'eos' } },
      '{"kind":"metrics","seq":5,"st',
    ]);
    const { runs, store } = reopen(services);
    expect(store.runData.raw(id, 'loss')).toEqual([
      [1, 0.7],
      [2, 0.6],
    ]);
    expect(store.runData.probes(id)).toHaveLength(1);
    expect(runs.get(id)).toMatchObject({
      status: 'interrupted',
      reported: 4,
      progress: { step: 2 },
      problems: [expect.stringMatching(/ended while this run was running/) as string],
    });
    expect(readdirSync(path.join(dir, 'journal'))).toEqual([segmentName(3)]); // the engine may still write there
    expect(reopen(services).store.runData.raw(id, 'loss')).toHaveLength(2);
  });

  it('tells that the run had ended, where only main missed it', () => {
    const services = start('finish');
    const id = orphan(services);
    write(services.runs.runDir(id), 3, [
      metrics(3, 2, 0.6),
      {
        kind: 'done',
        seq: 4,
        job: 'train',
        value: { outcome: 'finished', steps: 2, checkpointPath: '/c', best: null },
      },
    ]);
    expect(reopen(services).runs.get(id)).toMatchObject({ status: 'finished', checkpointPath: '/c', error: null });
    expect(existsSync(path.join(services.runs.runDir(id), 'journal'))).toBe(false);
  });

  it('that is damaged in the middle costs the reports that cannot be read, and is said', () => {
    const services = start('finish');
    const id = orphan(services);
    write(services.runs.runDir(id), 3, [
      metrics(3, 2, 0.6),
      '{"kind":"metr\u0000\u0000\n',
      'nonsense\n',
      metrics(6, 4, 0.4),
      { kind: 'tomorrow', seq: 7 },
    ]);
    const { runs, store } = reopen(services);
    expect(store.runData.raw(id, 'loss')).toEqual([
      [1, 0.7],
      [2, 0.6],
      [4, 0.4],
    ]);
    expect(runs.get(id).problems).toEqual([
      expect.stringMatching(/ended while/) as string,
      expect.stringMatching(/journal of this run is damaged: 2 of its reports/) as string,
    ]);
  });

  it('that cannot be read at all is said, and the run goes on', async () => {
    const services = start('finish');
    const id = orphan(services);
    mkdirSync(path.join(services.runs.runDir(id), 'journal', segmentName(3)), { recursive: true });
    const { runs } = reopen(services);
    expect(runs.get(id).problems.at(-1)).toMatch(/journal of this run cannot be read/);
    runs.resume(id);
    expect((await runs.whenEnded(id)).status).toBe('finished');
  });

  it('fills a gap in what arrives, goes file by file with checkpoints, and is gone when the run has ended', async () => {
    const { runs, store } = start('journal');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    await expect.poll(() => runs.get(id).progress.step).toBe(3);
    // the report of step 2 was never sent
    expect(store.runData.raw(id, 'loss').map(([step]) => step)).toEqual([1, 2, 3]);
    expect(readdirSync(path.join(runs.runDir(id), 'journal'))).toEqual([segmentName(4)]);
    runs.stop(id);
    const run = await runs.whenEnded(id);
    expect(run).toMatchObject({ status: 'stopped', reported: 5 });
    await expect.poll(() => existsSync(path.join(runs.runDir(id), 'journal'))).toBe(false);
  });

  it('is read when the engine died with words unsent', async () => {
    const { runs, store } = start('journal-crash');
    const id = runs.create(anySpec(), names);
    runs.start(id);
    expect((await runs.whenEnded(id)).status).toBe('interrupted');
    expect(store.runData.raw(id, 'loss').map(([step]) => step)).toEqual([1, 2]);
  });
});
