import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EngineChannel } from '../../../../src-main/app/engines/engine-host';
import { RunReports } from '../../../../src-main/app/runs/run-reports';
import {
  openServices,
  pathNames,
  quietEvents,
  requireFound,
  starterFolder,
  type Services,
} from '../../../../src-main/app/services';
import type { JobView } from '../../../../src-main/shared/ipc/jobs';
import { logTo } from '../../../../src-main/shared/log';
import { appError } from '../../../../src-main/shared/result';
import { openStore } from '../../../../src-main/store';
import { answering } from '../../support/handlers';
import { anyRun, anySpec, temporaryFolder } from '../../support/runs';

const noEngine = (): never => {
  throw new Error('no engine here');
};
const opened: Services[] = [];
const open = (
  home = temporaryFolder(),
  spawn: () => EngineChannel = noEngine,
  ...rest: readonly [Parameters<typeof openServices>[2]?, Parameters<typeof openServices>[3]?]
): Services => {
  const services = openServices(home, spawn, ...rest);
  opened.push(services);
  return services;
};
/** What the log of a home says, without time and process. */
const logged = (home: string): readonly string[] =>
  readFileSync(path.join(home, 'logs', 'sampo.log'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/^\S+ (\S+) +\[\d+ (\w+)\] /, '$1 $2: '));
afterEach(() => {
  for (const services of opened.splice(0)) services.close();
  logTo(null);
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('the engine that is asked for', () => {
  it.each(['auto', 'tensorflow', 'wasm', 'cpu'] as const)('is %s where SAMPO_ENGINE says so', (name) => {
    vi.stubEnv('SAMPO_ENGINE', name);
    const { engineSettings, store } = open();
    store.settings.set({ engine: 'auto', device: 'cpu', tf32: true });
    expect(engineSettings()).toEqual({ engine: name, device: 'cpu', tf32: true, gpuFreeBytes: null });
  });

  it('is what the settings say where nothing else does, as they are now', () => {
    vi.stubEnv('SAMPO_ENGINE', '');
    const { engineSettings, store } = open();
    for (const engine of ['wasm', 'tensorflow'] as const) {
      store.settings.set({ engine, tf32: false });
      expect(engineSettings()).toMatchObject({ engine, tf32: false });
    }
  });

  it('is refused by name where there is none of it', () => {
    vi.stubEnv('SAMPO_ENGINE', 'torch');
    const home = path.join(temporaryFolder(), 'home');
    expect(() => open(home)).toThrow(
      expect.objectContaining({
        error: {
          code: 'bad-input',
          message: 'SAMPO_ENGINE is torch, which is no engine of this version.',
          hint: 'Known: auto, tensorflow, wasm, cpu.',
          details: { variable: 'SAMPO_ENGINE' },
        },
      }) as Error,
    );
    expect(existsSync(home)).toBe(false);
  });

  it.runIf(process.platform !== 'win32')('knows what is free on the card that it will use', () => {
    const folder = temporaryFolder();
    writeFileSync(
      path.join(folder, 'nvidia-smi'),
      '#!/bin/sh\necho "0, NVIDIA T4, 15360, 15000, 550.1"\necho "1, NVIDIA T4, 15360, 9000, 550.1"\n',
    );
    chmodSync(path.join(folder, 'nvidia-smi'), 0o755);
    vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
    vi.stubEnv('SAMPO_CUDA', '1');
    const { engineSettings, store } = open();
    const free = (device: 'auto' | 'cpu' | 'gpu:1' | 'gpu:7'): unknown => {
      store.settings.set({ device });
      return engineSettings().gpuFreeBytes;
    };
    expect([free('auto'), free('gpu:1'), free('cpu'), free('gpu:7')]).toEqual([
      15000 * 2 ** 20,
      9000 * 2 ** 20,
      null,
      null,
    ]);
    vi.stubEnv('SAMPO_CUDA', '0');
    expect(free('auto')).toBeNull();
  });
});

describe('opening and closing', () => {
  it('is logged, and backs up a history with runs in it', () => {
    const home = temporaryFolder();
    const services = openServices(home, noEngine);
    services.close();
    expect(existsSync(path.join(home, 'backups'))).toBe(false);
    const again = openServices(home, noEngine);
    again.store.runs.insert(anyRun());
    again.close();
    expect(readdirSync(path.join(home, 'backups'))).toHaveLength(1);
    const lines = logged(home);
    expect(lines[0]).toMatch(/^info app: opens .* with (Electron [\d.]+, )?Node [\d.]+ on \w+ \w+$/);
    expect(lines.slice(1).map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'info app: closed',
      expect.stringMatching(/^info app: opens/) as string,
      'info app: backed up',
      'info app: closed',
      '',
    ]);
  });

  it('closes the history where no backup can be taken', () => {
    const home = temporaryFolder();
    const { store, close } = openServices(home, noEngine);
    store.runs.insert(anyRun());
    writeFileSync(path.join(home, 'backups'), 'a file');
    close();
    expect(store.database.open).toBe(false);
    expect(logged(home).join('\n')).toMatch(/error app: the run history could not be backed up: .*/);
  });

  it('sweeps what killed exports left, and tells what became of runs whose program died', () => {
    const home = temporaryFolder();
    const parent = temporaryFolder();
    const gone = 2 ** 22 + 1;
    const left = path.join(parent, `.sampo-export-${gone}-0123abcd`);
    const notes = path.join(home, 'caches', 'exporting');
    for (const folder of [left, notes]) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(notes, `${gone}-1.json`), JSON.stringify({ parent }));
    const store = openStore(path.join(home, 'sampo.sqlite'));
    const [dead, done] = [anyRun({ status: 'running', owner: `${gone}:1` }), anyRun({ status: 'finished' })];
    for (const run of [dead, done]) store.runs.insert(run);
    store.close();
    const { runs } = open(home);
    expect([existsSync(left), runs.get(dead.id).status, runs.get(done.id).status]).toEqual([
      false,
      'interrupted',
      'finished',
    ]);
  });

  it('closes the history again where its runs cannot be healed', () => {
    const home = temporaryFolder();
    const store = openStore(path.join(home, 'sampo.sqlite'));
    store.runs.insert(anyRun({ status: 'running', owner: `${2 ** 22 + 1}:1` }));
    store.close();
    vi.spyOn(RunReports.prototype, 'heal').mockImplementation(() => {
      throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    });
    expect(() => open(home)).toThrow(
      expect.objectContaining({ error: expect.objectContaining({ code: 'no-space' }) as unknown }) as Error,
    );
    vi.restoreAllMocks();
    rmSync(path.join(home, 'sampo.sqlite-wal'), { force: true }); // a closed database has none
    expect(open(home).store.runs.list()).toHaveLength(1);
  });
});

describe('what goes on', () => {
  it('with runs is told, and each status logged once', () => {
    const home = temporaryFolder();
    const told: string[] = [];
    const { runs, store } = open(home, noEngine, { ...quietEvents, changed: ({ name }) => void told.push(name) });
    const id = runs.create(anySpec({ name: 'one' }), { model: 'm', dataset: 'd' });
    runs.rename(id, 'two');
    runs.stop(id);
    store.runs.update(id, { status: 'failed', error: appError('bad-data', 'row 3: secret', 'h') });
    runs.rename(id, 'three');
    runs.rename(id, 'four');
    expect(told).toEqual(['one', 'two', 'two', 'three', 'four']);
    expect(logged(home).filter((line) => line.includes('runs:'))).toEqual([
      `info runs: ${id} (sampo) is queued at step 0`,
      `info runs: ${id} (sampo) is stopped at step 0`,
      `warn runs: ${id} (sampo) is failed at step 0: bad-data`,
    ]);
  });

  it('with jobs is told, and a job hears its engine', async () => {
    const columns = { columns: [], format: null, suggested: null };
    const jobs: JobView[] = [];
    const heard: string[] = [];
    const said = [{ kind: 'progress', done: 1, total: 2, what: 'x' }] as const;
    const { runJob } = open(
      temporaryFolder(),
      answering({ 'dataset-columns': () => columns }, [], said),
      quietEvents,
      (job) => void jobs.push(job),
    );
    expect(await runJob('dataset-columns', { path: '/a' }, ({ kind }) => void heard.push(kind))).toEqual(columns);
    expect(jobs.map(({ job, state }) => [job, state])).toEqual([
      ['dataset-columns', 'waiting'],
      ['dataset-columns', 'working'],
      ['dataset-columns', 'ended'],
    ]);
    expect(heard).toEqual(['progress', 'done']);
  });

  it('wrong with nobody to catch it is logged', () => {
    const home = temporaryFolder();
    const before = process.listenerCount('uncaughtExceptionMonitor');
    open(home);
    open(home);
    expect(process.listenerCount('uncaughtExceptionMonitor')).toBe(Math.max(before, 1));
    (process as NodeJS.EventEmitter).emit('uncaughtExceptionMonitor', new TypeError('fell over'), 'uncaughtException');
    expect(logged(home).join('\n')).toMatch(/error app: a fault that nothing caught: TypeError: fell over/);
  });
});

describe('names', () => {
  it.each([
    ['models/tiny', 'data/pairs.jsonl', 'tiny', 'pairs'],
    ['/m/tiny.gguf', '/d/pairs.json', 'tiny', 'pairs'],
    ['/m/tiny.gguf.old', '/d/pairs.ndjson', 'tiny.gguf.old', 'pairs'],
    ['/m/v1.5/', '/d/pairs.jsonl.gz', 'v1.5', 'pairs'],
    ['/m/xgguf', '/d/pairs.json.gz', 'xgguf', 'pairs'],
    ['.', '/d/pairs.csv', path.basename(process.cwd()), 'pairs.csv'],
    ['/m', '/d/a.jsonl.b', 'm', 'a.jsonl.b'],
  ])('of %s and %s are those of their files', (model, dataset, ...names) => {
    const spec = anySpec({ model: { path: model }, dataset: { path: dataset } });
    expect(Object.values(pathNames(spec))).toEqual(names);
  });

  it('the starter content lies beside the bundle, or in the package’s resources', () => {
    const beside = path.join('/app', 'resources', 'starter');
    expect(starterFolder('/app/dist', '')).toBe(beside);
    expect(starterFolder('/app/dist', '/res')).toBe(beside);
    expect(starterFolder('/res/app.asar/dist', '/res')).toBe(path.join('/res', 'starter'));
    expect(starterFolder('/res/app.asar/dist', '')).toBe(path.join('/res/app.asar', 'resources', 'starter'));
  });

  it('of what is gone are said', () => {
    for (const found of [0, '', false]) expect(requireFound(found, 'The model')).toBe(found);
    for (const none of [null, undefined])
      expect(() => requireFound(none, 'The model')).toThrow(
        expect.objectContaining({
          error: { code: 'not-found', message: 'The model is not there any more.', hint: expect.any(String) as string },
        }) as Error,
      );
  });
});
