import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunView } from '../../src-main/shared/views';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';

// Forty steps of SamPO on a real model and real pairs through the window. Ten minutes and more on two cores, so it runs only where the files are named:
//   SAMPO_SMOLLM2=…/SmolLM2-135M-Instruct.Q4_1.gguf SAMPO_DPO_DEMO=…/llamafactory_dpo_en_demo.json [SAMPO_REAL_HOME=folder] npx vitest run --project e2e test/e2e/real-model.e2e.ts

const model = process.env['SAMPO_SMOLLM2'] ?? '';
const data = process.env['SAMPO_DPO_DEMO'] ?? '';
const steps = 40;

describe.skipIf(!existsSync(model) || !existsSync(data))('a real model on real pairs, through the window', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await AppUnderTest.start(process.env['SAMPO_REAL_HOME']);
    await app.resize(1280, 900);
  });
  afterAll(() => app?.close());

  const run = async (): Promise<RunView | undefined> => (await app.page.evaluate(async () => (await (globalThis as never as { sampo: { request(c: string, i: unknown): Promise<{ value: RunView[] }> } }).sampo.request('runs:list', { search: '' })).value))[0];
  const series = (id: string, name: string): Promise<readonly { readonly step: number; readonly value: number }[]> =>
    app.page.evaluate(async ([runId, metric]) => (await (globalThis as never as { sampo: { request(c: string, i: unknown): Promise<{ value: Record<string, { step: number; value: number }[]> }> } }).sampo.request('runs:series', { id: runId, names: [metric], fromStep: null, toStep: null, maxPoints: 200 })).value[metric!] ?? [], [id, name] as const);
  const type = (field: string, value: string): Promise<void> => app.id(testIds.wizardField(field)).fill(value);
  const next = (): Promise<void> => app.id(testIds.wizardNext).click();

  it('trains forty steps of SamPO with LoRA; charts move, memory stays flat', { timeout: 1_500_000 }, async () => {
    app.answer({ dataset: data, 'model-file': model });
    await app.id(testIds.nav('datasets')).click();
    await app.id(testIds.importDataset).first().click();
    await app.page.getByRole('button', { name: 'Choose a file' }).click();
    await app.id(testIds.importConfirm).click();
    await app.id(testIds.datasetVerdict).waitFor();
    await app.shot('real-dataset');

    await app.id(testIds.nav('new-run')).click();
    await app.page.getByRole('button', { name: 'Add a GGUF file' }).click();
    await app.page.getByRole('radiogroup', { name: 'Model' }).getByRole('radio', { checked: true }).waitFor();
    await next();
    await app.page.getByRole('radiogroup', { name: 'Dataset' }).getByRole('radio', { name: 'llamafactory_dpo_en_demo' }).click();
    await next();
    await app.id(testIds.methodCard('sampo')).click();
    await next();
    await type('training.maxSteps', String(steps));
    await type('training.learningRate', '5e-5');
    await next();
    await app.shot('real-review');
    await app.id(testIds.wizardStart).click();
    await app.id(testIds.runStatus).waitFor();

    await expect.poll(async () => (await run())?.progress.step ?? 0, { timeout: 1_200_000, interval: 2000 }).toBeGreaterThan(10);
    await app.shot('real-live');
    await expect.poll(async () => (await run())?.status, { timeout: 1_200_000, interval: 2000 }).toBe('finished');
    await app.shot('real-finished');

    const { id } = (await run())!;
    const losses = await series(id, 'loss');
    expect(losses).toHaveLength(steps);
    expect(losses[0]!.value).toBeCloseTo(Math.LN2, 6);
    const memory = (await series(id, 'perf/rss_bytes')).map((p) => p.value);
    console.log(JSON.stringify({ losses: losses.filter((_, i) => i % 10 === 9), rssFirst: memory[0], rssAt10: memory[9], rssLast: memory.at(-1), speed: (await series(id, 'perf/pairs_per_second')).at(-1)!.value }));
    expect(memory.at(-1)! / memory[9]!).toBeLessThan(1.1);
    expect(app.errors).toEqual([]);
  });
});
