import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DatasetView } from '../../src-main/shared/views/library';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { root, starter } from './support/cli';

// A file whose columns have names of their own, in folders with spaces: asked for, imported in tokens, and trained by
// the command that Review shows.

interface Pair {
  readonly prompt: readonly { readonly content: string }[];
  readonly chosen: string;
  readonly rejected: string;
}

describe('a file with columns of its own', () => {
  let app: AppUnderTest;
  const home = path.join(mkdtempSync(path.join(tmpdir(), 'sampo import ')), "Ada's home");
  const file = path.join(home, 'my data', "pairs, Ada's.jsonl");
  beforeAll(async () => {
    mkdirSync(path.dirname(file), { recursive: true });
    const pairs = readFileSync(starter.pairs, 'utf8')
      .split('\n')
      .slice(0, 60)
      .map((line) => JSON.parse(line) as Pair);
    const rows = pairs.map(({ prompt, chosen, rejected }) => ({ ask: prompt[0]!.content, one: chosen, two: rejected }));
    const first = rows[0]!;
    writeFileSync(
      file,
      [...rows, { ...first, one: first.two, two: first.one }, { ...first, one: '' }]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    app = await AppUnderTest.start(home);
    await app.resize(1280, 900);
    app.answer({ dataset: file });
  });
  afterAll(() => app?.close());

  const choose = async (role: string, column: string): Promise<void> => {
    await app.id(testIds.importRole(role)).getByRole('combobox').click();
    await app.page.getByRole('option', { name: column, exact: true }).click();
    await app.page.getByRole('listbox').waitFor({ state: 'detached' });
  };
  const reason = (): Promise<string> => app.id(testIds.importReason).innerText();

  it('is imported once its columns have roles, in tokens, with what is wrong by reason', async () => {
    await app.id(testIds.nav('datasets')).click();
    // added behind the first page
    await expect.poll(() => app.page.getByText('Starter pairs').count()).toBeGreaterThan(0);
    await app.id(testIds.importDataset).first().click();
    await app.page.getByRole('button', { name: 'Choose a file' }).click();
    await app.id(testIds.importRoles).waitFor();
    await expect.poll(reason).toBe('Choose which column is the prompt.');
    await choose('prompt', 'ask');
    await choose('chosen', 'one');
    await expect.poll(reason).toBe('Choose which column is the rejected answer.');
    expect(await app.id(testIds.importConfirm).isEnabled()).toBe(false);
    await choose('rejected', 'two');
    await expect.poll(reason).toMatch(/^\d+ of 62 rows can be used/);
    await app.shot('import-roles');
    expect(await app.id(testIds.importProblems).first().innerText()).toContain('An answer is empty');
    await app.id(testIds.importConfirm).click();
    await app.id(testIds.datasetVerdict).waitFor();
    const [mine] = (await app.ask<readonly DatasetView[]>('datasets:list', undefined)).filter(
      ({ starter: isStarter }) => !isStarter,
    );
    expect(mine).toMatchObject({
      path: file,
      columns: { prompt: 'ask', chosen: 'one', rejected: 'two' },
      inspection: { profile: { unit: 'tokens' } },
    });
  });

  it('gets lengths from its pairs and a measured time', async () => {
    await app.id(testIds.nav('new-run')).click();
    await app.page.getByRole('radiogroup', { name: 'Model' }).getByRole('radio').first().click();
    await app.id(testIds.wizardNext).click();
    await app.page
      .getByRole('radiogroup', { name: 'Dataset' })
      .getByRole('radio', { name: /^pairs, Ada/ })
      .click();
    await app.id(testIds.wizardStep('training')).click();
    await expect.poll(() => app.page.getByText('From your longest pair').count()).toBe(1);
    await app.id(testIds.wizardField('training.maxSteps')).fill('3');
    await app.shot('wizard-proposed');
    await app.id(testIds.wizardStep('review')).click();
    await expect.poll(() => app.id(testIds.wizardTime).innerText()).toMatch(/about .* \(measured: .* pairs\/s\)/);
    expect(await app.id(testIds.wizardWarnings).innerText()).toContain('Only 3 steps');
    await app.shot('wizard-measured');
  });

  it('is trained by the command as it is shown, word for word', async () => {
    await app.page.getByRole('tab', { name: 'As a command' }).click();
    const command = await app.page.locator('pre').filter({ hasText: 'npx sampo' }).innerText();
    await app.id(testIds.wizardSaveSpec).click();
    await app.page.getByText('Saved as').waitFor();
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command} --json`], { cwd: root, maxBuffer: 1 << 26 });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly event: string; readonly status?: string; readonly step?: number });
    expect(events.at(-1)).toMatchObject({ event: 'status', status: 'finished' });
    expect(events.filter(({ event }) => event === 'metrics').at(-1)?.step).toBe(3);
  });

  it('meets no error on the way', () => {
    expect(app.errors).toEqual([]);
  });
});
