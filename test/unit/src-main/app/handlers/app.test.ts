import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { appHandlers } from '../../../../../src-main/app/handlers/app';
import { methodCatalogue } from '../../../../../src-main/shared/method-catalogue';
import type { ExportId } from '../../../../../src-main/shared/ids';
import { closeContexts, testContext } from '../../../support/handlers';
import { anyRun } from '../../../support/runs';

afterEach(closeContexts);

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
});
