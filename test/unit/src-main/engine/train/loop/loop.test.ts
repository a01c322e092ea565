import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../../../../src-main/engine/train/checkpoint/checkpoint';
import { comparable, metricsOf } from '../fixture';
import { atStep, checkpoint, count, held, pairOf, paperRun, withSpec } from '../paper-run';

describe('a run tells', () => {
  it('its reference, each step, evaluations and probes where they are due, and at the end all of them', async () => {
    const training = { epochs: 2, evalEvery: 2, checkpointEvery: 3 };
    const run = await paperRun({ spec: withSpec(training, undefined, { probesEvery: 4 }), held });
    expect(run.told).toEqual([
      ...['reference 0/7', 'reference 4/7', 'reference 7/7', 'running 1 of 6', 'probe 0', 'train 1'],
      ...['train 2', 'eval 2', 'sync', 'checkpoint 2, best 2', 'train 3', 'sync', 'checkpoint 3, best 2'],
      ...['train 4', 'eval 4', 'probe 4', 'train 5', 'train 6', 'eval 6', 'probe 6', 'sync', 'checkpoint 6, best 2'],
    ]);
    expect(run.outcome).toEqual({
      outcome: 'finished',
      steps: 6,
      checkpointPath: checkpoint(run, 6),
      best: { step: 2, loss: 0.5, path: checkpoint(run, 2) },
    });
    expect(run.session.values('adapter/0')).toEqual([6, 16, 26]); // one update a step
    expect(readdirSync(join(run.runDir, 'checkpoints')).sort()).toEqual([
      'checkpoint-2',
      'checkpoint-3',
      'checkpoint-6',
    ]);
  });

  it('nothing of held-out pairs where there are none, and keeps no best', async () => {
    const run = await paperRun({ spec: withSpec({ maxSteps: 2, evalEvery: 1 }) });
    expect(run.told.slice(2)).toEqual([
      'running 1 of 2',
      'probe 0',
      'train 1',
      'train 2',
      'probe 2',
      'sync',
      'checkpoint 2',
    ]);
    expect(run.outcome.best).toBeNull();
    const unkept = await paperRun({ spec: withSpec({ maxSteps: 2, evalEvery: 1, keepBest: false }), held });
    expect(unkept.told.filter((one) => one.startsWith('check'))).toEqual(['checkpoint 2']);
    expect(unkept.outcome.best).toBeNull();
  });

  it('of a step its place, its rate, its gradient and the tokens seen so far', async () => {
    const run = await paperRun({ spec: withSpec({ epochs: 2, schedule: 'linear' }) });
    const values = [1, 2, 3, 4, 5, 6].map((step) => atStep(run, step));
    expect(values.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6].map((step) => step / 3));
    expect(values.map((one) => one.values['epoch'])).toEqual(values.map(({ epoch }) => epoch));
    expect(values.map((one) => one.values['learning_rate']! / 0.01)).toEqual(
      [6, 5, 4, 3, 2, 1].map((left) => expect.closeTo(left / 6, 9)),
    );
    // a pair of 2 + 2 and 2 + 1 tokens; the last step of an epoch has one pair
    expect(values.map((one) => one.values['num_tokens'])).toEqual([14, 28, 35, 49, 63, 70]);
    expect(values.map((one) => one.pairs.map(({ row }) => row))).toEqual([[1, 2], [3, 4], [5], [1, 2], [3, 4], [5]]);
    expect(values.map((one) => one.values['grad_norm'])).toEqual([3, 3, 3, 3, 3, 3]);
    for (const { values: v, pairs } of values) {
      expect(v['perf/step_ms']! * v['perf/pairs_per_second']!).toBeCloseTo(1000 * pairs.length, 6);
      expect(v['perf/rss_bytes']).toBeGreaterThan(1e6);
      expect(v).toHaveProperty('length/reward_slope');
    }
    // the first step is at the reference; then each update adds 1 to every log-prob, and β is 0.1
    expect(values.slice(0, 3).map((one) => one.pairs[0]!.chosenReward)).toEqual(
      [0, 0.2, 0.4].map((x) => expect.closeTo(x, 6)),
    );
    expect(run.session.feeds.map((feeds) => feeds['decay']![0])).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(run.session.feeds.map((feeds) => feeds['rate']![0])).size).toBe(6);
  });

  it('draws tokens anew in each epoch, and the time that a step takes', async () => {
    const before = performance.now();
    const run = await paperRun({
      spec: withSpec({ epochs: 3, pairsPerStep: 1 }, { id: 'sampo' }),
      pairs: [pairOf(1, 9, 2)],
    });
    expect(new Set(run.session.weights.map((weights) => weights.join())).size).toBeGreaterThan(1); // of 36 draws
    expect(atStep(run, 3).values['perf/step_ms']).toBeLessThan(performance.now() - before);
  });

  it('which step’s loss is no number', async () => {
    const run = paperRun({ spec: withSpec({ maxSteps: 3 }), lossAt: (_, n) => (n === 1 ? NaN : 0.5) });
    await expect(run).rejects.toMatchObject({ error: { details: { step: 2, rows: [3, 4] } } });
  });

  it('the profile over positions of the first step and of a hundred in all', async () => {
    const profiled = async (maxSteps: number): Promise<readonly number[]> => {
      const { events } = await paperRun({ spec: withSpec({ maxSteps, schedule: 'constant' }) });
      return metricsOf(events).flatMap(({ profile }) => (profile === null ? [] : [profile.step]));
    };
    expect(await profiled(3)).toEqual([1, 2, 3]);
    const many = await profiled(250);
    expect([many.length, many.slice(0, 4), many.at(-1)]).toEqual([126, [1, 2, 4, 6], 250]);
    const run = await paperRun({ spec: withSpec({ maxSteps: 2 }), pairs: [pairOf(1, 2, 1), pairOf(2, 3, 1)] });
    expect(atStep(run, 2).profile).toEqual({
      step: 2,
      binTokens: 1,
      chosen: [2, 2, 1].map((n) => ({ mean: 1, count: n })),
      rejected: [{ mean: 1, count: 2 }],
    });
  });

  it('correlations over the pairs of the steps before, too', async () => {
    // one step of pairs of equal length difference says nothing of length; two steps do
    const pairs = [pairOf(1, 2, 1), pairOf(2, 2, 1), pairOf(3, 3, 1), pairOf(4, 3, 1)];
    const run = await paperRun({ spec: withSpec({ maxSteps: 2 }), pairs });
    expect(atStep(run, 1).values).not.toHaveProperty('length/margin_slope');
    // margins are 0 and 0 at first, then 0.1 · (3 − 1): over a difference of 1 and 2 tokens
    expect(atStep(run, 2).values['length/margin_slope']).toBeCloseTo(0.2, 6);
    const { state } = await readCheckpoint(run.outcome.checkpointPath);
    expect(state.window.map(({ row, margin }) => [row, Math.round(1e6 * margin) / 1e6])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0.2],
      [4, 0.2],
    ]);
  });

  it('of held-out pairs the same under eval_, with the pairs', async () => {
    const run = await paperRun({
      spec: withSpec({ maxSteps: 2, evalEvery: 1 }),
      held,
      lossAt: (entry, n) => (entry === 'eval' ? n : 0.5),
    });
    const evals = metricsOf(run.events).filter((event) => 'eval_loss' in event.values);
    expect(evals.map(({ step, epoch, values, profile }) => [step, epoch, values['eval_loss'], profile])).toEqual([
      [1, 1 / 3, 1, null],
      [2, 2 / 3, 2, null],
    ]);
    expect(evals[0]!.pairs.map(({ row, split, step }) => [row, split, step])).toEqual([
      [11, 'eval', 1],
      [12, 'eval', 1],
    ]);
    expect(Object.keys(evals[0]!.values).every((name) => name.startsWith('eval_'))).toBe(true);
    expect(evals[0]!.values).toHaveProperty('eval_length/accuracy_gap');
    expect(run.outcome.best).toMatchObject({ step: 1, loss: 1 });
  });

  it('of a supervised run nothing about pairs', async () => {
    const spec = withSpec({ maxSteps: 2, evalEvery: 2 }, { id: 'sft' }, { objective: 'supervised' });
    const run = await paperRun({ spec, held });
    for (const event of metricsOf(run.events)) {
      expect([event.pairs, event.profile]).toEqual([[], null]);
      expect(Object.keys(event.values).filter((name) => name.includes('reward') || name.includes('slope'))).toEqual([]);
    }
    expect(metricsOf(run.events)).toHaveLength(3);
    expect(atStep(run, 2).values['num_tokens']).toBe(16); // prompt and chosen answer
    expect((await readCheckpoint(run.outcome.checkpointPath)).state.window).toEqual([]);
    expect(run.told[0]).toBe('running 1 of 2'); // no reference
    expect(count(run, 'logprobs:0')).toBe(0);
  });
});

describe('early stopping', () => {
  const training = { maxSteps: 10, evalEvery: 1, checkpointEvery: 4, earlyStopping: { patience: 2, minDelta: 0 } };
  it('ends the run with that turn’s probes and a checkpoint, and says why', async () => {
    const lossAt = (entry: string, n: number): number => (entry === 'eval' ? [9, 0.5, 0.25, 0.3, 0.4][n]! : 0.5);
    const run = await paperRun({ spec: withSpec(training), held, lossAt });
    expect(run.told.slice(3)).toEqual([
      ...['running 1 of 10', 'probe 0', 'train 1', 'eval 1', 'sync', 'checkpoint 1, best 1'],
      ...['train 2', 'eval 2', 'sync', 'checkpoint 2, best 2', 'train 3', 'eval 3', 'train 4', 'eval 4', 'problem'],
      ...['probe 4', 'sync', 'checkpoint 4, best 2'],
    ]);
    expect(run.events.find((event) => event.kind === 'problem')).toMatchObject({
      message:
        'The loss on held-out pairs has not improved for 2 evaluations (best: 0.2500 at step 2), so the run ends ' +
        'here, as early stopping asks.',
    });
    expect(run.outcome).toMatchObject({ outcome: 'finished', steps: 4, best: { step: 2, loss: 0.25 } });
  });
});

describe('a loss far out of bounds', () => {
  it('saves no checkpoint meanwhile', async () => {
    const lossAt = (entry: string, n: number): number => (entry === 'train' && n > 1 && n < 4 ? 100 : 0.5);
    const run = await paperRun({ spec: withSpec({ maxSteps: 6, checkpointEvery: 1 }), lossAt });
    // the losses of steps 3 and 4, after 2 and 3 updates
    expect(run.told.filter((one) => one.startsWith('check'))).toEqual([1, 2, 5, 6].map((step) => `checkpoint ${step}`));
  });
});

describe('an interrupted run', () => {
  const spec = withSpec(
    { epochs: 2, evalEvery: 2, checkpointEvery: 4, schedule: 'cosine' },
    { id: 'sampo' },
    { probesEvery: 3 },
  );
  const lossAt = (entry: string, n: number): number => (entry === 'eval' ? 1 - n / 64 : 0.5 + n / 64);

  it.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)('by a wish to %s saves, and goes on where it was', async (wish, outcome) => {
    const whole = await paperRun({ spec, held, lossAt });
    const part = await paperRun({
      spec,
      held,
      lossAt,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask(wish),
    });
    expect(part.outcome).toEqual({
      outcome,
      steps: 3,
      checkpointPath: checkpoint(part, 3),
      best: { step: 2, loss: 1 - 2 / 64, path: checkpoint(part, 2) },
    });
    expect(part.told.slice(-3)).toEqual(['train 3', 'sync', 'checkpoint 3, best 2']); // its probes come when it resumes
    const names = readdirSync(checkpoint(part, 3));
    const bytes = names.reduce((sum, name) => sum + readFileSync(join(checkpoint(part, 3), name)).length, 0);
    const rest = await paperRun({ spec, held, lossAt, resume: true, runDir: part.runDir, cacheDir: part.cacheDir });
    expect(rest.told.slice(0, 5)).toEqual([
      'checkpoint 3, best 2',
      'reference 7/7',
      'running 4 of 6',
      'probe 3',
      'train 4',
    ]);
    expect([...comparable(part.events), ...comparable(rest.events)]).toEqual(comparable(whole.events));
    for (const name of ['adapter/0', 'adam_m/adapter/0', 'adam_v/adapter/0'])
      expect(rest.session.values(name)).toEqual(whole.session.values(name));
    expect(rest.events.find((event) => event.kind === 'checkpoint')).toMatchObject({
      step: 3,
      path: checkpoint(part, 3),
      bytes,
    });
  });

  it('paused as soon as it resumes saves nothing anew', async () => {
    const part = await paperRun({
      spec,
      held,
      lossAt,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask('pause'),
    });
    const again = await paperRun({
      spec,
      held,
      lossAt,
      resume: true,
      runDir: part.runDir,
      cacheDir: part.cacheDir,
      onEvent: (event, signals) => event.kind === 'running' && signals.ask('stop'),
    });
    expect(again.told).toEqual(['checkpoint 3, best 2', 'reference 7/7', 'running 4 of 6']);
    expect(again.outcome).toMatchObject({ outcome: 'stopped', steps: 3, checkpointPath: checkpoint(part, 3) });
  });

  it('in its probes asks them again; one that was answered is not asked twice', async () => {
    const part = await paperRun({
      spec,
      held,
      lossAt,
      onProbe: (step, signals) => step !== 3 || (signals.ask('pause'), false),
    });
    expect(part.told.slice(-3)).toEqual(['probe 3', 'sync', 'checkpoint 3, best 2']);
    const rest = await paperRun({ spec, held, lossAt, resume: true, runDir: part.runDir, cacheDir: part.cacheDir });
    expect(rest.told.filter((one) => one.startsWith('probe'))).toEqual(['probe 3', 'probe 6']);
    const answered = await paperRun({
      spec,
      held,
      lossAt,
      onProbe: (step, signals) => (step === 3 && signals.ask('pause'), true),
    });
    const after = await paperRun({
      spec,
      held,
      lossAt,
      resume: true,
      runDir: answered.runDir,
      cacheDir: answered.cacheDir,
    });
    expect(after.told.filter((one) => one.startsWith('probe'))).toEqual(['probe 6']);
  });

  it('in an evaluation reports nothing of it, and evaluates when it resumes', async () => {
    let ask = (): void => undefined;
    const part = await paperRun({
      spec,
      held,
      lossAt: (entry, n) => {
        if (entry === 'eval' && n === 4) ask();
        return lossAt(entry, n);
      },
      onEvent: (_, signals) => (ask = () => signals.ask('pause')),
    });
    expect([part.outcome.outcome, part.told.slice(-3)]).toEqual([
      'paused',
      ['train 4', 'sync', 'checkpoint 4, best 2'],
    ]);
    const rest = await paperRun({ spec, held, lossAt, resume: true, runDir: part.runDir, cacheDir: part.cacheDir });
    const whole = await paperRun({ spec, held, lossAt });
    expect([...comparable(part.events), ...comparable(rest.events)]).toEqual(comparable(whole.events));
  });

  it('while the reference is scored ends without a step', async () => {
    const run = paperRun({ spec, held, onEvent: (event, signals) => event.kind === 'phase' && signals.ask('stop') });
    await expect(run).rejects.toThrow();
    const { message, constructor } = (await run.catch((thrown: unknown) => thrown as Error)) as Error;
    expect([message, constructor.name]).toEqual(['', 'StoppedEarly']);
  });

  it('begins anew where it is not to resume: older checkpoints are gone', async () => {
    const first = await paperRun({ spec, held, lossAt });
    writeFileSync(join(first.runDir, 'checkpoints', 'mark'), '');
    const again = await paperRun({ spec, held, lossAt, runDir: first.runDir, cacheDir: first.cacheDir });
    expect(again.told.slice(0, 2)).toEqual(['reference 7/7', 'running 1 of 6']);
    expect(readdirSync(join(first.runDir, 'checkpoints'))).not.toContain('mark');
  });

  it('is swept of what a killed process left, and tells of damaged checkpoints', async () => {
    const first = await paperRun({ spec, held, lossAt });
    mkdirSync(join(first.runDir, 'checkpoints', 'checkpoint-9.tmp-1'));
    writeFileSync(join(checkpoint(first, 6), 'state.json'), '{');
    const again = await paperRun({ spec, held, lossAt, resume: true, runDir: first.runDir, cacheDir: first.cacheDir });
    expect(again.told.slice(0, 4)).toEqual(['problem', 'checkpoint 4, best 4', 'reference 7/7', 'running 5 of 6']);
    expect(readdirSync(join(first.runDir, 'checkpoints'))).not.toContain('checkpoint-9.tmp-1');
    expect(again.session.values('adapter/0')).toEqual([6, 16, 26]);
  });

  it.each<[string, string, object]>([
    ['another spec', 'spec', { spec: withSpec({ epochs: 2, learningRate: 1 }, { id: 'sampo' }) }],
    ['another file', 'dataset', { held: held.slice(1) }],
    ['another model', 'model', { modelHash: 'other' }],
  ])('with %s is refused', async (_, changed, other) => {
    const { runDir } = await paperRun({ spec, held, lossAt });
    await expect(paperRun({ spec, held, resume: true, runDir, ...other })).rejects.toMatchObject({
      error: {
        code: 'bad-input',
        message: `This run cannot go on: its ${changed} is not the one its checkpoint of step 6 was made with.`,
        hint: `Put the ${changed} back as it was, or start a new run.`,
        details: { changed, path: join(runDir, 'checkpoints', 'checkpoint-6') },
      },
    });
  });

  it('may go on with other intervals, a name and more probes', async () => {
    const { runDir, cacheDir } = await paperRun({ spec, held, lossAt });
    const { training } = spec;
    const other = { ...spec, name: 'b', probes: { ...spec.probes, everySteps: 1 } };
    for (const change of [
      { evalEvery: 1 },
      { checkpointEvery: 1 },
      { keepCheckpoints: 9 },
      { keepBest: false },
      { earlyStopping: { patience: 1, minDelta: 0 } },
    ])
      expect(
        (
          await paperRun({
            spec: { ...other, training: { ...training, ...change } },
            held,
            lossAt,
            resume: true,
            runDir,
            cacheDir,
          })
        ).outcome.steps,
      ).toBe(6);
  });
});
