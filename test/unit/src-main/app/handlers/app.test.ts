import { readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { appHandlers } from '../../../../../src-main/app/handlers/app';
import { methodCatalogue } from '../../../../../src-main/shared/catalogue/method-catalogue';
import { appError } from '../../../../../src-main/shared/result';
import type { ExportId } from '../../../../../src-main/shared/ids';
import { closeContexts, testContext } from '../../../support/handlers';
import { anyRun, temporaryFolder } from '../../../support/runs';

afterEach(() => {
  vi.unstubAllEnvs();
  closeContexts();
});
/** Where set-up says what it found. */
const withManifest = (manifest: object): void => {
  const file = path.join(temporaryFolder(), 'runtime.json');
  writeFileSync(file, JSON.stringify(manifest));
  vi.stubEnv('SAMPO_RUNTIME', file);
};

describe('the app', () => {
  it('tells its version, folders with their sizes, and what is free', async () => {
    const context = testContext();
    const { folders } = context.services;
    writeFileSync(path.join(folders.exports, 'model.bin'), new Uint8Array(1234));
    const info = await appHandlers(context)['app:info'](undefined);
    expect(info).toMatchObject({
      version: '1.2.3',
      home: folders.home,
      engine: expect.stringMatching(/cores/) as string,
    });
    expect(info.folders.map((f) => [f.name, f.bytes])).toEqual([
      ['Runs', 0],
      ['Caches', 0],
      ['Exports', 1234],
    ]);
    expect(info.diskFreeBytes).toBeGreaterThan(0);
  });

  it('reveals what it knows by id, and no path of the page', async () => {
    const context = testContext();
    const handlers = appHandlers(context);
    const { store, runs, folders } = context.services;
    const run = anyRun();
    store.runs.insert(run);
    store.exports.insert({
      id: 'e_1' as ExportId,
      runId: run.id,
      form: 'merged',
      dtype: 'f32',
      path: '/out/model',
      bytes: 1,
      createdAt: 1,
    });
    await handlers['app:reveal']({ what: 'home', id: null });
    await handlers['app:reveal']({ what: 'run', id: run.id });
    await handlers['app:reveal']({ what: 'export', id: 'e_1' });
    expect(context.revealed).toEqual([folders.home, runs.runDir(run.id), '/out/model']);
    for (const id of ['../../etc', null])
      await expect(async () => handlers['app:reveal']({ what: 'run', id })).rejects.toThrow(/run is not there/);
    expect(context.revealed).toHaveLength(3);
  });

  it('keeps settings and tells the window', async () => {
    const context = testContext();
    const handlers = appHandlers(context);
    expect(await handlers['settings:get'](undefined)).toEqual({
      theme: 'system',
      engine: 'auto',
      device: 'auto',
      tf32: true,
    });
    expect(await handlers['settings:set']({ theme: 'dark' })).toEqual({
      theme: 'dark',
      engine: 'auto',
      device: 'auto',
      tf32: true,
    });
    expect(await handlers['settings:get'](undefined)).toEqual({
      theme: 'dark',
      engine: 'auto',
      device: 'auto',
      tf32: true,
    });
    expect(context.emitted).toEqual([
      ['settings:changed', { theme: 'dark', engine: 'auto', device: 'auto', tf32: true }],
    ]);
  });

  it('gives a token for what was picked, and nothing where the dialog was cancelled', async () => {
    const context = testContext();
    const handlers = appHandlers(context);
    expect(await handlers['files:pick']({ kind: 'dataset' })).toBeNull();
    context.picked = path.join(context.services.folders.home, 'sampo.sqlite');
    const picked = await handlers['files:pick']({ kind: 'dataset' });
    expect(picked).toMatchObject({ name: 'sampo.sqlite', displayPath: context.picked });
    expect(context.tokens.path(picked!.token)).toBe(context.picked);
  });

  it('hands out the one catalogue, and asks an engine how fast it is', async () => {
    const context = testContext({
      doctor: () => ({
        engine: { backend: 'wasm', library: 'tfjs', devices: ['CPU'], reason: 'no TensorFlow' },
        sgemmGflops: { '1024': 3 },
      }),
    });
    const handlers = appHandlers(context);
    expect(await handlers['app:methods'](undefined)).toBe(methodCatalogue);
    expect(await handlers['app:doctor'](undefined)).toMatchObject({
      engine: { backend: 'wasm', reason: 'no TensorFlow' },
      sgemmGflops: { '1024': 3 },
      advice: expect.arrayContaining([
        expect.stringMatching(/npm run setup/),
        expect.stringMatching(/GPU/),
      ]) as string[],
    });
  });

  const cores = `CPU · ${availableParallelism()} cores`;
  it.each([
    [{ tensorflow: { version: '2.21.0' } }, `TensorFlow 2.21.0 · ${cores}`, null, 'the official one'],
    [
      { tensorflow: null, tensorflowReason: 'no network', electronSource: 'cypress' },
      `tfjs (wasm) · ${cores}`,
      'no network',
      'from the Cypress package, the development runtime',
    ],
    [{ tensorflow: null, electronSource: 'npm' }, `tfjs (wasm) · ${cores}`, null, 'the official one'],
  ])('names its engine from the manifest %j', async (manifest, engine, engineReason, runtimeSource) => {
    const context = testContext();
    withManifest(manifest);
    vi.stubEnv('SAMPO_CUDA', '');
    const info = await appHandlers(context)['app:info'](undefined);
    expect(info).toMatchObject({ engine, engineReason, runtimeSource, hasCommandLine: true });
    expect(info.electron).toBe(process.versions.electron); // the tests run under Electron as Node
  });

  it('says where its folders are and what is free there; without a manifest it is a package', async () => {
    const context = testContext(); // its SQLite driver is the manifest's
    vi.stubEnv('SAMPO_RUNTIME', '');
    vi.stubEnv('SAMPO_CUDA', '');
    const { folders } = context.services;
    const info = await appHandlers(context)['app:info'](undefined);
    expect(info).toMatchObject({
      engine: `TensorFlow · ${cores}`,
      engineReason: null,
      runtimeSource: 'the official one',
    });
    expect(info.folders.map((f) => f.path)).toEqual([folders.runs, folders.caches, folders.exports]);
    const { bavail, bsize } = statfsSync(folders.home);
    expect(Math.abs(info.diskFreeBytes - bavail * bsize)).toBeLessThan(2 ** 30);
  });

  it('reveals its log, and an export that there is', async () => {
    const context = testContext();
    const handlers = appHandlers(context);
    await handlers['app:reveal']({ what: 'log', id: null });
    expect(context.revealed).toEqual([path.join(context.services.folders.logs, 'sampo.log')]);
    for (const id of ['e_9', null])
      await expect(async () => handlers['app:reveal']({ what: 'export', id })).rejects.toThrow(/export is not there/);
  });

  it('saves the diagnostics that were looked at, where a person says', async () => {
    const context = testContext({
      doctor: () => ({
        engine: { backend: 'tensorflow', library: 'TensorFlow 2.21.0', devices: ['CPU', 'AMX'], reason: null },
        sgemmGflops: { '1024': 250.6 },
      }),
    });
    const handlers = appHandlers(context);
    const save = handlers['app:save-diagnostics'];
    await expect(save(undefined)).rejects.toMatchObject({
      error: { code: 'bad-input', message: 'There are no diagnostics to save yet.', hint: 'Look at them first.' },
    });
    const { text } = await handlers['app:diagnostics'](undefined);
    expect(await save(undefined)).toBeNull(); // cancelled
    const folder = temporaryFolder();
    context.picked = path.join(folder, 'report.txt');
    expect(await save(undefined)).toEqual({ path: context.picked });
    expect([readFileSync(context.picked, 'utf8'), readdirSync(folder)]).toEqual([text, ['report.txt']]);
  });

  it('proposes a name with the day for the diagnostics', async () => {
    const context = testContext({ doctor: () => ({ failed: appError('engine-failed', 'no', 'h') }) });
    const names: string[] = [];
    const handlers = appHandlers({ ...context, pickTarget: (name) => (names.push(name), Promise.resolve(null)) });
    await handlers['app:diagnostics'](undefined);
    await handlers['app:save-diagnostics'](undefined);
    expect(names).toEqual([`sampo-diagnostics-${new Date().toISOString().slice(0, 10)}.txt`]);
  });

  it('lists jobs, cancels one by id or all of a kind, and ends a run that is not waited for', async () => {
    const context = testContext();
    const handlers = appHandlers(context);
    const { services } = context;
    const results = [1, 2, 3].map(() => services.runJob('doctor', {}).catch(() => 'stopped'));
    expect((await handlers['jobs:list'](undefined)).map(({ id, job, state }) => [id, job, state])).toEqual([
      ['j_1', 'doctor', 'working'],
      ['j_2', 'doctor', 'working'],
      ['j_3', 'doctor', 'waiting'],
    ]);
    expect(await handlers['jobs:cancel']({ id: 'j_3' })).toBeNull();
    expect(await results[2]).toBe('stopped');
    expect(await handlers['jobs:list'](undefined)).toHaveLength(2);
    await handlers['jobs:cancel']({ job: 'doctor' });
    expect(await Promise.all(results)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(await handlers['app:end-now'](undefined)).toBeNull();
    expect(context.emitted).toEqual([['ended now', null]]);
  });
});
