import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testIds } from '../../src-renderer/test-ids';
import { AppUnderTest } from './support/app';
import { sampo, starter, writeSpec } from './support/cli';

// The log and the diagnostics of a home in which everything that is somebody's own has a name that can be looked for.

const work = mkdtempSync(path.join(tmpdir(), 'sampo-private-'));
const home = path.join(work, 'home');
const token = 'hf_QuaggaTokenQuaggaTokenQuagga';
/** Each stands in what its name says, and nowhere else. */
const own = {
  run: 'Xanthippe',
  data: 'Walrusdata',
  model: 'Pangolinmodel',
  prompt: 'Quokka',
  answer: 'Narwhal',
  answered: 'Axolotl',
  token: 'QuaggaToken',
  probe: 'Okapi',
};

let app: AppUnderTest | null = null;
afterAll(() => app?.close());

const logged = (): string =>
  readdirSync(path.join(home, 'logs'))
    .map((name) => readFileSync(path.join(home, 'logs', name), 'utf8'))
    .join('\n');
const found = (text: string): readonly string[] =>
  Object.values(own).filter((word) => text.toLowerCase().includes(word.toLowerCase()));

describe('the log and the diagnostics', () => {
  it('hold no name, prompt, answer or token after runs, faults and refusals on the command line and in the window', async () => {
    const data = path.join(work, `${own.data}.jsonl`);
    const pair = (i: number): object => ({
      prompt: `${own.prompt} ${i}?`,
      chosen: `A ${own.answer} and ${i} more.`,
      rejected: `Not the ${own.answered} ${i}.`,
    });
    writeFileSync(data, Array.from({ length: 12 }, (_, i) => JSON.stringify(pair(i))).join('\n'));
    const bad = path.join(work, `${own.data}-broken.jsonl`);
    writeFileSync(
      bad,
      `${JSON.stringify(pair(0))}\n{"prompt": "${own.prompt}", "chosen": ${own.answer}\n{"prompt": "${own.prompt}"}\n`,
    );
    const model = path.join(work, own.model);
    mkdirSync(home);
    cpSync(starter.model, model, { recursive: true });
    const spec = (dataset: string, folder = model): string =>
      writeSpec(work, {
        name: own.run,
        model: { path: folder },
        dataset: { path: dataset },
        training: { maxSteps: 2, pairsPerStep: 4 },
        probes: { prompts: [`${own.probe}?`], everySteps: 1, maxNewTokens: 4 },
      });
    const trained = await sampo(home, ['train', '--spec', spec(data)]);
    expect(trained.code, trained.stderr).toBe(0);
    await sampo(home, ['train', '--spec', spec(bad)]); // its one good row trains
    for (const wrong of [
      spec(data, path.join(work, `${own.model}-missing`)),
      spec(path.join(work, `${own.data}-missing.jsonl`)),
    ]) {
      expect((await sampo(home, ['train', '--spec', wrong])).code).not.toBe(0);
    }
    const damaged = path.join(work, `${own.model}-damaged`);
    cpSync(model, damaged, { recursive: true });
    writeFileSync(path.join(damaged, 'config.json'), `{"model_type": "${own.model}", "token": "${token}"}`);
    writeFileSync(path.join(damaged, 'model.safetensors'), `${own.model} ${token}`);
    expect((await sampo(home, ['train', '--spec', spec(data, damaged)])).code).not.toBe(0);
    await sampo(home, ['generate', '--model', damaged, '--prompt', own.prompt]);
    await sampo(home, ['export', 'last', '--form', 'adapter', '--out', path.join(work, `${own.run}-out`)]);
    expect([logged().length > 500, found(logged())]).toEqual([true, []]);

    app = await AppUnderTest.start(home);
    for (const file of [data, bad]) {
      app.answer({ dataset: file, 'model-folder': damaged });
      const picked = await app.ask<{ readonly token: string }>('files:pick', { kind: 'dataset' });
      await app.ask('datasets:add', {
        token: picked.token,
        format: 'auto',
        columns: null,
        name: own.data,
        modelId: null,
      });
      const folder = await app.ask<{ readonly token: string }>('files:pick', { kind: 'model-folder' });
      await app.ask('models:add', { token: folder.token });
    }
    await app.page.evaluate(
      `console.error(new Error("Bearer ${token}")), fetch("https://example.invalid/?key=${token}").catch(() => 0)`,
    );
    await app.id(testIds.nav('settings')).click();
    await app.id(testIds.showDiagnostics).click();
    const text = app.id(testIds.diagnostics).getByLabel('Diagnostics', { exact: true }).last();
    await expect.poll(() => text.textContent()).toContain('Log, the last');
    const shown = (await text.textContent())!;
    expect(shown).toMatch(/1 datasets|2 datasets|3 datasets/);
    expect(found(shown)).toEqual([]);
    expect(found(logged())).toEqual([]);
  });
});
