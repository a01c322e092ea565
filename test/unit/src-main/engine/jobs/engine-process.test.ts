import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largest } from '../../../../../src-main/shared/extremes';
import { runSpecSchema, type RunSpec } from '../../../../../src-main/shared/spec/run-spec';
import type { PairLogprobs } from '../../../../../src-main/shared/ipc/engine-events';
import { comparable, metricsOf, temporaryFolder } from '../train/fixture';
import { bundleEngine, runEngine, valueOf, type EngineRun } from './engine-client';
import { writeTinyModel, writeTinyPairs } from './tiny-folder';

let engine = '';
const home = temporaryFolder();
const modelPath = join(home, 'model');
const dataPath = join(home, 'pairs.jsonl');
const cacheDir = join(home, 'cache');

beforeAll(async () => {
  engine = await bundleEngine();
  await writeTinyModel(modelPath);
  writeTinyPairs(dataPath, 24);
});
afterAll(() => rmSync(engine, { force: true }));

const spec = (training: Partial<RunSpec['training']> = {}): RunSpec =>
  runSpecSchema.parse({
    model: { path: modelPath },
    dataset: { path: dataPath },
    method: { id: 'sampo' },
    adapter: { kind: 'lora', rank: 2, alpha: 4 },
    training: { maxSteps: 8, maxLength: 64, learningRate: 1e-2, checkpointEvery: 2, evalEvery: 4, ...training },
    probes: { everySteps: 4, maxNewTokens: 8 },
  });
const weightsAt = (runDir: string, step: number): Buffer =>
  readFileSync(join(runDir, 'checkpoints', `checkpoint-${step}`, 'weights.safetensors'));
const logprobsOf = (events: EngineRun['events']): readonly PairLogprobs[] =>
  events.flatMap((e) => (e.kind === 'logprobs' ? e.pairs : []));
const failure = (run: EngineRun): unknown => run.events.find((e) => e.kind === 'failed');

describe('the engine process', () => {
  it('trains, reports everything and exits 0', async () => {
    const run = await runEngine(engine, 'train', { spec: spec(), runDir: join(home, 'a'), cacheDir, resume: false });
    expect(run.exitCode).toBe(0);
    const checkpoint = (step: number): string => join(home, 'a', 'checkpoints', `checkpoint-${step}`);
    const heldOut = metricsOf(run.events).flatMap((e) =>
      e.values['eval_loss'] === undefined ? [] : [{ step: e.step, loss: e.values['eval_loss'] }],
    );
    const best = heldOut.reduce((a, b) => (b.loss < a.loss ? b : a));
    expect(heldOut.map((e) => e.step)).toEqual([4, 8]);
    expect(valueOf(run, 'train')).toEqual({
      outcome: 'finished',
      steps: 8,
      checkpointPath: checkpoint(8),
      best: { ...best, path: checkpoint(best.step) },
    });
    expect(run.events[0]).toEqual({ kind: 'ready' });
    expect(
      metricsOf(run.events)
        .filter((e) => 'loss' in e.values)
        .map((e) => e.step),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(metricsOf(run.events)[0]!.values['loss']).toBe(Math.fround(Math.LN2));
    const probes = run.events.filter((e) => e.kind === 'probe').map((e) => [e.sample.step, e.sample.prompt]);
    expect(probes).toHaveLength(18); // 6 prompts at steps 0, 4 and 8
    expect(run.events.filter((e) => e.kind === 'checkpoint').map((e) => e.step)).toEqual([2, 4, 6, 8]);
    expect(readdirSync(join(home, 'a', 'checkpoints')).sort()).toEqual(
      [...new Set([best.step, 6, 8])].map((step) => `checkpoint-${step}`).sort(),
    );
  });

  it('killed with SIGKILL in mid-run, goes on as if nothing had happened', async () => {
    const killed = await runEngine(
      engine,
      'train',
      { spec: spec(), runDir: join(home, 'k'), cacheDir, resume: false },
      (event, child) => void (event.kind === 'metrics' && event.step === 5 && child.kill('SIGKILL')),
    );
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await runEngine(engine, 'train', { spec: spec(), runDir: join(home, 'k'), cacheDir, resume: true });
    expect(resumed.events.find((e) => e.kind === 'running')).toMatchObject({ firstStep: 5 });
    const whole = await runEngine(engine, 'train', { spec: spec(), runDir: join(home, 'w'), cacheDir, resume: false });
    expect(weightsAt(join(home, 'k'), 8).equals(weightsAt(join(home, 'w'), 8))).toBe(true);
    const after = (run: EngineRun): readonly unknown[] =>
      comparable(run.events.filter((e) => e.kind !== 'metrics' || e.step >= 5));
    expect(after(resumed)).toEqual(after(whole));
  });

  it('pauses between steps, with a checkpoint', async () => {
    const run = await runEngine(
      engine,
      'train',
      { spec: spec({ maxSteps: 500 }), runDir: join(home, 'p'), cacheDir, resume: false },
      (event, child) => void (event.kind === 'metrics' && event.step === 3 && child.send({ kind: 'pause' })),
    );
    const { outcome, steps, checkpointPath } = valueOf(run, 'train');
    expect(outcome).toBe('paused');
    expect(steps).toBeLessThan(500);
    expect(existsSync(join(checkpointPath, 'state.json'))).toBe(true);
  });

  it('stops before the first step without a trace', async () => {
    const run = await runEngine(
      engine,
      'train',
      { spec: spec(), runDir: join(home, 's'), cacheDir: join(home, 'other-cache'), resume: false },
      (event, child) => void (event.kind === 'engine' && child.send({ kind: 'stop' })),
    );
    expect(valueOf(run, 'train')).toMatchObject({ outcome: 'stopped', steps: 0 });
    expect(existsSync(join(home, 's', 'checkpoints'))).toBe(false);
  });

  it('foretells what train does', async () => {
    const forecast = valueOf(await runEngine(engine, 'preflight', { spec: spec() }), 'preflight');
    expect(forecast).toMatchObject({ usablePairs: 24, evalPairs: 2, steps: 8, problems: 0, cutPairs: 0 });
    expect(forecast.tokensKeptShare).toBeGreaterThan(0.5);
    expect(forecast.tokensKeptShare).toBeLessThan(1);
    expect(forecast.memoryBytes).toBeGreaterThan(300e6);
    expect(forecast.freeMemoryBytes).toBeGreaterThan(0);
  });

  it('scores, answers and inspects', async () => {
    const run = await runEngine(engine, 'logprobs', {
      modelPath,
      adapterPath: null,
      data: { path: dataPath, format: 'auto', columns: null },
      maxLength: 64,
    });
    const pairs = logprobsOf(run.events);
    expect(valueOf(run, 'logprobs')).toEqual({ scored: 24 });
    expect(pairs.map((p) => p.row)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    for (const p of pairs)
      expect([p.chosenLogprobs.length, p.rejectedLogprobs.length]).toEqual([p.chosenIds.length, p.rejectedIds.length]);
    const request = {
      modelPath,
      adapterPath: null,
      prompt: { kind: 'text', text: 'w1 w2 w3' },
      maxNewTokens: 12,
      temperature: 1,
      seed: 7,
    } as const;
    const [one, two] = [
      valueOf(await runEngine(engine, 'generate', request), 'generate'),
      valueOf(await runEngine(engine, 'generate', request), 'generate'),
    ];
    expect(one).toEqual(two);
    expect(one.tokenIds.length).toBeLessThanOrEqual(12);
    expect(valueOf(await runEngine(engine, 'inspect-model', { path: modelPath }), 'inspect-model')).toMatchObject({
      family: 'llama',
      layers: 2,
      vocabulary: 31,
      hasChatTemplate: false,
    });
    const preview = valueOf(
      await runEngine(engine, 'preview-pairs', {
        path: dataPath,
        format: 'auto',
        columns: null,
        modelPath,
        maxLength: 64,
        rows: [1],
        sampling: 'shared',
        seed: 42,
      }),
      'preview-pairs',
    );
    expect(preview[0]!.tokens.filter((t) => t.part === 'chosen' && t.kept)).toHaveLength(
      Math.min(preview[0]!.chosenTokens, preview[0]!.rejectedTokens),
    );
  });

  it('exports an adapter and a merged model that score alike', async () => {
    const trained = valueOf(
      await runEngine(engine, 'train', { spec: spec(), runDir: join(home, 'e'), cacheDir, resume: false }),
      'train',
    );
    const request = {
      spec: spec(),
      checkpointPath: trained.checkpointPath,
      dtype: 'f32',
      modelCard: '# card',
    } as const;
    const [adapterPath, merged] = [join(home, 'out', 'adapter'), join(home, 'out', 'merged')];
    valueOf(await runEngine(engine, 'export', { ...request, form: 'adapter', outDir: adapterPath }), 'export');
    const { files } = valueOf(
      await runEngine(engine, 'export', { ...request, form: 'merged', outDir: merged }),
      'export',
    );
    expect(files.map((f) => f.name)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'README.md']),
    );
    const score = async (model: string, adapter: string | null): Promise<readonly number[]> =>
      logprobsOf(
        (
          await runEngine(engine, 'logprobs', {
            modelPath: model,
            adapterPath: adapter,
            data: { path: dataPath, format: 'auto', columns: null },
            maxLength: 64,
          })
        ).events,
      ).flatMap((p) => [...p.chosenLogprobs, ...p.rejectedLogprobs]);
    const [base, adapted, whole] = [
      await score(modelPath, null),
      await score(modelPath, adapterPath),
      await score(merged, null),
    ];
    adapted.forEach((x, i) => expect(Math.abs(x - whole[i]!)).toBeLessThan(1e-4));
    expect(largest(adapted.map((x, i) => Math.abs(x - base[i]!)))).toBeGreaterThan(1e-2);

    // going on with the adapter: it is the reference, so the first loss is ln 2 again
    const further = await runEngine(engine, 'train', {
      spec: runSpecSchema.parse({ ...spec({ maxSteps: 1 }), adapter: { kind: 'lora', from: adapterPath } }),
      runDir: join(home, 'f'),
      cacheDir,
      resume: false,
    });
    expect(metricsOf(further.events)[0]!.values['loss']).toBe(Math.fround(Math.LN2));
  });

  it('says what is wrong as a value and exits 0 all the same', async () => {
    const missing = await runEngine(engine, 'inspect-model', { path: join(home, 'nowhere') });
    expect(missing.exitCode).toBe(0);
    expect(failure(missing)).toMatchObject({ error: { code: 'bad-model' } });
    const tooLong = await runEngine(engine, 'generate', {
      modelPath,
      adapterPath: null,
      prompt: { kind: 'text', text: 'w1 '.repeat(200) },
      maxNewTokens: 5,
      temperature: 0,
      seed: 1,
    });
    expect(failure(tooLong)).toMatchObject({ error: { code: 'bad-input', details: { contextLength: 128 } } });
  });

  it.skipIf(process.getuid?.() === 0)('fails with no-permission and leaves nothing half-written', async () => {
    const runDir = join(home, 'readonly');
    (await import('node:fs')).mkdirSync(runDir);
    chmodSync(runDir, 0o500);
    const run = await runEngine(engine, 'train', { spec: spec(), runDir, cacheDir, resume: false });
    expect(failure(run)).toMatchObject({ error: { code: 'no-permission' } });
    expect(readdirSync(runDir)).toEqual([]);
  });
});
