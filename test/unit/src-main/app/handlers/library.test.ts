import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { addModel, addStarter, libraryHandlers } from '../../../../../src-main/app/handlers/library';
import type { ModelInspection } from '../../../../../src-main/shared/views/library';
import type { FileToken, ModelId } from '../../../../../src-main/shared/ids';
import type { DatasetColumns, DatasetFormat } from '../../../../../src-main/shared/spec/run-spec';
import type { DatasetInspection } from '../../../../../src-main/shared/data/dataset';
import { appError } from '../../../../../src-main/shared/result';
import { closeContexts, testContext } from '../../../support/handlers';

const inspected = (file: string): ModelInspection => ({
  path: file,
  family: 'llama',
  name: path.basename(file),
  parameters: 9,
  layers: 1,
  width: 8,
  vocabulary: 32,
  contextLength: 64,
  source: 'gguf',
  weightTypes: ['Q4_1'],
  bytes: 100,
  hasChatTemplate: true,
  linearLayers: ['q_proj'],
  notes: [],
});
const data = (usable: number): DatasetInspection => ({
  format: 'pairs',
  rows: 3,
  usable,
  problems:
    usable === 3 ? [] : [{ row: 2, field: 'chosen', code: 'empty-response', message: 'The chosen response is empty.' }],
  problemGroups: [],
  warnings: [],
  notes: [],
  profile: null,
  verdict: 'v',
});
afterEach(closeContexts);

describe('models', () => {
  it('are added by the token of a picked file, listed, and removed', async () => {
    const context = testContext({ 'inspect-model': ({ path: file }) => inspected(file) });
    const handlers = libraryHandlers(context);
    const added = await handlers['models:add']({ token: context.tokens.issue('/models/a.gguf').token });
    expect(added).toMatchObject({ path: '/models/a.gguf', name: 'a.gguf', starter: false, parameters: 9 });
    expect(await handlers['models:list'](undefined)).toEqual([added]);
    expect(context.emitted).toEqual([['models:changed', { reason: 'added' }]]);
    await handlers['models:remove']({ id: added.id });
    expect(await handlers['models:list'](undefined)).toEqual([]);
    await expect(async () => handlers['models:remove']({ id: added.id })).rejects.toThrow(
      /model is not there any more/,
    );
  });

  it('that the engine refuses are not kept, and its words come through', async () => {
    const error = appError('bad-model', 'stored as Q6_K', 'Choose another.');
    const context = testContext({ 'inspect-model': () => ({ failed: error }) });
    const handlers = libraryHandlers(context);
    await expect(handlers['models:add']({ token: context.tokens.issue('/m').token })).rejects.toMatchObject({ error });
    expect([context.services.store.models.list(), context.emitted]).toEqual([[], []]);
  });

  it('cannot be a path that nobody picked', async () => {
    const context = testContext({ 'inspect-model': ({ path: file }) => inspected(file) });
    await expect(libraryHandlers(context)['models:add']({ token: '/etc/passwd' as FileToken })).rejects.toThrow(
      /not picked/,
    );
    expect(context.heard).toEqual([]);
  });
});

describe('datasets', () => {
  describe('are read once for dialog and library', () => {
    const failure = appError('stopped', 'cancelled', 'h');
    /** A file and a model, as the dialog has just shown them. */
    const shown = async () => {
      let isCancelled = false;
      const context = testContext({
        'inspect-dataset': () => (isCancelled ? { failed: failure } : data(3)),
        'inspect-model': ({ path: folder }) => inspected(folder),
      });
      const handlers = libraryHandlers(context);
      const file = path.join(context.services.folders.home, 'p.jsonl');
      const folder = path.join(context.services.folders.home, 'model');
      const tokenizer = path.join(folder, 'tokenizer.json');
      writeFileSync(file, 'one');
      utimesSync(file, 1000, 1000);
      mkdirSync(folder);
      writeFileSync(tokenizer, 'one');
      const model = await handlers['models:add']({ token: context.tokens.issue(folder).token });
      const asked = { token: context.tokens.issue(file).token, format: 'auto', columns: null } as const;
      const inspect = (modelId: ModelId | null = model.id) => handlers['datasets:inspect']({ ...asked, modelId });
      // as the dialog asks: by the name of the format that it found
      const add = (
        change: {
          readonly format?: DatasetFormat;
          readonly columns?: DatasetColumns;
          readonly modelId?: ModelId | null;
        } = {},
      ) => handlers['datasets:add']({ ...asked, format: 'pairs', name: 'a', modelId: model.id, ...change });
      await inspect();
      const read = (): number =>
        context.heard.filter((command) => 'job' in command && command.job !== 'inspect-model').length;
      return { handlers, file, tokenizer, model, inspect, add, read, cancel: (is: boolean) => void (isCancelled = is) };
    };
    type Shown = Awaited<ReturnType<typeof shown>>;

    it('where nothing has changed', async () => {
      const { add, read } = await shown();
      expect((await add()).inspection).toEqual(data(3));
      await add({ format: 'auto' });
      expect(read()).toBe(1);
      await add({ format: 'alpaca' });
      expect(read()).toBe(2);
    });

    it.each<readonly [string, (all: Shown) => unknown]>([
      ['the file is another', ({ file }) => writeFileSync(file, 'another')],
      [
        'another one of its size and time has taken its place',
        ({ file }) => {
          writeFileSync(`${file}.new`, 'two');
          utimesSync(`${file}.new`, 1000, 1000);
          renameSync(`${file}.new`, file);
        },
      ],
      ['the model’s tokenizer is another', ({ tokenizer }) => writeFileSync(tokenizer, 'another')],
      ['another model was shown since', ({ inspect }) => inspect(null)],
    ])('but again where %s', async (_what, change) => {
      const all = await shown();
      await change(all);
      const before = all.read();
      await all.add();
      expect(all.read()).toBe(before + 1);
    });

    it('but again for other roles, and for no model', async () => {
      const { add, read } = await shown();
      await add({ columns: { prompt: 'q', chosen: 'a', rejected: 'b' } });
      await add({ modelId: null });
      expect(read()).toBe(3);
    });

    it('and one that was cancelled leaves the one before it', async () => {
      const { inspect, add, read, cancel } = await shown();
      cancel(true);
      await expect(inspect(null)).rejects.toMatchObject({ error: failure });
      await expect(add({ modelId: null })).rejects.toMatchObject({ error: failure });
      cancel(false);
      await add();
      expect(read()).toBe(3);
    });

    it('and a model that was removed meanwhile is said', async () => {
      const { handlers, model, add } = await shown();
      await handlers['models:remove']({ id: model.id });
      await expect(add()).rejects.toThrow(/model is not there any more/);
    });
  });

  it('are looked at before they are kept, and measured again with a model', async () => {
    const context = testContext({
      'inspect-dataset': () => data(3),
      'inspect-model': ({ path: file }) => inspected(file),
    });
    const handlers = libraryHandlers(context);
    const { token } = context.tokens.issue('/data/p.jsonl');
    expect(await handlers['datasets:inspect']({ token, format: 'auto', columns: null, modelId: null })).toEqual(
      data(3),
    );
    expect(context.services.store.datasets.list()).toEqual([]);
    const added = await handlers['datasets:add']({ token, format: 'auto', columns: null, name: 'mine', modelId: null });
    expect(added).toMatchObject({
      name: 'mine',
      path: '/data/p.jsonl',
      format: 'pairs',
      measuredWith: null,
      usedBy: 0,
    });
    const model = await handlers['models:add']({ token: context.tokens.issue('/m.gguf').token });
    expect(await handlers['datasets:measure']({ id: added.id, modelId: model.id })).toMatchObject({
      measuredWith: model.id,
    });
    expect(context.heard.at(-1)).toMatchObject({
      job: 'inspect-dataset',
      input: { path: '/data/p.jsonl', format: 'pairs', modelPath: '/m.gguf' },
    });
    await handlers['datasets:remove']({ id: added.id });
    expect(await handlers['datasets:list'](undefined)).toEqual([]);
    expect(context.emitted.map(([event]) => event)).toEqual([
      'datasets:changed',
      'models:changed',
      'datasets:changed',
      'datasets:changed',
    ]);
  });

  it('send to the engine what is asked for, and the columns and problems that it finds come back', async () => {
    const columns = { columns: [{ name: 'q', holds: 'text', samples: ['a'] }], format: null, suggested: null } as const;
    const context = testContext({
      'inspect-dataset': () => data(3),
      'inspect-model': ({ path: file }) => inspected(file),
      'dataset-columns': () => columns,
      'preview-pairs': () => [],
    });
    const handlers = libraryHandlers(context);
    const { token } = context.tokens.issue('/data/p.jsonl');
    const last = (): unknown => context.heard.at(-1);
    expect(await handlers['datasets:columns']({ token })).toEqual(columns);
    expect(last()).toMatchObject({ job: 'dataset-columns', input: { path: '/data/p.jsonl' } });
    const model = await handlers['models:add']({ token: context.tokens.issue('/m.gguf').token });
    const roles = { prompt: 'q' };
    const asked = { token, format: 'pairs', columns: roles, modelId: model.id } as const;
    const input = { path: '/data/p.jsonl', format: 'pairs', columns: roles, modelPath: '/m.gguf', maxLength: null };
    await handlers['datasets:inspect'](asked);
    expect((last() as { input: unknown }).input).toEqual(input);
    const added = await handlers['datasets:add']({ ...asked, name: 'mine' });
    expect((last() as { input: unknown }).input).toEqual(input);
    expect(added).toMatchObject({ id: expect.stringMatching(/^d_[0-9a-f]{10}$/) as string, columns: roles });
    expect(added).toMatchObject({ measuredWith: model.id, starter: false, inspection: data(3) });
    expect(Math.abs(added.addedAt - Date.now())).toBeLessThan(60_000);
    expect(model.id).toMatch(/^m_[0-9a-f]{10}$/);
    await handlers['datasets:preview']({
      id: added.id,
      modelId: model.id,
      maxLength: 9,
      rows: [1],
      sampling: 'shared',
    });
    expect((last() as { input: unknown }).input).toEqual({
      path: '/data/p.jsonl',
      format: 'pairs',
      columns: roles,
      modelPath: '/m.gguf',
      maxLength: 9,
      rows: [1],
      sampling: 'shared',
      seed: 42,
    });
    await handlers['datasets:measure']({ id: added.id, modelId: null as never });
    expect((last() as { input: unknown }).input).toEqual({ ...input, modelPath: null });
    await handlers['datasets:remove']({ id: added.id });
    await handlers['models:remove']({ id: model.id });
    expect(context.emitted).toEqual([
      ['models:changed', { reason: 'added' }],
      ['datasets:changed', { reason: 'added' }],
      ['datasets:changed', { reason: 'measured' }],
      ['datasets:changed', { reason: 'removed' }],
      ['models:changed', { reason: 'removed' }],
    ]);
    for (const call of [
      () => handlers['datasets:remove']({ id: added.id }),
      () => handlers['datasets:rows']({ id: added.id, offset: 0, limit: 1, search: '' }),
    ])
      await expect(async () => call()).rejects.toMatchObject({
        error: { code: 'not-found', message: 'The dataset is not there any more.' },
      });
  });

  it('that are empty are refused as that, with no more than twenty problems', async () => {
    const problems = Array.from({ length: 30 }, (_, i) => ({ ...data(0).problems[0]!, row: i + 1 }));
    for (const [list, message] of [
      [[], 'p.jsonl has no usable pair: it is empty'],
      [problems, 'p.jsonl has no usable pair: The chosen response is empty.'],
    ] as const) {
      const context = testContext({ 'inspect-dataset': () => ({ ...data(0), problems: list }) });
      const { token } = context.tokens.issue('/data/p.jsonl');
      const adding = libraryHandlers(context)['datasets:add'];
      await expect(adding({ token, format: 'auto', columns: null, name: 'm', modelId: null })).rejects.toMatchObject({
        error: { message, details: { problems: list.slice(0, 20), problemGroups: [] } },
      });
    }
  });

  it('without a usable pair are refused with the first problem', async () => {
    const context = testContext({ 'inspect-dataset': () => data(0) });
    const { token } = context.tokens.issue('/data/p.jsonl');
    await expect(
      libraryHandlers(context)['datasets:add']({ token, format: 'auto', columns: null, name: 'mine', modelId: null }),
    ).rejects.toMatchObject({
      error: {
        code: 'bad-data',
        message: expect.stringMatching(/p\.jsonl has no usable pair: The chosen response is empty/) as string,
      },
    });
    expect(context.services.store.datasets.list()).toEqual([]);
  });

  it('show rows and previews by their own file and the chosen model', async () => {
    const context = testContext({
      'inspect-dataset': () => data(3),
      'inspect-model': ({ path: file }) => inspected(file),
      'dataset-rows': () => ({ total: 3, rows: [] }),
      'preview-pairs': () => [],
    });
    const handlers = libraryHandlers(context);
    const { id } = await handlers['datasets:add']({
      token: context.tokens.issue('/d.jsonl').token,
      format: 'auto',
      columns: null,
      name: 'd',
      modelId: null,
    });
    expect(await handlers['datasets:rows']({ id, offset: 0, limit: 10, search: 'x' })).toEqual({ total: 3, rows: [] });
    expect(context.heard.at(-1)).toMatchObject({
      input: { path: '/d.jsonl', format: 'pairs', offset: 0, limit: 10, search: 'x' },
    });
    await expect(async () =>
      handlers['datasets:preview']({ id, modelId: 'm_gone' as ModelId, maxLength: 64, rows: [1], sampling: 'shared' }),
    ).rejects.toThrow(/model is not there/);
    const model = await handlers['models:add']({ token: context.tokens.issue('/m.gguf').token });
    expect(
      await handlers['datasets:preview']({ id, modelId: model.id, maxLength: 64, rows: [1], sampling: 'shared' }),
    ).toEqual([]);
    expect(context.heard.at(-1)).toMatchObject({ input: { modelPath: '/m.gguf', rows: [1], sampling: 'shared' } });
  });
});

describe('the starter content', () => {
  it('is added once', async () => {
    const context = testContext({
      'inspect-dataset': () => data(3),
      'inspect-model': ({ path: file }) => inspected(file),
    });
    expect(await addStarter(context.services)).toBe(true);
    expect(await addStarter(context.services)).toBe(false);
    expect(context.services.store.models.list()).toMatchObject([{ starter: true, name: 'Starter model' }]);
    await addModel(context.services, context.services.store.models.list()[0]!.path, false);
    expect(context.services.store.models.list()).toMatchObject([{ starter: true, name: 'Starter model' }]);
    expect(context.services.store.datasets.list()).toMatchObject([{ starter: true, name: 'Starter pairs' }]);
  });
});
