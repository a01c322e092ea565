import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTime } from '../../../../../src-main/shared/runs/run-time';
import { runSpecSchema, type RunSpec } from '../../../../../src-main/shared/spec/run-spec';
import { temporaryFolder } from '../train/fixture';
import { bundleEngine, runEngine, valueOf } from './engine-client';

// The starter model, with its own pairs and with worse ones.

const starter = join(import.meta.dirname, '../../../../../resources/starter');
const home = temporaryFolder();
let engine = '';
beforeAll(async () => {
  engine = await bundleEngine();
});
afterAll(() => rmSync(engine, { force: true }));

const lines = readFileSync(join(starter, 'pairs.jsonl'), 'utf8').trim().split('\n');
function data(name: string, rows: readonly string[]): string {
  const file = join(home, `${name}.jsonl`);
  writeFileSync(file, rows.join('\n'));
  return file;
}
const sample = (
  change: { readonly path?: string; readonly training?: Partial<RunSpec['training']>; readonly probes?: object } = {},
): RunSpec => {
  const own = (JSON.parse(readFileSync(join(starter, 'sample.json'), 'utf8')) as { readonly sampo: RunSpec }).sampo;
  const path = change.path ?? join(starter, 'pairs.jsonl');
  return runSpecSchema.parse({
    ...own,
    model: { path: join(starter, 'model') },
    dataset: { ...own.dataset, path },
    training: { ...own.training, ...change.training },
    probes: { ...own.probes, ...change.probes },
  });
};
const preflight = async (spec: RunSpec) => valueOf(await runEngine(engine, 'preflight', { spec }), 'preflight');
const codesOf = async (spec: RunSpec): Promise<readonly string[]> =>
  (await preflight(spec)).warnings.map(({ code }) => code);

describe('preflight', () => {
  it('has nothing to say about the sample', async () => {
    const forecast = await preflight(sample());
    expect(forecast.warnings).toEqual([]);
    expect(forecast).toMatchObject({ steps: 150, probes: 40 });
    expect(forecast.medianAnswerTokens).toBeGreaterThan(20);
  });

  it('says what is left out and there twice, and what that means for held-out pairs', async () => {
    const bad = [
      ...lines.slice(0, 60),
      ...lines.slice(0, 60),
      '{"prompt": "x", "chosen": "", "rejected": "b"}',
      'no json',
    ];
    const forecast = await preflight(
      sample({ path: data('twice', bad), training: { maxSteps: 50, checkpointEvery: 25 } }),
    );
    expect(forecast.warnings.map(({ code }) => code).sort()).toEqual(['duplicates', 'held-out-leak', 'left-out']);
    expect(forecast.warnings.find(({ code }) => code === 'left-out')?.message).toMatch(
      /^2 rows of 122 are left out\..*Row 122/,
    );
    expect(forecast.problemGroups.map(({ code }) => code).sort()).toEqual(['empty-response', 'not-json']);
  });

  it('says when answers are cut or probes too short', async () => {
    expect(await codesOf(sample({ training: { maxLength: 40 } }))).toContain('most-cut');
    expect(await codesOf(sample({ probes: { maxNewTokens: 8 } }))).toEqual(['short-probes']);
  });

  it('is read out by training too, with what to do', async () => {
    const spec = sample({
      training: { maxSteps: 2, evalEvery: 1, checkpointEvery: 1, warmupRatio: 0 },
      probes: { everySteps: 2, prompts: ['Tell me the size of a spider.'] },
    });
    const run = await runEngine(engine, 'train', {
      spec,
      runDir: join(home, 'run'),
      cacheDir: join(home, 'cache'),
      resume: false,
    });
    const said = run.events.flatMap((event) => (event.kind === 'problem' ? [event.message] : []));
    expect(said).toEqual([
      'Only 2 steps: too few to move a model. Raise training.epochs or training.maxSteps, or lower ' +
        'training.pairsPerStep.',
    ]);
  });
});

describe('a measurement', () => {
  // How near it comes to what a run takes is no test's business: other work on the machine would decide it.
  it('says what it is a measurement of, and gives every part of a run its time', async () => {
    const spec = sample({ training: { maxSteps: 40 } });
    const forecast = await preflight(spec);
    const speed = valueOf(await runEngine(engine, 'measure', { spec, steps: forecast.steps }), 'measure');
    expect(speed.basis).toMatch(/^\d steps? of 8 pairs with up to \d+ tokens$/);
    const work = {
      steps: 40,
      rounds: 1,
      trainPairs: 540,
      heldPairs: 60,
      evalEvery: 50,
      probes: 40,
      probeEvery: 30,
      probeTokens: 60,
      hasReference: true,
    };
    const whole = runTime(speed, work).totalMs;
    expect(Number.isFinite(whole)).toBe(true);
    for (const less of [{ steps: 20 }, { heldPairs: 0 }, { probes: 0 }, { hasReference: false }])
      expect(runTime(speed, { ...work, ...less }).totalMs, JSON.stringify(less)).toBeLessThan(whole);
  });

  it('works for every way to train, and stops when asked', async () => {
    for (const change of [
      { method: { id: 'tdpo' } },
      { method: { id: 'simpo' } },
      { objective: 'supervised', method: { id: 'sft' } },
      { adapter: { kind: 'lora' }, training: { pairsPerStep: 1, maxLength: 256 } },
    ]) {
      const spec = runSpecSchema.parse({ ...sample(), objective: 'preference', ...change });
      const speed = valueOf(await runEngine(engine, 'measure', { spec, steps: 20 }), 'measure');
      for (const value of [speed.stepMs, speed.scoreMs, speed.startMs]) expect(value).toBeGreaterThan(0);
    }
    const stopped = await runEngine(
      engine,
      'measure',
      { spec: sample(), steps: 20 },
      (event, child) => void (event.kind === 'progress' && event.what === 'steps' && child.send({ kind: 'stop' })),
    );
    expect(stopped.events.at(-1)).toMatchObject({ kind: 'failed', error: { code: 'stopped' } });
  });
});
