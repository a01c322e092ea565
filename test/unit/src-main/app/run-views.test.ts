import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { compareRuns, runDetail, runView, specDifferences } from '../../../../src-main/app/run-views';
import { closeContexts, testContext } from '../../support/handlers';
import { anyRun, anySpec } from '../../support/runs';

afterEach(closeContexts);
const probe = (step: number, tokens: number) => ({ step, prompt: 0, promptText: 'What is a cow?', text: 'An animal.', tokens, finish: 'eos' }) as const;

describe('a run as the page sees it', () => {
  it('has its last loss, and keeps paths and owners to main', () => {
    const { store } = testContext().services;
    const run = anyRun({ owner: '1:2', checkpointPath: '/secret/place' });
    store.runs.insert(run);
    store.runData.addMetrics(run.id, 1, { loss: 0.7 }, [], null);
    store.runData.addMetrics(run.id, 2, { loss: 0.6 }, [], null);
    const view = runView(store, run);
    expect(view).toMatchObject({ id: run.id, finalLoss: 0.6 });
    expect(JSON.stringify(view)).not.toMatch(/secret|owner/);
  });

  it('in detail has the checkpoints that are there, its files, and a command that a shell reads as it is', () => {
    const { services } = testContext();
    const { store, folders } = services;
    const run = anyRun();
    store.runs.insert(run);
    const folder = services.runs.runDir(run.id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'weights'), new Uint8Array(50));
    store.runData.addCheckpoint(run.id, 4, path.join(folder, 'gone'), 9, 1);
    store.runData.addCheckpoint(run.id, 8, folder, 9, 2);
    store.runData.addProbe(run.id, probe(0, 3));
    const detail = runDetail(store, { ...folders, home: "/data/it's mine" }, folder, run);
    expect(detail).toMatchObject({ checkpoints: [{ step: 8 }], files: { folder, bytes: 50 }, probePrompts: ['What is a cow?'] });
    expect(detail.command).toContain(`--home '/data/it'\\''s mine'`);
  });
});

describe('runs side by side', () => {
  it('show the last and the best of each number, where less is better for losses', () => {
    const { store } = testContext().services;
    const [first, second] = [anyRun({ name: 'a' }), anyRun({ name: 'b' })];
    for (const run of [first, second]) store.runs.insert(run);
    for (const [step, loss, accuracy] of [[1, 0.7, 0.5], [2, 0.5, 0.9], [3, 0.6, 0.8]] as const) store.runData.addMetrics(first.id, step, { loss, 'rewards/accuracies': accuracy }, [], null);
    for (const run of [first, second]) [probe(0, 10), probe(5, run === first ? 30 : 10)].forEach((p) => store.runData.addProbe(run.id, p));
    const view = compareRuns(store, [first, second]);
    expect(view.metrics).toEqual([
      { name: 'loss', last: [0.6, null], best: [0.5, null] },
      { name: 'rewards/accuracies', last: [0.8, null], best: [0.9, null] },
    ]);
    expect(view.length.runs.map((r) => [r.probeTokensBefore, r.probeTokensAfter])).toEqual([[10, 30], [10, 10]]);
    expect(view.probes.map((p) => p.length)).toEqual([2, 2]);
  });

  it('differ in the leaves of their specs that are not equal everywhere, a missing one included', () => {
    const differences = specDifferences([anySpec({ adapter: { kind: 'none' } }), anySpec({ training: { seed: 7 }, adapter: { kind: 'none' } }), anySpec({ adapter: { kind: 'none' } })]);
    expect(differences).toEqual([{ path: 'training.seed', values: ['42', '7', '42'] }]);
    expect(specDifferences([{ a: [1, 2], b: 1 }, { a: [1, 3] }])).toEqual([{ path: 'a', values: ['[1,2]', '[1,3]'] }, { path: 'b', values: ['1', '–'] }]);
  });
});
