import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { starter } from './support/cli';

// The main job in the real window with the real engine, in the order a newcomer does it.

describe('a newcomer', () => {
  let app: AppUnderTest;
  beforeAll(async () => {
    app = await AppUnderTest.start();
  });
  afterAll(() => app?.close());

  it('sees length bias with one click: DPO and SamPO run, charts move, and the comparison says what happened', async () => {
    await app.id(testIds.startSample).waitFor();
    await app.shot('start');
    await app.id(testIds.startSample).click();
    await app.id(testIds.nav('runs')).click();
    await app.page.getByText('DPO', { exact: true }).first().click();
    await app.id(testIds.runStatus).waitFor();
    await expect
      .poll(() => app.id(testIds.chart('loss')).locator('path').count(), { timeout: 120_000 })
      .toBeGreaterThan(0);
    await app.shot('run-live');
    await app.id(testIds.nav('start')).click();
    const runs = (): Promise<{ status: string; id: string }[]> =>
      app.page.evaluate(
        async () =>
          (
            await (
              globalThis as never as { sampo: { request(c: string, i: unknown): Promise<{ value: never }> } }
            ).sampo.request('runs:list', { search: '' })
          ).value,
      );
    await expect
      .poll(async () => (await runs()).map((r) => r.status), { timeout: 240_000, interval: 2000 })
      .toEqual(['finished', 'finished']);
    await app.id(testIds.nav('runs')).click();
    for (const { id } of await runs()) await app.id(testIds.runTick(id)).click();
    await app.id(testIds.compareTicked).click();
    await app.id(testIds.compareVerdict).waitFor();
    const verdict = await app.id(testIds.compareVerdict).innerText();
    expect(verdict).toMatch(/DPO’s answers .*tokens/s);
    expect(verdict).toMatch(/SamPO’s answers .*tokens/s);
    await app.shot('compare');
  });

  it('imports a preference file with bad rows, which are listed, and looks at it as the model sees it', async () => {
    const file = path.join(app.home, 'mine.jsonl');
    const rows = readFileSync(starter.pairs, 'utf8').split('\n').slice(0, 40);
    writeFileSync(
      file,
      [...rows, 'not json', JSON.stringify({ prompt: 'p', chosen: 'same', rejected: 'same' })].join('\n'),
    );
    app.answer({ dataset: file });
    await app.id(testIds.nav('datasets')).click();
    await app.id(testIds.importDataset).click();
    await app.page.getByRole('button', { name: 'Choose a file' }).click();
    await app.id(testIds.importProblems).waitFor();
    expect(await app.id(testIds.importProblems).innerText()).toMatch(/Not valid JSON[\s\S]*41[\s\S]*42/);
    await app.shot('import');
    await app.id(testIds.importConfirm).click();
    await app.id(testIds.datasetVerdict).waitFor();
    expect(await app.id(testIds.datasetVerdict).innerText()).toMatch(/40 pairs/);
    await app.shot('dataset');
  });

  it('adds a model of their own, and is told what is wrong with a broken one', async () => {
    const copy = path.join(app.home, 'my-model');
    cpSync(starter.model, copy, { recursive: true });
    app.answer({ 'model-folder': app.home, 'model-file': copy });
    await app.id(testIds.nav('models')).click();
    await app.id(testIds.addModel).click();
    await app.id(testIds.addModelFolder).click();
    await app.id(testIds.errorPanel).first().waitFor();
    expect(await app.id(testIds.errorPanel).first().innerText()).toMatch(/config\.json/);
    await app.shot('model-error');
    app.answer({ 'model-folder': copy });
    await app.id(testIds.addModel).click();
    await app.id(testIds.addModelFolder).click();
    await app.id(testIds.modelRow('my-model')).waitFor();
    await app.shot('models');
  });

  it('exports a finished run to a folder that says what happened to length', async () => {
    app.answer({ 'export-folder': app.home });
    await app.id(testIds.nav('runs')).click();
    await app.page.getByText('SamPO', { exact: true }).first().click();
    await app.id(testIds.runExport).click();
    await app.id(testIds.exportFolder).waitFor();
    await app.shot('export');
    await app.id(testIds.exportFolder).click();
    await app.id(testIds.exportStart).click();
    await app.id(testIds.exportResult).waitFor();
    await app.shot('export-done');
    const written = readdirSync(app.home, { recursive: true })
      .map(String)
      .find((name) => name.endsWith('config.json') && name.includes('SamPO'.toLowerCase()));
    const card = readFileSync(path.join(app.home, path.dirname(written!), 'README.md'), 'utf8');
    expect(card).toMatch(/## Length[\s\S]*tokens/);
  });

  it('changes to the dark theme and reads what the engine is', async () => {
    await app.id(testIds.nav('settings')).click();
    await app.id(testIds.settingsTheme('dark')).click();
    await app.shot('settings-dark');
    expect(await app.id(testIds.statusBar).innerText()).toMatch(/TensorFlow|tfjs/);
  });

  it('meets no error on the way', () => {
    expect(app.errors).toEqual([]);
  });
});
