import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runHandlers } from '../../../../../src-main/app/handlers/runs';
import type { DatasetId, ModelId } from '../../../../../src-main/shared/ids';
import type { RunSpec } from '../../../../../src-main/shared/spec/run-spec';
import { closeContexts, testContext, type TestContext } from '../../../support/handlers';
import { pairPoint } from '../../../support/pair-points';
import { anyRun, anySpec, temporaryFolder } from '../../../support/runs';

vi.mock(import('../../../../../src-main/app/services'), async (original) => ({
  ...(await original()),
  starterFolder: () => path.join(import.meta.dirname, '../../../../../resources/starter'),
}));
afterEach(() => {
  vi.restoreAllMocks();
  closeContexts();
});

const inspection = { rows: 1, usable: 1, problems: [], problemGroups: [], warnings: [], notes: [], profile: null };
/** A library of one model (of 1000 parameters) and one dataset, whose files are there. */
function withLibrary(context: TestContext): {
  readonly context: TestContext;
  readonly model: string;
  readonly data: string;
} {
  const folder = temporaryFolder();
  const [model, data] = [path.join(folder, 'm.gguf'), path.join(folder, 'd.jsonl')];
  for (const file of [model, data]) writeFileSync(file, 'x');
  const { models, datasets } = context.services.store;
  const facts = { family: 'llama', parameters: 1000, layers: 1, width: 8, vocabulary: 9, contextLength: 9 } as const;
  const more = {
    source: 'gguf',
    weightTypes: [],
    bytes: 1,
    hasChatTemplate: true,
    linearLayers: [],
    notes: [],
  } as const;
  models.put('m_1' as ModelId, model, { name: 'Tiny', ...facts, ...more }, false, 1);
  datasets.insert({
    id: 'd_1' as DatasetId,
    path: data,
    name: 'Pairs',
    format: 'hh',
    columns: { prompt: 'q' },
    inspection: { format: 'hh', verdict: '', ...inspection },
    measuredWith: null,
    starter: false,
    addedAt: 1,
  });
  return { context, model, data };
}
const chosen = (change: Record<string, unknown> = {}): RunSpec =>
  anySpec({ model: { path: 'model:m_1' }, dataset: { path: 'dataset:d_1' }, ...change });
const jobs = (context: TestContext, name: string): number =>
  context.heard.filter((command) => command.kind === 'start' && command.job === name).length;

describe('a forecast', () => {
  const asks = () => {
    const all = withLibrary(testContext({ preflight: () => ({ model: {}, steps: 7 }) as never }));
    const ask = runHandlers(all.context)['runs:forecast'];
    return { ...all, ask, made: () => jobs(all.context, 'preflight') };
  };

  it('is of the files as they are: one that changes is read again', async () => {
    const { ask, data, model, made } = asks();
    for (const [file, text] of [
      [null, ''],
      [data, 'xy'],
      [null, ''],
      [model, 'xyz'],
    ] as const) {
      if (file !== null) writeFileSync(file, text);
      expect(await ask(chosen())).toEqual({ steps: 7 });
    }
    expect(made()).toBe(3);
  });

  it('counts for five minutes', async () => {
    const { ask, made } = asks();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(1_000_000);
    await ask(chosen());
    clock.mockReturnValue(1_000_000 + 5 * 60_000 - 1);
    await ask(chosen());
    expect(made()).toBe(1);
    clock.mockReturnValue(1_000_000 + 5 * 60_000);
    await ask(chosen());
    expect(made()).toBe(2);
  });

  it('ends the one of the form as it was before', async () => {
    const { context } = withLibrary(testContext());
    const ask = runHandlers(context)['runs:forecast'];
    const first = ask(chosen());
    const second = ask(chosen({ training: { seed: 1 } }));
    second.catch(() => undefined);
    await expect(first).rejects.toMatchObject({ error: { code: 'stopped' } });
    context.services.jobs.cancelAll();
    await expect(second).rejects.toMatchObject({ error: { code: 'stopped' } });
  });

  it.each([
    [99, 100], // the first is known still
    [100, 102],
  ])(
    'is kept for the last hundred forms: with %i others, %i are made when the first is asked for again',
    async (others, expected) => {
      const { ask, made } = asks();
      for (let seed = 0; seed <= others; seed++) await ask(chosen({ training: { seed } }));
      await ask(chosen({ training: { seed: 0 } }));
      expect(made()).toBe(expected);
    },
  );
});

describe('a measurement', () => {
  it.each([
    ['another model', { model: { path: 'model:m_1', reference: 'model:m_1' } }, true],
    ['part of the data', { dataset: { path: 'dataset:d_1', limit: 3 } }, true],
    ['another objective', { objective: 'supervised', method: { id: 'sft' } }, true],
    ['another method', { method: { id: 'dpo' } }, true],
    ['another sampling', { method: { id: 'sampo', sampling: 'independent' } }, true],
    ['no adapter', { adapter: { kind: 'none' } }, true],
    ['other batches', { training: { pairsPerStep: 2, microBatchPairs: 1 } }, true],
    ['another length', { training: { maxLength: 77 } }, true],
    ['other answers', { probes: { maxNewTokens: 9 } }, true],
    ['other questions', { probes: { prompts: ['Why?'] } }, true],
    ['another name', { name: 'other' }, false],
    ['another rate', { training: { learningRate: 0.1 } }, false],
    ['another seed', { training: { seed: 9 } }, false],
    ['another beta', { method: { id: 'sampo', beta: 0.7 } }, false],
    ['probes at other steps', { probes: { everySteps: 3 } }, false],
  ])('is made again for %s (%j): %s', async (_what, change, again) => {
    const { context } = withLibrary(testContext({ measure: () => ({ stepMs: 7 }) as never }));
    const ask = runHandlers(context)['runs:measure'];
    await ask({ spec: chosen(), steps: 7 });
    await ask({ spec: chosen(change), steps: 7 });
    expect(jobs(context, 'measure')).toBe(again ? 2 : 1);
    expect(context.heard[0]).toMatchObject({
      input: { steps: 7, spec: { dataset: { format: 'hh', columns: { prompt: 'q' } } } },
    });
  });

  it('is made again for another engine, and ended by a start', async () => {
    const { context } = withLibrary(
      testContext({ train: () => ({ outcome: 'stopped', steps: 0, checkpointPath: '', best: null }) }),
    );
    const handlers = runHandlers(context);
    const ask = () => handlers['runs:measure']({ spec: chosen(), steps: 7 });
    const [first, again] = [ask(), ask()];
    expect(again).toBe(first);
    context.services.store.settings.set({ engine: 'wasm' });
    const other = ask();
    expect(other).not.toBe(first);
    const [id] = await handlers['runs:start']({ specs: [chosen()] });
    for (const measuring of [first, other])
      await expect(measuring).rejects.toMatchObject({ error: { code: 'stopped' } });
    await context.services.runs.whenEnded(id!);
  });
});

describe('a run', () => {
  it.each([
    ['runs:pause', 'pause', 'paused'],
    ['runs:stop', 'stop', 'stopped'],
  ] as const)('%s and runs:resume do what they say', async (channel, wish, status) => {
    const { context } = withLibrary(testContext());
    const handlers = runHandlers(context);
    const [first, waiting] = await handlers['runs:start']({ specs: [chosen(), chosen()] });
    expect(await handlers[channel]({ id: waiting! })).toBeNull(); // had not begun
    expect(context.services.runs.get(waiting!).status).toBe(status);
    expect(await handlers['runs:resume']({ id: waiting! })).toBeNull();
    expect(context.services.runs.get(waiting!).status).toBe('queued');
    await handlers['runs:stop']({ id: waiting! });
    expect(await handlers[channel]({ id: first! })).toBeNull();
    expect(context.services.runs.get(first!).status).toBe(wish === 'pause' ? 'pausing' : 'stopping');
    await expect.poll(() => context.heard.map(({ kind }) => kind)).toEqual(['start', wish]);
    context.services.runs.endNow();
  });

  it('gives its numbers, pairs and profile as they were asked for', async () => {
    const context = testContext();
    const { store } = context.services;
    const run = anyRun();
    store.runs.insert(run);
    const profile = { step: 4, binTokens: 8, chosen: [], rejected: [] };
    for (let step = 1; step <= 4; step++)
      store.runData.addMetrics(
        run.id,
        step,
        { loss: step, learning_rate: 0.1 },
        [pairPoint({ step, row: step })],
        step === 4 ? profile : null,
      );
    const handlers = runHandlers(context);
    const series = await handlers['runs:series']({
      id: run.id,
      names: ['loss'],
      fromStep: 2,
      toStep: 3,
      maxPoints: 10,
    });
    expect(Object.entries(series).map(([name, points]) => [name, points.map(({ step }) => step)])).toEqual([
      ['loss', [2, 3]],
    ]);
    expect((await handlers['runs:pairs']({ id: run.id, sinceStep: 2, limit: 2 })).map(({ step }) => step)).toEqual([
      3, 4,
    ]);
    expect(await handlers['runs:profile']({ id: run.id })).toEqual(profile);
  });

  it('whose folder the history does not know is told of, and listed again', async () => {
    const context = testContext();
    const { folders } = context.services;
    const folder = (id: string): string => path.join(folders.runs, id);
    mkdirSync(path.join(folder('r_00001'), 'checkpoints', 'checkpoint-3'), { recursive: true });
    mkdirSync(folder('r_00002'));
    const known = { version: 1, id: 'r_00002', name: 'mine', modelName: 'm', datasetName: 'd', createdAt: 9 };
    writeFileSync(
      path.join(folder('r_00002'), 'run.json'),
      JSON.stringify({ ...known, status: 'running', totalSteps: 4, spec: anySpec() }),
    );
    const handlers = runHandlers(context);
    expect(await handlers['runs:lost'](undefined)).toEqual([
      { id: 'r_00001', folder: folder('r_00001'), name: null, step: 3, at: expect.any(Number) as number },
      { id: 'r_00002', folder: folder('r_00002'), name: 'mine', step: null, at: 9 },
    ]);
    expect(await handlers['runs:recover'](undefined)).toEqual({ added: 1, left: 1 });
    expect(context.emitted).toMatchObject([
      ['runs:changed', { run: { id: 'r_00002', status: 'interrupted', name: 'mine' } }],
    ]);
    expect((await handlers['runs:lost'](undefined)).map(({ id }) => id)).toEqual(['r_00001']);
  });

  it('of the sample trains DPO and SamPO on the starter content', async () => {
    const context = testContext();
    const ids = await runHandlers(context)['runs:sample'](undefined);
    expect(ids.map((id) => context.services.runs.get(id))).toMatchObject([
      { name: 'DPO', methodId: 'dpo', modelName: 'Starter model', datasetName: 'Starter pairs', status: 'preparing' },
      { name: 'SamPO', methodId: 'sampo', status: 'queued' },
    ]);
    context.services.runs.endNow();
  });
});

describe('an export', () => {
  it.each([
    ['merged', 'f32', 4000],
    ['merged', 'f16', 2000],
    ['merged', 'bf16', 2000],
    ['adapter', 'f32', 300],
    ['adapter', 'bf16', 150],
  ] as const)('as %s of %s is foretold with %i bytes', async (form, dtype, bytes) => {
    const { context, model } = withLibrary(testContext());
    const { store, folders } = context.services;
    const run = anyRun({ spec: anySpec({ model: { path: model } }), name: 'mine' });
    store.runs.insert(run);
    store.runData.addCheckpoint(run.id, 1, '/gone', 30, 1);
    store.runData.addCheckpoint(run.id, 2, '/c', 900, 1);
    const preview = await runHandlers(context)['exports:preview']({ runId: run.id, form, dtype });
    expect(preview.estimatedBytes).toBe(bytes);
    expect(preview.modelCard).toContain('mine');
    const { bavail, bsize } = statfsSync(folders.home);
    expect(Math.abs(preview.diskFreeBytes - bavail * bsize)).toBeLessThan(2 ** 30);
  });

  it('of what the library does not know is foretold with nothing', async () => {
    const context = testContext();
    const run = anyRun();
    context.services.store.runs.insert(run);
    for (const form of ['merged', 'adapter'] as const)
      expect(await runHandlers(context)['exports:preview']({ runId: run.id, form, dtype: 'f16' })).toMatchObject({
        estimatedBytes: 0,
      });
  });

  it('tells how far it is', async () => {
    const context = testContext({ export: ({ outDir }) => ({ path: outDir, files: [] }) });
    const run = anyRun({ checkpointPath: context.services.folders.home });
    context.services.store.runs.insert(run);
    vi.spyOn(context.services, 'runJob').mockImplementation(((
      _job: string,
      _input: object,
      tell: (event: object) => void,
    ) => {
      tell({ kind: 'progress', done: 2, total: 5, what: 'x' });
      tell({ kind: 'problem', message: 'x' });
      return Promise.resolve({ path: '/out', files: [] });
    }) as never);
    await runHandlers(context)['exports:start']({
      runId: run.id,
      form: 'merged',
      dtype: 'f32',
      folder: context.tokens.issue(context.services.folders.exports).token,
      folderName: 'x',
    });
    expect(context.emitted).toEqual([['exports:progress', { runId: run.id, done: 2, total: 5 }]]);
  });
});
