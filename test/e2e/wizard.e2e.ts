import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { starter } from './support/cli';
import { runsOf, seriesOf, Wizard } from './support/wizard';

// From a file of pairs to a finished run with a method other than the first two, through every step of the wizard.

const steps = 60;

describe('the wizard', () => {
  let app: AppUnderTest;
  let wizard: Wizard;
  beforeAll(async () => {
    app = await AppUnderTest.start();
    wizard = new Wizard(app);
    await app.resize(1280, 900);
  });
  afterAll(() => app?.close());

  it('takes a file of pairs, a model, IPO with parameters of its own, and a short training', async () => {
    const file = path.join(app.home, 'mine.jsonl');
    writeFileSync(file, readFileSync(starter.pairs, 'utf8').split('\n').slice(0, 120).join('\n'));
    app.answer({ dataset: file, 'model-folder': starter.model });
    await wizard.importDataset();
    await wizard.chooseModelAndDataset('Add a folder', 'mine');

    await app.id(testIds.methodCard('dpo')).click();
    await wizard.type('method.beta', '0.2');
    await app.id(testIds.methodSearch).fill('ipo azar');
    await app.id(testIds.methodCard('ipo')).click();
    expect(await app.id(testIds.wizardField('method.beta')).inputValue()).toBe('0.2');
    await app.id(testIds.wizardField('method.sampling')).getByRole('combobox').click();
    await app.page.getByRole('option', { name: 'expected' }).click();
    await app.page.getByRole('listbox').waitFor({ state: 'detached' });
    await app.shot('wizard-method');
    await wizard.next();

    await app.id(testIds.wizardField('adapter-none')).click();
    await wizard.type('training.epochs', '5');
    await wizard.type('training.maxSteps', String(steps));
    await wizard.type('training.learningRate', '1e-4');
    await app.shot('wizard-training');
    await wizard.next();
    await app.page.getByText('with IPO (beta 0.2, down-sampling expected).').waitFor();
    await expect.poll(() => app.id(testIds.wizardSummary).innerText()).toMatch(new RegExp(`Steps\\s*${steps}`));
    await app.shot('wizard-review');
  });

  it('starts it, and the live page moves until the run is finished', async () => {
    await wizard.start();
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          const at = /step (\d+) of/.exec(await app.id(testIds.runProgress).innerText())?.[1];
          if (at !== undefined && at !== String(steps)) seen.add(at);
          return seen.size;
        },
        { timeout: 180_000, interval: 150 },
      )
      .toBeGreaterThan(2);
    const length = (): Promise<number> =>
      app
        .id(testIds.chart('loss'))
        .locator('path')
        .evaluateAll((paths) => paths.reduce((sum, one) => sum + (one.getAttribute('d')?.length ?? 0), 0));
    const before = await length();
    await expect.poll(async () => (await runsOf(app))[0]?.status, { timeout: 180_000, interval: 500 }).toBe('finished');
    await expect.poll(length).toBeGreaterThan(before);
    await expect.poll(() => app.id(testIds.runStatus).innerText()).toBe('Finished');
    expect(await app.id(testIds.runEngine).innerText()).toMatch(
      /^TensorFlow [\d.]+ · (GPU · .*\d+ cores|CPU · \d+ cores · products in float32)/,
    );
    await app.shot('wizard-run');
  });

  it('kept what was chosen, and trained with it', async () => {
    const [run] = await runsOf(app);
    expect(run?.spec.method).toMatchObject({ id: 'ipo', beta: 0.2, sampling: 'expected' });
    expect(run?.spec).toMatchObject({ adapter: { kind: 'none' }, training: { maxSteps: steps, learningRate: 1e-4 } });
    expect(run?.progress.step).toBe(steps);
    // IPO begins at 1 / (4 β²); a fall shows that the loss is the one that was chosen.
    const losses = await seriesOf(app, run!.id, 'loss');
    expect(losses[0]?.value).toBeCloseTo(1 / (4 * 0.2 ** 2), 3);
    expect(losses.at(-1)!.value).toBeLessThan(losses[0]!.value);
    expect(await app.page.getByText('IPO (beta 0.2, down-sampling expected)').count()).toBeGreaterThan(0);
  });

  it('meets no error on the way', () => {
    expect(app.errors).toEqual([]);
  });
});
