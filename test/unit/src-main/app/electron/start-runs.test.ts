import { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startApp } from '../../../../../src-main/app/electron/start';
import type { EngineCommand } from '../../../../../src-main/engine/protocol';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import type { DatasetId, ModelId, RunId } from '../../../../../src-main/shared/ids';
import { openStore } from '../../../../../src-main/store';
import {
  app,
  dialog,
  FakeWindow,
  ipcMain,
  Menu,
  powerSaveBlocker,
  shell,
  utilityProcess,
} from '../../../support/fake-electron';
import { anySpec, temporaryFolder } from '../../../support/runs';

vi.mock('electron', () => import('../../../support/fake-electron'));

let home: string;
const inspection = { rows: 1, usable: 1, problems: [], problemGroups: [], warnings: [], notes: [], profile: null };
const facts = {
  name: 'Tiny',
  family: 'llama',
  parameters: 9,
  layers: 1,
  width: 8,
  vocabulary: 9,
  contextLength: 9,
  source: 'gguf',
  weightTypes: [],
  bytes: 1,
  hasChatTemplate: true,
  linearLayers: [],
  notes: [],
} as const;

beforeEach(() => {
  home = path.join(temporaryFolder(), 'home');
  vi.stubEnv('SAMPO_HOME', home);
  engines.length = 0;
  utilityProcess.fork.mockImplementation(() => new Engine() as never);
});
afterEach(async () => {
  app.emit('before-quit', { preventDefault: () => undefined });
  for (const engine of engines) engine.exit();
  await turn();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.clearAllMocks();
  app.removeAllListeners();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
  FakeWindow.all.length = 0;
});
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** An engine's process, which says what the test says. */
class Engine extends EventEmitter {
  readonly pid = undefined;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly posted: EngineCommand[] = [];
  constructor() {
    super();
    engines.push(this);
  }
  postMessage(command: EngineCommand): void {
    this.posted.push(command);
  }
  say(event: EngineEvent): void {
    this.emit('message', event);
  }
  done(job: string, value: unknown): Promise<void> {
    this.say({ kind: 'ready' });
    this.say({ kind: 'done', job: job as never, value });
    this.exit();
    return turn();
  }
  exit(): void {
    this.emit('exit', 0);
  }
}
const engines: Engine[] = [];

const sent = (): readonly (readonly [string, unknown])[] =>
  FakeWindow.all.flatMap((window) =>
    window.webContents.send.mock.calls.flatMap(([, batch]) => batch as readonly (readonly [string, unknown])[]),
  );
const ask = async <T>(channel: string, input?: unknown): Promise<T> => {
  const [, handle] = ipcMain.handle.mock.calls.find(([name]) => name === channel)!;
  const result = await handle({ senderFrame: { parent: null, url: 'app://sampo/' } }, input);
  expect(result).toMatchObject({ ok: true });
  return (result as { readonly value: T }).value;
};
/** A library that has the starter model already, so that nothing is asked of an engine at start. */
async function startWithLibrary(): Promise<void> {
  startApp();
  app.emit('before-quit', { preventDefault: () => undefined });
  await turn();
  app.removeAllListeners();
  FakeWindow.all.length = 0;
  vi.clearAllMocks();
  for (const engine of engines.splice(0)) engine.exit();
  const store = openStore(path.join(home, 'sampo.sqlite'));
  store.models.put('m_1' as ModelId, '/m.gguf', facts, true, 1);
  store.datasets.insert({
    id: 'd_1' as DatasetId,
    path: '/d.jsonl',
    name: 'Pairs',
    format: 'hh',
    columns: null,
    inspection: { format: 'hh', verdict: '', ...inspection },
    measuredWith: null,
    starter: false,
    addedAt: 1,
  });
  store.close();
  startApp();
  await turn();
}
const specs = [anySpec({ name: 'mine', model: { path: 'model:m_1' }, dataset: { path: 'dataset:d_1' } })];

describe('the window', () => {
  it('is told what its runs do', async () => {
    await startWithLibrary();
    expect(engines).toEqual([]);
    const [id] = await ask<readonly RunId[]>('runs:start', { specs });
    expect(powerSaveBlocker.start).toHaveBeenCalledOnce();
    const [engine] = engines;
    engine!.say({ kind: 'ready' });
    const sample = { step: 0, prompt: 0, promptText: 'q', text: 'a', tokens: 1, finish: 'eos' } as const;
    engine!.say({ kind: 'probe', sample });
    engine!.say({ kind: 'metrics', step: 1, epoch: 0.5, values: { loss: 0.5 }, pairs: [], profile: null });
    engine!.say({ kind: 'checkpoint', step: 1, path: home, bytes: 1, best: null });
    await engine!.done('train', { outcome: 'finished', steps: 1, checkpointPath: home, best: null });
    expect(powerSaveBlocker.stop).toHaveBeenCalledOnce();
    await ask('runs:delete', { id });
    await expect.poll(sent).toContainEqual(['runs:removed', { id }]);
    expect(sent()).toContainEqual(['runs:probe', { runId: id, sample }]);
    expect(sent()).toContainEqual([
      'runs:metrics',
      { runId: id, seq: 1, points: [{ step: 1, name: 'loss', value: 0.5 }], pairs: [], profile: null },
    ]);
    const statuses = sent().flatMap(([event, payload]) =>
      event === 'runs:changed' ? [(payload as { readonly run: { readonly status: string } }).run.status] : [],
    );
    expect([...new Set(statuses)]).toEqual(['queued', 'preparing', 'finished']);
  });

  it('is told what jobs do; its end is theirs', async () => {
    await startWithLibrary();
    void ask('app:doctor').catch(() => undefined);
    await turn();
    engines[0]!.say({ kind: 'ready' });
    const job = { id: 'j_1', job: 'doctor', state: 'working', done: 0, total: 0, what: '' };
    await expect.poll(sent).toContainEqual(['jobs:changed', { job }]);
    const [window] = FakeWindow.all;
    window!.emit('closed');
    expect(engines[0]!.posted).toMatchObject([{ kind: 'start' }, { kind: 'stop' }]);
    const told = sent().length;
    engines[0]!.exit();
    await turn();
    expect(sent()).toHaveLength(told); // nobody is there
  });

  it('says that a run is saved, and can end it', async () => {
    await startWithLibrary();
    await ask('runs:start', { specs });
    engines[0]!.say({ kind: 'ready' });
    engines[0]!.say({ kind: 'metrics', step: 7, epoch: 0.5, values: {}, pairs: [], profile: null });
    engines[0]!.say({ kind: 'checkpoint', step: 4, path: home, bytes: 1, best: null });
    const preventDefault = vi.fn();
    FakeWindow.all[0]!.emit('close', { preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    app.emit('before-quit', { preventDefault });
    await expect.poll(sent).toContainEqual(['app:closing', { runName: 'mine', step: 7, savedStep: 4 }]);
    expect(app.quit).toHaveBeenCalledOnce();
    FakeWindow.all[0]!.emit('closed');
    app.emit('activate'); // on its way out it opens no other
    expect(FakeWindow.all).toHaveLength(1);
    await ask('app:end-now');
    engines[0]!.exit();
    await expect.poll(() => app.quit.mock.calls.length).toBe(2);
  });

  it('gets what a person picks, and shows files', async () => {
    await startWithLibrary();
    const [window] = FakeWindow.all;
    const file = path.join(temporaryFolder(), 'p.jsonl');
    writeFileSync(file, 'xyz');
    dialog.showOpenDialog.mockResolvedValueOnce({ canceled: false, filePaths: [file] });
    expect(await ask('files:pick', { kind: 'dataset' })).toMatchObject({ name: 'p.jsonl', bytes: 3 });
    expect(dialog.showOpenDialog.mock.lastCall?.[0]).toBe(window);
    await ask('app:reveal', { what: 'home', id: null });
    expect(shell.showItemInFolder.mock.calls).toEqual([[home]]);
    expect(await ask('app:info')).toMatchObject({ version: '0.0.0', home });
  });
});

describe('the starter content', () => {
  it('is added to an empty library, and told', async () => {
    startApp();
    await turn();
    expect(engines[0]!.posted).toEqual([]);
    const folder = expect.stringMatching(/resources[\\/]starter[\\/]model$/) as string;
    await engines[0]!.done('inspect-model', { ...facts, path: '/starter' });
    expect(engines[0]!.posted).toMatchObject([{ job: 'inspect-model', input: { path: folder } }]);
    await engines[1]!.done('inspect-dataset', { ...inspection, format: 'pairs', verdict: '' });
    await expect.poll(sent).toContainEqual(['datasets:changed', { reason: 'starter' }]);
    expect(sent()).toContainEqual(['models:changed', { reason: 'starter' }]);
    expect(await ask('models:list')).toMatchObject([{ name: 'Starter model', starter: true }]);
    expect(await ask('datasets:list')).toMatchObject([{ name: 'Starter pairs', starter: true }]);
  });

  it('that cannot be added is logged; the app goes on', async () => {
    startApp();
    await turn();
    engines[0]!.exit();
    await turn();
    expect(readFileSync(path.join(home, 'logs', 'sampo.log'), 'utf8')).toMatch(
      /error \[\d+ app\] the starter content could not be added: engine-failed/,
    );
    expect(await ask('models:list')).toEqual([]);
  });

  it('of before is told of no more', async () => {
    await startWithLibrary();
    await turn();
    expect(sent().filter(([event]) => event === 'models:changed')).toEqual([]);
  });
});

describe('the guide', () => {
  it('lies in the resources of a package', async () => {
    await startWithLibrary();
    app.isPackaged = true;
    const menu = Menu.setApplicationMenu.mock.lastCall![0] as { submenu?: { id?: string; click: () => void }[] }[];
    menu
      .at(-1)!
      .submenu!.find(({ id }) => id === 'guide')!
      .click();
    app.isPackaged = false;
    expect(shell.openPath.mock.calls).toEqual([
      [path.join((process as { readonly resourcesPath?: string }).resourcesPath!, 'README.md')],
    ]);
  });
});
