import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compareRuns, runDetail, runView, specDifferences } from '../../../../../src-main/app/runs/run-views';
import { closeContexts, testContext } from '../../../support/handlers';
import { leadVerdict } from '../../../../../src-main/shared/length/length-verdicts';
import { pairPoint } from '../../../support/pair-points';
import { anyRun, anySpec } from '../../../support/runs';

afterEach(closeContexts);
const probe = (step: number, tokens: number) =>
  ({ step, prompt: 0, promptText: 'What is a cow?', text: 'An animal.', tokens, finish: 'eos' }) as const;

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
    expect(detail).toMatchObject({
      checkpoints: [{ step: 8 }],
      files: { folder, bytes: 50 },
      probePrompts: ['What is a cow?'],
    });
    expect(detail.command).toContain(`--home '/data/it'\\''s mine'`);
  });
});

describe('what is said of length', () => {
  /**
   * Held-out pairs that are even on both sides, long ago; thousands of training pairs since that would tell another
   * story.
   */
  function runWithPairs(
    name: string,
    options: { readonly heldOut: number } = { heldOut: 300 },
  ): { readonly store: ReturnType<typeof testContext>['services']['store']; readonly run: ReturnType<typeof anyRun> } {
    const { store } = testContext().services;
    const run = anyRun({ name });
    store.runs.insert(run);
    const held = Array.from({ length: options.heldOut }, (_, i) =>
      pairPoint({
        row: i,
        step: 10,
        split: 'eval',
        chosenTokens: i % 2 === 0 ? 30 : 10,
        rejectedTokens: 20,
        margin: 1 + (i % 7) / 10,
      }),
    );
    const trained = (step: number) =>
      Array.from({ length: 500 }, (_, i) =>
        pairPoint({ row: 1000 + i, step, chosenTokens: 10 + i, rejectedTokens: 200, margin: i - 250 }),
      );
    store.runData.addMetrics(run.id, 10, { loss: 1 }, held, null);
    for (let step = 11; step <= 22; step++) store.runData.addMetrics(run.id, step, { loss: 1 }, trained(step), null);
    return { store, run };
  }

  it('is the same in list, page and comparison, from held-out pairs and never from training pairs', () => {
    const { store, run } = runWithPairs('one');
    const context = testContext();
    const list = runView(store, run);
    expect(list.length.map((v) => v.kind)).toEqual(['even', 'does-not-follow']);
    expect(list.lengthVerdict).toContain('100 % of 150 held-out pairs right, against 100 % of 150');
    const page = runDetail(store, context.services.folders, context.services.folders.home, run).run;
    expect(page.length).toEqual(list.length);
    const comparison = compareRuns(store, [run, run]);
    expect(comparison.runs[0]!.length).toEqual(list.length);
    expect(comparison.length.runs[0]).toMatchObject({
      verdicts: list.length,
      pairs: 300,
      split: 'eval',
      accuracyChosenShorter: 1,
    });
    expect(comparison.length.verdict.text.toLowerCase()).toContain(leadVerdict(list.length)!.text.toLowerCase());
    // what the page draws holds the same pairs, although newer ones fill its limit
    const drawn = store.runData.pairs(run.id, 0, 4000);
    expect(drawn.filter((p) => p.split === 'eval')).toHaveLength(300);
    expect(drawn).toHaveLength(4300);
  });
  it('says too few rather than taking training pairs', () => {
    const { store, run } = runWithPairs('few', { heldOut: 4 });
    expect(runView(store, run).length.map((v) => v.kind)).toEqual(['too-few-pairs', 'too-few-pairs']);
  });
  it('takes training pairs where nothing is held out, and says so', () => {
    const { store, run } = runWithPairs('none', { heldOut: 0 });
    const { length } = runView(store, run);
    expect(length.at(-1)!.kind).toBe('follows-longer');
    expect(length.at(-1)!.text).toContain('training pairs');
  });
  it('follows the store: a new evaluation, a new round of answers', () => {
    const { store, run } = runWithPairs('moving');
    expect(runView(store, run).length).toBe(runView(store, run).length); // nothing new, nothing worked out again
    store.runData.addMetrics(
      run.id,
      30,
      { loss: 1 },
      Array.from({ length: 40 }, (_, i) =>
        pairPoint({
          row: i,
          step: 30,
          split: 'eval',
          chosenTokens: i % 2 === 0 ? 30 : 10,
          rejectedTokens: 20,
          margin: i % 2 === 0 ? 1 : -1,
        }),
      ),
      null,
    );
    expect(runView(store, run).length[0]!.kind).toBe('prefers-longer');
    for (const [step, tokens] of [
      [0, 10],
      [30, 40],
    ] as const)
      for (let prompt = 0; prompt < 4; prompt++)
        store.runData.addProbe(run.id, {
          ...probe(step, tokens + prompt),
          prompt,
          promptText: `q${prompt}`,
          trained: prompt > 0,
        });
    const { length } = runView(store, run);
    expect(length[0]).toMatchObject({
      kind: 'grew',
      basis: 'mean tokens of 4 fixed prompts (3 of them trained on), answered greedily before training and at step 30',
    });
    expect(length.map((v) => v.kind)).toEqual(['grew', 'prefers-longer', 'follows-longer']);
  });
});

describe('runs side by side', () => {
  it('say on top when data or model are others, by content and not by name', () => {
    const { store } = testContext().services;
    const [first, second] = [anyRun({ name: 'a' }), anyRun({ name: 'b' })];
    for (const run of [first, second]) store.runs.insert(run);
    expect(compareRuns(store, [first, second]).notes).toEqual([]);
    store.runs.update(first.id, {
      datasetHash: 'a'.repeat(64),
      modelHash: 'c'.repeat(64),
      engine: 'TensorFlow 2.21.0 · CPU',
    });
    store.runs.update(second.id, {
      datasetHash: 'b'.repeat(64),
      modelHash: 'c'.repeat(64),
      engine: 'tfjs 4.22.0 (wasm)',
    });
    const view = compareRuns(store, [store.runs.get(first.id)!, store.runs.get(second.id)!]);
    expect(view.notes.map((note) => note.text)).toEqual([
      'Different data: a on pairs (/data/pairs.jsonl); b on pairs (/data/pairs.jsonl). Accuracies, correlations ' +
        'and losses were measured on different pairs.',
    ]);
    expect(view.differences).toEqual([
      { path: 'engine', values: ['TensorFlow 2.21.0 · CPU', 'tfjs 4.22.0 (wasm)'] },
      { path: 'dataset.content', values: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] },
    ]);
  });

  it('show the last and the best of each number, where less is better for losses', () => {
    const { store } = testContext().services;
    const [first, second] = [anyRun({ name: 'a' }), anyRun({ name: 'b' })];
    for (const run of [first, second]) store.runs.insert(run);
    for (const [step, loss, accuracy] of [
      [1, 0.7, 0.5],
      [2, 0.5, 0.9],
      [3, 0.6, 0.8],
    ] as const)
      store.runData.addMetrics(first.id, step, { loss, 'rewards/accuracies': accuracy }, [], null);
    for (const run of [first, second])
      [probe(0, 10), probe(5, run === first ? 30 : 10)].forEach((p) => store.runData.addProbe(run.id, p));
    const view = compareRuns(store, [first, second]);
    expect(view.metrics).toEqual([
      { name: 'loss', last: [0.6, null], best: [0.5, null] },
      { name: 'rewards/accuracies', last: [0.8, null], best: [0.9, null] },
    ]);
    expect(view.length.runs.map((r) => [r.probeTokensBefore, r.probeTokensAfter])).toEqual([
      [10, 30],
      [10, 10],
    ]);
    expect(view.probes.map((p) => p.length)).toEqual([2, 2]);
  });

  it('differ in the leaves of their specs that are not equal everywhere, a missing one included', () => {
    const differences = specDifferences([
      anySpec({ adapter: { kind: 'none' } }),
      anySpec({ training: { seed: 7 }, adapter: { kind: 'none' } }),
      anySpec({ adapter: { kind: 'none' } }),
    ]);
    expect(differences).toEqual([{ path: 'training.seed', values: ['42', '7', '42'] }]);
    expect(specDifferences([{ a: [1, 2], b: 1 }, { a: [1, 3] }])).toEqual([
      { path: 'a', values: ['[1,2]', '[1,3]'] },
      { path: 'b', values: ['1', '–'] },
    ]);
  });
});

describe('the page of a run', () => {
  it('has its exports, problems, numbers and prompts, in order', () => {
    const { services } = testContext();
    const { store, folders } = services;
    const run = anyRun({ problems: ['a note'] });
    store.runs.insert(run);
    for (const prompt of [10, 2, 1, 2])
      store.runData.addProbe(run.id, { ...probe(0, 3), prompt, promptText: `q${prompt}` });
    store.runData.addMetrics(run.id, 1, { loss: 1, eval_loss: 2 }, [], null);
    const exported = {
      id: 'e_1',
      runId: run.id,
      form: 'merged',
      dtype: 'f16',
      path: '/x',
      bytes: 3,
      createdAt: 4,
    } as const;
    store.exports.insert(exported as never);
    const folder = services.runs.runDir(run.id);
    const detail = runDetail(store, folders, folder, run);
    expect(detail).toMatchObject({
      exports: [exported],
      problems: ['a note'],
      metricNames: ['eval_loss', 'loss'],
      lastSeq: 1,
      probePrompts: ['q1', 'q2', 'q10'],
    });
    expect(detail.probes).toHaveLength(3);
    store.runData.addCheckpoint(run.id, 1, folder, 2, 3);
    expect(runDetail(store, folders, folder, run).checkpoints).toEqual([{ step: 1, bytes: 2, createdAt: 3 }]);
  });

  it('is noted once the run has ended, and only then', () => {
    const { store } = testContext().services;
    for (const [status, isNoted] of [
      ['running', false],
      ['queued', false],
      ['paused', true],
      ['finished', true],
    ] as const) {
      const run = anyRun({ status });
      store.runs.insert(run);
      store.runData.addMetrics(run.id, 1, { loss: 0.5 }, [], null);
      runView(store, store.runs.get(run.id)!);
      expect(store.runs.get(run.id)!.summary).toEqual(isNoted ? { version: 2, length: [], finalLoss: 0.5 } : null);
    }
  });

  it('takes what was noted by these rules, works out what was by others, and goes on where nothing can be noted', () => {
    const { store } = testContext().services;
    const run = anyRun();
    store.runs.insert(run);
    store.runData.addMetrics(run.id, 1, { loss: 0.5 }, [], null);
    const noted = (version: number) => ({ ...run, summary: { version, length: [], finalLoss: 9 } });
    expect([runView(store, noted(2)).finalLoss, runView(store, noted(1)).finalLoss]).toEqual([9, 0.5]);
    vi.spyOn(store.runs, 'update').mockImplementation(() => {
      throw new Error('full');
    });
    expect(runView(store, run).finalLoss).toBe(0.5);
    vi.restoreAllMocks();
  });
});

describe('facts that no spec says', () => {
  const of = (...changes: readonly Partial<Parameters<typeof compareRuns>[1][number]>[]) => {
    const { store } = testContext().services;
    const runs = changes.map((change) => anyRun(change));
    for (const run of runs) store.runs.insert(run);
    return compareRuns(store, runs).differences;
  };
  it('differ where two are known and not equal; one that is not known has a dash', () => {
    expect(of({ engine: 'a' }, { engine: null })).toEqual([]);
    expect(of({ engine: 'a' }, { engine: null }, { engine: 'b' })).toEqual([
      { path: 'engine', values: ['a', '–', 'b'] },
    ]);
    expect(of({ modelHash: `${'a'.repeat(12)}x` }, { modelHash: `${'a'.repeat(12)}y` }, { modelHash: 'b' })).toEqual([
      { path: 'model.content', values: ['aaaaaaaaaaaa', 'aaaaaaaaaaaa', 'b'] },
    ]);
  });

  it.each([
    ['loss', 1],
    ['grad_norm', 1],
    ['perf/step_ms', 1],
    ['perf/rss_bytes', 1],
    ['rewards/margins', 3],
  ])('the best %s of 3, 1, 2 is %i', (name, best) => {
    const { store } = testContext().services;
    const run = anyRun();
    store.runs.insert(run);
    for (const [i, value] of [3, 1, 2].entries()) store.runData.addMetrics(run.id, i + 1, { [name]: value }, [], null);
    expect(compareRuns(store, [run]).metrics).toEqual([{ name, last: [2], best: [best] }]);
  });
});
