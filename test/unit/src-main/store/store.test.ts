import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { largest } from '../../../../src-main/shared/extremes';
import { loadDriver } from '../../../../src-main/store/driver';
import { openStore, type Store } from '../../../../src-main/store';
import { migrate, migrations } from '../../../../src-main/store/open';
import { bucketSeries } from '../../../../src-main/store/run-data';
import { AppFailure } from '../../../../src-main/shared/result';
import { anyRun, temporaryFolder } from '../../support/runs';

const open: Store[] = [];
const newStore = (file = path.join(temporaryFolder(), 'sampo.sqlite')): Store => {
  const store = openStore(file);
  open.push(store);
  return store;
};
afterEach(() => open.splice(0).forEach((store) => store.close()));

describe('the database file', () => {
  it('refuses a newer schema and leaves the file as it was', () => {
    const file = path.join(temporaryFolder(), 'newer.sqlite');
    const database = new (loadDriver())(file);
    database.exec('CREATE TABLE tomorrow (x); PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(file);
    expect(() => newStore(file)).toThrow(AppFailure);
    expect(() => newStore(file)).toThrow(/newer version .*schema 99/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('migrates in order, keeps rows, and undoes a step that fails', () => {
    const file = path.join(temporaryFolder(), 'old.sqlite');
    const store = newStore(file);
    const run = anyRun({ name: 'kept' });
    store.runs.insert(run);
    const { database } = store;
    migrate(database, file, [...migrations, 'ALTER TABLE runs ADD COLUMN note TEXT']);
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length + 1);
    expect(store.runs.get(run.id)?.name).toBe('kept');
    expect(() =>
      migrate(database, file, [...migrations, 'x', 'CREATE TABLE half (a); SELECT nonsense FROM nowhere']),
    ).toThrow();
    expect(database.pragma('user_version', { simple: true })).toBe(migrations.length + 1);
    expect(database.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'half'").pluck().get()).toBe(0);
  });
});

describe('runs', () => {
  it('come back as they were put in, and are found by what a person remembers', () => {
    const { runs } = newStore();
    const first = anyRun({
      name: 'sampo on demo 50%',
      modelName: 'SmolLM2',
      error: { code: 'engine-failed', message: 'm', hint: 'h' },
      problems: ['p'],
    });
    const second = anyRun({ name: 'other', methodId: 'dpo' });
    runs.insert(first);
    runs.insert(second);
    expect(runs.get(first.id)).toEqual({ ...first, ordinal: 1 });
    expect(runs.get(second.id)!.ordinal).toBe(2);
    expect(runs.list().map((r) => r.id)).toEqual([second.id, first.id]);
    expect(runs.list('smol').map((r) => r.id)).toEqual([first.id]);
    expect(runs.list('50%').map((r) => r.id)).toEqual([first.id]);
    expect(runs.list('50_')).toEqual([]);
    expect(runs.get('nothing')).toBeNull();
  });

  it('whose process is gone become interrupted; live, paused and ended ones stay', () => {
    const { runs } = newStore();
    const dead = anyRun({ status: 'running', owner: '1:dead' });
    const live = anyRun({ status: 'preparing', owner: '2:live' });
    const paused = anyRun({ status: 'paused' });
    for (const run of [dead, live, paused]) runs.insert(run);
    expect(runs.interruptOrphans((owner) => owner === '2:live', 7)).toEqual([dead.id]);
    expect(
      runs
        .list()
        .map((r) => r.status)
        .sort(),
    ).toEqual(['interrupted', 'paused', 'preparing']);
    expect(runs.get(dead.id)).toMatchObject({
      endedAt: 7,
      problems: [expect.stringMatching(/ended while this run was running/) as string],
    });
  });

  it('take all they reported along when they are deleted', () => {
    const { runs, runData, database } = newStore();
    const run = anyRun();
    runs.insert(run);
    runData.addMetrics(run.id, 1, { loss: 0.5 }, [], null);
    runData.addProbe(run.id, { step: 0, prompt: 0, promptText: 'p', text: 't', tokens: 3, finish: 'eos' });
    runs.delete(run.id);
    for (const table of ['metrics', 'probes', 'pair_points', 'checkpoints'])
      expect(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
  });
});

describe('metrics', () => {
  const pair = {
    row: 3,
    step: 1,
    split: 'train',
    chosenTokens: 5,
    rejectedTokens: 4,
    keptTokens: 3,
    chosenReward: 0.1,
    rejectedReward: -0.2,
    margin: 0.3,
    fullMargin: 0.4,
  } as const;

  it('count reports, leave out what is no number, and overwrite a step that a resumed run repeats', () => {
    const { runs, runData } = newStore();
    const run = anyRun();
    runs.insert(run);
    expect(runData.addMetrics(run.id, 1, { loss: 0.7, grad_norm: NaN }, [pair], null)).toMatchObject({
      seq: 1,
      points: [{ step: 1, name: 'loss', value: 0.7 }],
    });
    runData.addMetrics(run.id, 2, { loss: 0.6, grad_norm: 2 }, [], null);
    runData.addMetrics(run.id, 2, { loss: 0.65 }, [], null);
    expect(runData.raw(run.id, 'loss')).toEqual([
      [1, 0.7],
      [2, 0.65],
    ]);
    expect(runData.last(run.id, 'loss')).toBe(0.65);
    expect(runData.last(run.id, 'entropy')).toBeNull();
    expect(runData.metricNames(run.id)).toEqual(['grad_norm', 'loss']);
    expect(runData.pairs(run.id, 0, 10)).toEqual([pair]);
    const blown = { ...pair, row: 4, margin: NaN };
    expect(runData.addMetrics(run.id, 1, {}, [pair, blown], null).kept).toEqual([pair]);
    expect(runData.pairs(run.id, 0, 10)).toEqual([pair]);
  });

  it('keep fractions of kept tokens', () => {
    const { runs, runData } = newStore();
    const run = anyRun();
    runs.insert(run);
    runData.addMetrics(run.id, 1, {}, [{ ...pair, keptTokens: 4.3 }], null);
    expect(runData.pairs(run.id, 0, 1)).toEqual([{ ...pair, keptTokens: 4.3 }]);
  });

  it('of a database of the first schema come along with it', () => {
    const file = path.join(temporaryFolder(), 'first.sqlite');
    const database = new (loadDriver())(file);
    migrate(database, file, migrations.slice(0, 1));
    database.exec(
      'INSERT INTO runs (id, name, status, spec, model_name, dataset_name, method_id, created_at, progress) ' +
        `VALUES ('r', 'old', 'finished', '{}', 'm', 'd', 'sampo', 1, '{}')`,
    );
    database.exec(`INSERT INTO pair_points VALUES ('r', 1, 3, 'train', 5, 4, 3, 0.1, -0.2, 0.3, 0.4)`);
    database.close();
    expect(newStore(file).runData.pairs('r' as never, 0, 9)).toEqual([pair]);
  });

  it('are thinned without losing a spike', () => {
    const points = Array.from({ length: 10_000 }, (_, step) => [step, step === 5555 ? 99 : 1] as const);
    const thin = bucketSeries(points, 2000);
    expect(thin.length).toBeLessThanOrEqual(2000);
    expect(largest(thin, (p) => p.max)).toBe(99);
    expect(thin.at(-1)?.step).toBe(9999);
    expect(bucketSeries([[1, 5]], 2000)).toEqual([{ step: 1, value: 5, min: 5, max: 5 }]);
  });
});

describe('library', () => {
  it('keeps models by path and settings by name', () => {
    const { models, settings } = newStore();
    const facts = {
      name: 'tiny',
      family: 'llama',
      parameters: 1,
      layers: 1,
      width: 1,
      vocabulary: 1,
      contextLength: 1,
      source: 'gguf',
      weightTypes: [],
      bytes: 1,
      hasChatTemplate: true,
      linearLayers: [],
    } as const;
    const first = models.put('m_1' as never, '/a', facts, false, 1);
    const again = models.put('m_2' as never, '/a', { ...facts, name: 'renamed' }, false, 2);
    expect([first.id, again.id, again.name]).toEqual(['m_1', 'm_1', 'renamed']);
    expect(settings.get()).toEqual({ theme: 'system', engine: 'auto', device: 'auto', tf32: true });
    expect(settings.set({ theme: 'dark', device: 'gpu:1', tf32: false })).toEqual({
      theme: 'dark',
      engine: 'auto',
      device: 'gpu:1',
      tf32: false,
    });
  });
});
