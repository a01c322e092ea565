import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { forkEngine } from '../../../../src-main/app/fork-engine';
import { openServices, quietEvents, type Services } from '../../../../src-main/app/services';
import type { RunStatus } from '../../../../src-main/shared/run-status';
import { anySpec, temporaryFolder } from '../../support/runs';

const names = { model: 'tiny', dataset: 'pairs' };
const opened: Services[] = [];
afterEach(async () => {
  for (const services of opened.splice(0)) {
    await services.runs.shutDown();
    services.close();
  }
});

function start(script: string, statuses: RunStatus[] = []): Services {
  process.env.SAMPO_FAKE_ENGINE = script;
  const services = openServices(temporaryFolder(), forkEngine(path.join(import.meta.dirname, '../../support/fake-engine.cjs')), { ...quietEvents, changed: (run) => void (statuses.at(-1) === run.status || statuses.push(run.status)) });
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
    expect(run).toMatchObject({ name: 'sampo on pairs', engine: 'fake · CPU', owner: null, checkpointPath: runs.runDir(id) });
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
    expect(await runs.whenEnded(id)).toMatchObject({ status: 'failed', error: { code: 'bad-data', message: 'no pair', hint: 'mend it' } });
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
    expect(await runs.whenEnded(first)).toMatchObject({ status: 'failed', error: { code: 'no-space', message: expect.stringMatching(/disk is full/) as string } });
    expect((await runs.whenEnded(second)).status).toMatch(/failed|finished/);
  });

  it('pauses and stops when asked; a second run waits for the first', async () => {
    const { runs } = start('wait');
    const [first, second] = [runs.create(anySpec(), names), runs.create(anySpec(), names)];
    runs.start(first);
    runs.start(second);
    expect(runs.get(second).status).toBe('queued');
    await expect.poll(() => runs.get(first).progress.step).toBe(2);
    expect(() => runs.resume(second)).toThrow(/cannot be resumed/);
    await expect(runs.delete(first)).rejects.toThrow(/is running/);
    runs.pause(first);
    expect((await runs.whenEnded(first)).status).toBe('paused');
    await expect.poll(() => runs.get(second).progress.step).toBe(2);
    runs.stop(second);
    expect((await runs.whenEnded(second)).status).toBe('stopped');
    await runs.delete(second);
    expect(() => runs.get(second)).toThrow(/no run/);
  });
});
