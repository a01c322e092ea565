import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveSpec, runHandlers } from '../../../../../src-main/app/handlers/runs';
import type { DatasetId, ModelId, RunId } from '../../../../../src-main/shared/ids';
import { appError } from '../../../../../src-main/shared/result';
import type { RunSpec } from '../../../../../src-main/shared/spec/run-spec';
import { closeContexts, testContext, type TestContext } from '../../../support/handlers';
import { anyRun, anySpec } from '../../../support/runs';

afterEach(closeContexts);

/** A library of one model, one reference and one dataset. */
function withLibrary(context: TestContext): TestContext {
  const { models, datasets } = context.services.store;
  const facts = {
    name: 'Tiny',
    family: 'llama',
    parameters: 9,
    layers: 1,
    width: 8,
    vocabulary: 32,
    contextLength: 64,
    source: 'gguf',
    weightTypes: [],
    bytes: 1,
    hasChatTemplate: true,
    linearLayers: [],
  } as const;
  models.put('m_1' as ModelId, '/models/tiny.gguf', facts, false, 1);
  models.put('m_2' as ModelId, '/models/reference', { ...facts, name: 'Reference' }, false, 2);
  datasets.insert({
    id: 'd_1' as DatasetId,
    path: '/data/p.jsonl',
    name: 'Pairs',
    format: 'hh',
    columns: null,
    inspection: {
      format: 'hh',
      rows: 1,
      usable: 1,
      problems: [],
      problemGroups: [],
      warnings: [],
      notes: [],
      profile: null,
      verdict: '',
    },
    measuredWith: null,
    starter: false,
    addedAt: 1,
  });
  return context;
}
const chosen = (change: Record<string, unknown> = {}) =>
  anySpec({ model: { path: 'model:m_1' }, dataset: { path: 'dataset:d_1' }, ...change });

describe('a spec from the page', () => {
  it('gets the paths and names behind its ids, and the format the import found', () => {
    const { services } = withLibrary(testContext());
    const { spec, names } = resolveSpec(services, chosen({ model: { path: 'model:m_1', reference: 'model:m_2' } }));
    expect(spec).toMatchObject({
      model: { path: '/models/tiny.gguf', reference: '/models/reference' },
      dataset: { path: '/data/p.jsonl', format: 'hh' },
    });
    expect(names).toEqual({ model: 'Tiny', dataset: 'Pairs' });
  });

  it.each([
    ['a path as model', { model: { path: '/etc/passwd' } }, /model was not chosen from the list/],
    [
      'a path as reference',
      { model: { path: 'model:m_1', reference: '/etc/passwd' } },
      /model was not chosen from the list/,
    ],
    ['a path as dataset', { dataset: { path: '/etc/passwd' } }, /dataset was not chosen from the list/],
    ['a model that is gone', { model: { path: 'model:m_9' } }, /model is not there any more/],
    ['an adapter by path', { adapter: { kind: 'lora', from: '/etc' } }, /only be given on the command line/],
  ] as const)('is refused with %s', (_what, change, message) => {
    expect(() => resolveSpec(withLibrary(testContext()).services, chosen(change))).toThrow(message);
  });
});

describe('runs', () => {
  it('are all refused if one is: none is kept', async () => {
    const context = withLibrary(testContext());
    await expect(async () =>
      runHandlers(context)['runs:start']({ specs: [chosen(), chosen({ model: { path: 'model:m_9' } })] }),
    ).rejects.toThrow(/not there/);
    expect(context.services.store.runs.list()).toEqual([]);
    expect(context.heard).toEqual([]);
  });

  it('whose fields do not fit together are refused as on the command line', async () => {
    const context = withLibrary(testContext());
    const wrong = { ...chosen(), training: { ...chosen().training, pairsPerStep: 2, microBatchPairs: 8 } };
    await expect(async () => runHandlers(context)['runs:start']({ specs: [wrong] })).rejects.toMatchObject({
      error: { code: 'bad-spec', message: expect.stringMatching(/micro-batch of 8 pairs/) as string },
    });
    expect(context.services.store.runs.list()).toEqual([]);
  });

  it('start in order, one at a time, and are shown, renamed and deleted', async () => {
    const context = withLibrary(
      testContext({ train: ({ runDir }) => ({ outcome: 'finished', steps: 4, checkpointPath: runDir, best: null }) }),
    );
    const handlers = runHandlers(context);
    const ids = await handlers['runs:start']({ specs: [chosen({ name: 'first' }), chosen({ name: 'second' })] });
    expect((await handlers['runs:list']({ search: '' })).map((r) => [r.name, r.status])).toEqual([
      ['second', 'queued'],
      ['first', 'preparing'],
    ]);
    await Promise.all(ids.map((id) => context.services.runs.whenEnded(id)));
    const [first, second] = ids as readonly [RunId, RunId];
    expect((await handlers['runs:get']({ id: first })).run).toMatchObject({
      status: 'finished',
      modelName: 'Tiny',
      datasetName: 'Pairs',
    });
    await handlers['runs:rename']({ id: second, name: 'renamed' });
    expect((await handlers['runs:list']({ search: 'renam' })).map((r) => r.id)).toEqual([second]);
    expect((await handlers['runs:compare']({ ids })).differences.map((d) => d.path)).toEqual(['name']);
    await handlers['runs:delete']({ id: second });
    await expect(async () => handlers['runs:get']({ id: second })).rejects.toThrow(/no run/);
  });

  it('are looked at once while nothing of them changes, whatever they are called', async () => {
    const context = withLibrary(testContext({ preflight: () => ({ model: {} as never, steps: 7 }) as never }));
    const ask = runHandlers(context)['runs:forecast'];
    for (const change of [
      {},
      { name: 'typed' },
      {},
      { training: { maxSteps: 9 } },
      { dataset: { path: 'dataset:d_1', limit: 4 } },
    ])
      await ask(chosen(change));
    expect(context.heard.filter((command) => 'job' in command && command.job === 'preflight')).toHaveLength(3);
  });

  it('are forecast and written out with paths, not ids', async () => {
    const context = withLibrary(
      testContext({ preflight: ({ spec }) => ({ model: { path: spec.model.path } as never, steps: 7 }) as never }),
    );
    const handlers = runHandlers(context);
    expect(await handlers['runs:forecast'](chosen())).toEqual({ steps: 7 });
    expect(context.heard.at(-1)).toMatchObject({ input: { spec: { model: { path: '/models/tiny.gguf' } } } });
    const { json, file, command } = await handlers['runs:spec-json'](chosen());
    expect(JSON.parse(json)).toMatchObject({
      model: { path: '/models/tiny.gguf' },
      dataset: { path: '/data/p.jsonl' },
    });
    const { home } = context.services.folders;
    expect(file).toBe(path.join(home, 'specs', 'sampo-on-Pairs.json'));
    expect(command).toBe(`npx sampo --home ${home} train --spec ${file}`);
    expect(existsSync(file)).toBe(false);
    expect(await handlers['runs:save-spec'](chosen())).toEqual({ file });
    expect(readFileSync(file, 'utf8')).toBe(json);
  });

  it('are measured once for all that changes nothing, and not beside a run', async () => {
    const speed = { stepMs: 7 } as never;
    const context = withLibrary(testContext({ measure: () => speed, preflight: () => ({ steps: 7 }) as never }));
    const handlers = runHandlers(context);
    const spec = chosen();
    const ask = (training: Partial<RunSpec['training']>) =>
      handlers['runs:measure']({ spec: { ...spec, training: { ...spec.training, ...training } }, steps: 7 });
    expect(await ask({})).toEqual(speed);
    await ask({ learningRate: 1e-3, seed: 7, checkpointEvery: 3 });
    expect(context.heard).toHaveLength(1);
    await ask({ maxLength: 64 });
    await ask({ pairsPerStep: 2 });
    expect(context.heard).toHaveLength(3);
  });

  it('whose measurement fails are measured again when asked again', async () => {
    const context = withLibrary(testContext({ measure: () => ({ failed: appError('bad-model', 'no', 'x') }) }));
    const handlers = runHandlers(context);
    for (const heard of [1, 2]) {
      await expect(handlers['runs:measure']({ spec: chosen(), steps: 7 })).rejects.toThrow('no');
      expect(context.heard).toHaveLength(heard);
    }
  });
});

describe('an export', () => {
  it.each(['../up', 'a/b', '.hidden', 'CON', 'a.', 'what?'])(
    'is refused into a folder called %s',
    async (folderName) => {
      const context = testContext();
      const run = anyRun({ checkpointPath: context.services.folders.home });
      context.services.store.runs.insert(run);
      const { token } = context.tokens.issue('/out');
      await expect(
        runHandlers(context)['exports:start']({
          runId: run.id,
          form: 'merged',
          dtype: 'f32',
          folder: token,
          folderName,
        }),
      ).rejects.toThrow(/hidden|not a name|Windows|device/);
      expect(context.heard).toEqual([]);
    },
  );

  it('needs a checkpoint that is there', async () => {
    const context = testContext();
    const run = anyRun({ checkpointPath: '/gone' });
    context.services.store.runs.insert(run);
    await expect(
      runHandlers(context)['exports:start']({
        runId: run.id,
        form: 'merged',
        dtype: 'f32',
        folder: context.tokens.issue('/out').token,
        folderName: 'x',
      }),
    ).rejects.toThrow(/has no checkpoint/);
  });

  it('is refused at once where its folder cannot be made', async () => {
    const context = testContext();
    const { home, database } = context.services.folders;
    const run = anyRun({ checkpointPath: home });
    context.services.store.runs.insert(run);
    const places = [database, ...(process.platform === 'linux' ? ['/proc/nowhere'] : [])];
    for (const place of places)
      await expect(
        runHandlers(context)['exports:start']({
          runId: run.id,
          form: 'merged',
          dtype: 'f32',
          folder: context.tokens.issue(place).token,
          folderName: 'x',
        }),
      ).rejects.toThrow(/sampo\.sqlite is a file|ENOENT.*nowhere/);
    expect(context.heard).toEqual([]);
  });

  it('goes into a new folder of the picked one, and is remembered', async () => {
    const context = testContext({
      export: ({ outDir }) => ({
        path: outDir,
        files: [
          { name: 'a', bytes: 3, sha256: '' },
          { name: 'b', bytes: 4, sha256: '' },
        ],
      }),
    });
    const run = anyRun({ checkpointPath: context.services.folders.home });
    context.services.store.runs.insert(run);
    const handlers = runHandlers(context);
    const preview = await handlers['exports:preview']({ runId: run.id, form: 'merged', dtype: 'f32' });
    expect(preview.modelCard).toMatch(/## Length/);
    const done = await handlers['exports:start']({
      runId: run.id,
      form: 'merged',
      dtype: 'bf16',
      folder: context.tokens.issue(context.services.folders.exports).token,
      folderName: 'mine',
    });
    expect(done).toMatchObject({
      runId: run.id,
      form: 'merged',
      dtype: 'bf16',
      path: path.join(context.services.folders.exports, 'mine'),
      bytes: 7,
    });
    expect(context.services.store.exports.ofRun(run.id)).toEqual([done]);
  });
});
