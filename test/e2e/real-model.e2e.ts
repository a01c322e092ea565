import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { runsOf, seriesOf, Wizard } from './support/wizard';

// Forty steps of DPO and of SamPO on a real model and real pairs through the window, then both side by side. Ten
// minutes and more a run on two cores, so it runs only where the files are named (SAMPO_REAL_STEPS: another number of
// steps; SAMPO_REAL_HOME: a state folder to keep):
//   SAMPO_SMOLLM2=…/SmolLM2-135M-Instruct.Q4_1.gguf SAMPO_DPO_DEMO=…/llamafactory_dpo_en_demo.json \
//     npm test -- --e2e real-model

const model = process.env['SAMPO_SMOLLM2'] ?? '';
const data = process.env['SAMPO_DPO_DEMO'] ?? '';
const steps = Number(process.env['SAMPO_REAL_STEPS'] ?? 40);

describe.skipIf(!existsSync(model) || !existsSync(data))('a real model on real pairs, through the window', () => {
  let app: AppUnderTest;
  let wizard: Wizard;
  beforeAll(async () => {
    app = await AppUnderTest.start(process.env['SAMPO_REAL_HOME']);
    wizard = new Wizard(app);
    await app.resize(1280, 900);
    app.answer({ dataset: data, 'model-file': model });
    await wizard.importDataset();
    await app.shot('real-dataset');
  }, 60_000);
  afterAll(() => app?.close());

  it.each(['dpo', 'sampo'] as const)(
    'trains with %s and LoRA; charts move, memory stays flat',
    { timeout: 1_500_000 },
    async (method) => {
      await wizard.chooseModelAndDataset('Add a GGUF file', path.parse(data).name);
      await app.id(testIds.methodCard(method)).click();
      await wizard.next();
      await wizard.type('training.maxSteps', String(steps));
      await wizard.type('training.learningRate', '5e-5');
      await wizard.next();
      await app.shot(`real-${method}-review`);
      const before = (await runsOf(app)).length;
      await wizard.start();

      await expect.poll(async () => (await runsOf(app)).length).toBe(before + 1);
      await expect
        .poll(async () => (await runsOf(app))[0]!.progress.step, { timeout: 1_200_000, interval: 2000 })
        .toBeGreaterThan(steps / 4);
      await app.shot(`real-${method}-live`);
      await expect
        .poll(async () => (await runsOf(app))[0]!.status, { timeout: 1_200_000, interval: 2000 })
        .toBe('finished');
      await app.shot(`real-${method}-finished`);

      const { id, spec } = (await runsOf(app))[0]!;
      expect(spec.method.id).toBe(method);
      const losses = await seriesOf(app, id, 'loss');
      expect(losses).toHaveLength(steps);
      expect(losses[0]!.value).toBeCloseTo(Math.LN2, 6);
      const memory = (await seriesOf(app, id, 'perf/rss_bytes')).map((p) => p.value);
      const last = async (name: string): Promise<number | undefined> => (await seriesOf(app, id, name)).at(-1)?.value;
      console.log(
        JSON.stringify({
          method,
          losses: losses.filter((_, i) => i % 10 === 9).map((p) => p.value),
          rssFirst: memory[0],
          rssAtQuarter: memory[Math.floor(steps / 4) - 1],
          rssLast: memory.at(-1),
          pairsPerSecond: await last('perf/pairs_per_second'),
          margin: await last('rewards/margins'),
        }),
      );
      if (steps >= 40) expect(memory.at(-1)! / memory[9]!).toBeLessThan(1.1);
      expect(app.errors).toEqual([]);
    },
  );
});
