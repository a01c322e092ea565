import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelCardOf } from '../../../../../src-main/app/runs/export-run';
import type { LoraPlan } from '../../../../../src-main/engine/model/lora-plan';
import { readAdapter } from '../../../../../src-main/engine/adapter/adapter';
import { runSpecSchema, type RunSpec } from '../../../../../src-main/shared/spec/run-spec';
import { closeContexts, testContext } from '../../../support/handlers';
import { anyRun } from '../../../support/runs';
import { tinyLlama } from '../../../support/tiny-config';
import { temporaryFolder } from '../train/fixture';
import { adapted, writeTinyAdapter } from './adapter-files';
import { bundleEngine, runEngine, valueOf, type EngineRun } from './engine-client';
import { writeTinyModel, writeTinyPairs } from './tiny-folder';

// A run that goes on with a PEFT adapter whose layers have ranks and alphas of their own.

let engine = '';
const home = temporaryFolder();
const [modelPath, dataPath, adapterPath, cacheDir] = ['model', 'pairs.jsonl', 'adapter', 'cache'].map((name) =>
  join(home, name),
) as [string, string, string, string];
const config = tinyLlama();
const first = 'model.layers.0.self_attn.q_proj';
const plan: LoraPlan = {
  rank: 2,
  alpha: 4,
  rankStabilized: true,
  modules: adapted,
  own: Object.fromEntries([
    ...adapted.filter((module) => module.endsWith('v_proj')).map((module) => [module, { rank: 3, alpha: 4 }] as const),
    [first, { rank: 2, alpha: 10 }],
  ]),
};
const settings = {
  use_rslora: true,
  target_modules: ['q_proj', 'v_proj'],
  rank_pattern: { v_proj: 3 },
  alpha_pattern: { [first]: 10 },
};

beforeAll(async () => {
  engine = await bundleEngine();
  await writeTinyModel(modelPath);
  writeTinyPairs(dataPath, 24);
  await writeTinyAdapter(adapterPath, plan, settings);
});
afterAll(() => {
  rmSync(engine, { force: true });
  closeContexts();
});

const spec = (adapter: Readonly<Record<string, unknown>> = {}): RunSpec =>
  runSpecSchema.parse({
    model: { path: modelPath },
    dataset: { path: dataPath },
    adapter: { kind: 'lora', from: adapterPath, ...adapter },
    training: { maxSteps: 4, maxLength: 64, learningRate: 1e-2, checkpointEvery: 2, evalEvery: 4 },
    probes: { everySteps: 4, maxNewTokens: 8 },
  });
const own = { rank: 2, alpha: 4, targets: ['q_proj', 'v_proj'] };
const weights = (runDir: string): Buffer =>
  readFileSync(join(runDir, 'checkpoints', 'checkpoint-4', 'weights.safetensors'));
const problems = (run: EngineRun): string =>
  run.events.flatMap((e) => (e.kind === 'problem' ? [e.message] : [])).join('\n');

describe('a run that goes on with an adapter', () => {
  it('is read with its patterns', async () => expect((await readAdapter(adapterPath, config)).plan).toEqual(plan));

  it.each([
    [
      'values of the spec',
      { rank: 5, alpha: 7, targets: 'mlp' },
      'warning',
      /adapter\.rank 5, adapter\.alpha 7, adapter\.targets mlp have no effect\./,
    ],
    [
      'the defaults',
      {},
      'note',
      /adapter\.rank 16, adapter\.alpha 32, adapter\.targets all-linear have no effect \(the defaults/,
    ],
    // v_proj has rank 3
    ['one value', { ...own, alpha: 3 }, 'warning', /adapter\.rank 2, adapter\.alpha 3 have no effect/],
  ])('says before it starts that %s have no effect', async (_, adapter, level, words) => {
    const { warnings } = valueOf(await runEngine(engine, 'preflight', { spec: spec(adapter) }), 'preflight');
    expect(warnings.filter(({ code }) => code === 'adapter-size')).toEqual([
      expect.objectContaining({ level, message: expect.stringMatching(words) as string }),
    ]);
    expect(warnings.find(({ code }) => code === 'adapter-size')!.message).toContain('rank 2, alpha 4, rank-stabilized');
  });

  it('says nothing where the spec says what the adapter has', async () => {
    const plain = join(home, 'plain');
    await writeTinyAdapter(plain, { rank: 2, alpha: 4, modules: adapted }, { target_modules: ['q_proj', 'v_proj'] });
    const { warnings } = valueOf(
      await runEngine(engine, 'preflight', { spec: spec({ ...own, from: plain }) }),
      'preflight',
    );
    expect(warnings.filter(({ code }) => code === 'adapter-size')).toEqual([]);
  });

  it('killed and resumed equals one that was not, and is exported with the ranks and alphas in use', async () => {
    const given = spec({ rank: 5, alpha: 7 });
    const [killedDir, wholeDir] = [join(home, 'killed'), join(home, 'whole')];
    const killed = await runEngine(
      engine,
      'train',
      { spec: given, runDir: killedDir, cacheDir, resume: false },
      (event, child) => void (event.kind === 'metrics' && event.step === 3 && child.kill('SIGKILL')),
    );
    expect(killed.signal).toBe('SIGKILL');
    expect(problems(killed)).toMatch(/adapter\.rank 5, adapter\.alpha 7.*have no effect/);
    const { checkpointPath } = valueOf(
      await runEngine(engine, 'train', { spec: given, runDir: killedDir, cacheDir, resume: true }),
      'train',
    );
    valueOf(await runEngine(engine, 'train', { spec: given, runDir: wholeDir, cacheDir, resume: false }), 'train');
    expect(weights(killedDir).equals(weights(wholeDir))).toBe(true);

    const modelCard = modelCardOf(testContext().services, anyRun({ spec: given, checkpointPath }), 'adapter');
    expect(modelCard).toContain(
      '| trained | LoRA, rank 2, alpha 4, rank-stabilized (scale alpha / √rank), 4 layers ' +
        '(3 of them with their own: ranks 2 and 3, alphas 4 and 10), begun from another adapter |',
    );
    const request = { spec: given, checkpointPath, dtype: 'f32', modelCard } as const;
    const [adapter, merged] = [join(home, 'out', 'adapter'), join(home, 'out', 'merged')];
    valueOf(await runEngine(engine, 'export', { ...request, form: 'adapter', outDir: adapter }), 'export');
    valueOf(await runEngine(engine, 'export', { ...request, form: 'merged', outDir: merged }), 'export');
    expect(JSON.parse(readFileSync(join(adapter, 'adapter_config.json'), 'utf8'))).toMatchObject({
      r: 2,
      lora_alpha: 4,
      ...settings,
    });
    const [before, after] = [await readAdapter(adapterPath, config), await readAdapter(adapter, config)];
    expect(after.plan).toEqual(plan);
    expect(after.hash).not.toBe(before.hash);

    const score = async (model: string, path: string | null): Promise<readonly number[]> =>
      (
        await runEngine(engine, 'logprobs', {
          modelPath: model,
          adapterPath: path,
          data: { path: dataPath, format: 'auto', columns: null },
          maxLength: 64,
        })
      ).events.flatMap((e) => (e.kind === 'logprobs' ? e.pairs.flatMap((p) => [...p.chosenLogprobs]) : []));
    const [withAdapter, whole, start] = [
      await score(modelPath, adapter),
      await score(merged, null),
      await score(modelPath, adapterPath),
    ];
    const furthest = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
    expect(furthest(withAdapter, whole)).toBeLessThan(1e-4);
    expect(furthest(withAdapter, start)).toBeGreaterThan(1e-3);
  });
});
