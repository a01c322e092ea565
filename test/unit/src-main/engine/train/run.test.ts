import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../../../../../src-main/shared/extremes';
import { loadBinding } from '../../../../../src-main/engine/backends/tensorflow/binding';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { newestCheckpoint } from '../../../../../src-main/engine/train/checkpoint/checkpoint';
import { sizeOf } from '../../../../../src-main/engine/batch/layout';
import { buildTrainProgram } from '../../../../../src-main/engine/program/train-program';
import { oneLane } from '../../../../../src-main/engine/batch/lanes';
import { scoreTokens, scoreTokensByEvaluating, type Work } from '../../../../../src-main/engine/program/scoring';
import { randomizeWeights, tinyLlama } from '../../../support/tiny-config';
import { comparable, metricsOf, randomPairs, series, specOf, temporaryFolder, tinyRun } from './fixture';

const ln2 = Math.fround(Math.LN2);
const pairs = randomPairs(10);
const held = randomPairs(4, 9).map((p) => ({ ...p, row: p.row + 100 }));

describe('a first step', () => {
  it.each(['dpo', 'sampo'] as const)('%s with policy = reference loses exactly ln 2, with zero rewards', async (id) => {
    const { events } = await tinyRun({
      spec: specOf({ method: { id }, training: { maxSteps: 1, pairsPerStep: 4, microBatchPairs: 1 } }),
      pairs,
    });
    const { values, pairs: points } = metricsOf(events)[0]!;
    expect(values['loss']).toBe(ln2);
    expect(values['rewards/margins']).toBe(0);
    expect(values['rewards/accuracies']).toBe(0);
    expect(points.every((p) => p.margin === 0 && p.fullMargin === 0)).toBe(true);
    expect(values['grad_norm']).toBeGreaterThan(0);
  });

  it('keeps as many tokens as the shorter response has', async () => {
    const { events } = await tinyRun({
      spec: specOf({ method: { id: 'sampo' }, training: { maxSteps: 1, pairsPerStep: 10 } }),
      pairs,
    });
    for (const p of metricsOf(events)[0]!.pairs) expect(p.keptTokens).toBe(Math.min(p.chosenTokens, p.rejectedTokens));
  });
});

/** Up to the order in which float32 numbers are summed. */
function expectSame(values: readonly number[], expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, i) =>
    expect(Math.abs(values[i]! - value)).toBeLessThan(2e-5 * Math.max(1, Math.abs(value))),
  );
}

describe('training', () => {
  it.each([
    ['full', { kind: 'none' } as const],
    ['LoRA', { kind: 'lora', rank: 2, alpha: 4 } as const],
  ])('%s: changes every trained tensor and overfits one pair', async (_, adapter) => {
    const { events, weights, before } = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, adapter, training: { maxSteps: 40, pairsPerStep: 1 } }),
      pairs: pairs.slice(0, 1),
    });
    for (const name of Object.keys(weights))
      expect(
        weights[name]!.some((x, i) => x !== before[name]![i]),
        name,
      ).toBe(true);
    const losses = series(events, 'loss');
    expect(losses.at(-1)).toBeLessThan(0.1);
    expect(series(events, 'rewards/accuracies').at(-1)).toBe(1);
  });

  it('supervised: the token mean over the step’s chosen responses goes down', async () => {
    const { events } = await tinyRun({
      spec: specOf({ objective: 'supervised', method: { id: 'sft' }, training: { maxSteps: 30, pairsPerStep: 2 } }),
      pairs: pairs.slice(0, 2),
      held,
    });
    const first = metricsOf(events)[0]!.values;
    // mean of summed log-probs times pairs = loss times tokens
    expect(first['loss']).toBeCloseTo(-first['logps/chosen']! / first['length/chosen_tokens']!, 5);
    expect(series(events, 'loss').at(-1)).toBeLessThan(0.5);
    expect(series(events, 'eval_loss')).toHaveLength(1);
  });

  it('does not depend on how pairs are divided into calls', async () => {
    const spec = specOf({ method: { id: 'sampo' }, training: { maxSteps: 3, pairsPerStep: 5 } });
    const one = await tinyRun({ spec, pairs, buckets: [{ rows: 5, tokens: 40, completions: 120 }] });
    const longest = largest(pairs, (p) => sizeOf(p).tokens)!;
    const many = await tinyRun({
      spec,
      pairs,
      buckets: [
        { rows: 1, tokens: 20, completions: 26 },
        { rows: 2, tokens: longest, completions: 64 },
      ],
    });
    for (const name of ['loss', 'grad_norm', 'rewards/margins'])
      expectSame(series(many.events, name), series(one.events, name));
  });

  it.each(['sampo', 'tdpo'] as const)('%s does not depend on how many calls run at once', async (id) => {
    const spec = specOf({
      method: { id, wpo: id === 'sampo' },
      adapter: { kind: 'lora', rank: 2 },
      training: { maxSteps: 4, pairsPerStep: 5, evalEvery: 2 },
    });
    const buckets = [
      { rows: 1, tokens: 20, completions: 26 },
      { rows: 1, tokens: 64, completions: 64 },
    ];
    const many = randomPairs(50, 9).map((p) => ({ ...p, row: p.row + 100 })); // more calls than are made together
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map((lanes) => tinyRun({ spec, pairs, held: many, buckets, lanes })),
    );
    for (const other of [two!, three!])
      for (const name of ['loss', 'grad_norm', 'rewards/margins', 'eval_loss'])
        expectSame(series(other.events, name), series(one!.events, name));
    const rows = ({ events }: NonNullable<typeof one>): readonly (readonly number[])[] =>
      metricsOf(events).map((e) => e.pairs.map((p) => p.row));
    expect(rows(two!)).toEqual(rows(one!));
  });

  it('in lanes, gives the same bits every time, and again after a stop', async () => {
    const spec = specOf({
      method: { id: 'sampo' },
      adapter: { kind: 'lora', rank: 2 },
      training: { maxSteps: 6, pairsPerStep: 5, checkpointEvery: 2 },
    });
    const buckets = [{ rows: 1, tokens: 64, completions: 64 }];
    const whole = await tinyRun({ spec, pairs, buckets, lanes: 2 });
    const again = await tinyRun({ spec, pairs, buckets, lanes: 2 });
    expect(comparable(again.events)).toEqual(comparable(whole.events));
    const part = await tinyRun({
      spec,
      pairs,
      buckets,
      lanes: 2,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask('stop'),
    });
    const resumed = await tinyRun({
      spec,
      pairs,
      buckets,
      lanes: 2,
      runDir: part.runDir,
      cacheDir: part.cacheDir,
      resume: true,
    });
    expect(resumed.weights).toEqual(whole.weights);
    expect([...comparable(part.events), ...comparable(resumed.events)]).toEqual(comparable(whole.events));
  });

  it.each([{ kind: 'none' }, { kind: 'lora', rank: 2 }] as const)(
    'does not depend on how many layers the backward pass recomputes: $kind',
    async (adapter) => {
      const spec = specOf({ method: { id: 'dpo' }, adapter, training: { maxSteps: 3 } });
      const [kept, ...others] = await Promise.all(
        [0, 1, 2].map((recomputedLayers) => tinyRun({ spec, pairs, recomputedLayers })),
      );
      for (const other of others)
        for (const name of ['loss', 'grad_norm', 'rewards/margins'])
          expectSame(series(other.events, name), series(kept!.events, name));
    },
  );

  it('reports held-out pairs, lengths and what it measured', async () => {
    const { events } = await tinyRun({
      spec: specOf({ method: { id: 'sampo' }, training: { maxSteps: 4, pairsPerStep: 5, evalEvery: 2 } }),
      pairs,
      held,
    });
    const evals = metricsOf(events).filter((e) => 'eval_loss' in e.values);
    expect(evals.map((e) => e.step)).toEqual([2, 4]);
    expect(evals[0]!.pairs.map((p) => p.row)).toEqual([101, 102, 103, 104]);
    const { values, epoch, profile } = metricsOf(events)[0]!;
    expect(epoch).toBe(0.5);
    expect(Object.keys(values)).toEqual(
      expect.arrayContaining([
        'loss',
        'grad_norm',
        'learning_rate',
        'num_tokens',
        'rewards/chosen',
        'logps/rejected',
        'length/kept_tokens',
        'length/full_margins',
        'perf/pairs_per_second',
      ]),
    );
    expect(Object.values(values).every(Number.isFinite)).toBe(true);
    expect(profile!.chosen.reduce((sum, bin) => sum + bin.count, 0)).toBe(
      metricsOf(events)[0]!.pairs.reduce((sum, p) => sum + p.chosenTokens, 0),
    );
  });

  it('keeps the number of live tensors flat over 500 steps', async () => {
    const live: number[] = [];
    await tinyRun({
      spec: specOf({ method: { id: 'sampo' }, training: { maxSteps: 500, pairsPerStep: 4 } }),
      pairs,
      onEvent: (event) => event.kind === 'metrics' && live.push(loadBinding().getNumOfTensors()),
    });
    expect(live).toHaveLength(500);
    expect(new Set(live.slice(1)).size).toBe(1);
  });

  it('stops within a step, leaving the weights of the step before', async () => {
    const spec = specOf({ method: { id: 'dpo' }, training: { maxSteps: 3, pairsPerStep: 10, microBatchPairs: 1 } });
    const run = await tinyRun({
      spec,
      pairs,
      onEvent: (event, signals) =>
        event.kind === 'running' && setImmediate(() => setImmediate(() => signals.ask('stop'))),
    });
    expect(run.outcome).toMatchObject({ outcome: 'stopped', steps: 0 });
    expect(run.weights).toEqual(run.before);
  });

  it('ends a run whose loss is not finite, naming the rows', async () => {
    await expect(
      tinyRun({
        spec: specOf({
          method: { id: 'dpo' },
          training: { maxSteps: 20, learningRate: 1e30, clipNorm: null, pairsPerStep: 2 },
        }),
        pairs,
      }),
    ).rejects.toMatchObject({
      error: { code: 'engine-failed', details: { rows: expect.any(Array) } },
    });
  });
});

describe('stop rules', () => {
  // training pairs and held-out pairs disagree: what is learned makes held-out loss worse
  const swapped = pairs
    .slice(0, 4)
    .map((p) => ({ ...p, row: p.row + 100, chosenIds: p.rejectedIds, rejectedIds: p.chosenIds }));
  const training = { maxSteps: 20, pairsPerStep: 5, evalEvery: 2, checkpointEvery: 5, keepCheckpoints: 1 } as const;

  it('keeps the checkpoint with the lowest held-out loss and names it', async () => {
    const { events, outcome, runDir } = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, training }),
      pairs,
      held: swapped,
    });
    const evals = metricsOf(events).filter((e) => 'eval_loss' in e.values);
    const best = evals.reduce((a, b) => (b.values['eval_loss']! < a.values['eval_loss']! ? b : a));
    expect(best.step).toBeLessThan(20); // or this test says nothing
    expect(outcome.best).toMatchObject({
      step: best.step,
      loss: best.values['eval_loss'],
      path: join(runDir, 'checkpoints', `checkpoint-${best.step}`),
    });
    expect(readdirSync(join(runDir, 'checkpoints')).sort()).toEqual(
      ['checkpoint-20', `checkpoint-${best.step}`].sort(),
    );
    const without = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, training: { ...training, keepBest: false } }),
      pairs,
      held: swapped,
    });
    expect(without.outcome.best).toBeNull();
    expect(readdirSync(join(without.runDir, 'checkpoints'))).toEqual(['checkpoint-20']);
  });

  it('ends early when held-out loss no longer improves, also when it was interrupted in between', async () => {
    const spec = specOf({
      method: { id: 'dpo' },
      training: { ...training, earlyStopping: { patience: 3, minDelta: 0 } },
    });
    const whole = await tinyRun({ spec, pairs, held: swapped });
    const evals = series(whole.events, 'eval_loss');
    const lowest = evals.indexOf(smallest(evals)!);
    expect(whole.outcome).toMatchObject({
      outcome: 'finished',
      steps: 2 * (lowest + 4),
      best: { step: 2 * (lowest + 1) },
    });
    expect(whole.outcome.steps).toBeLessThan(20);
    expect(whole.events.some((e) => e.kind === 'problem' && e.message.includes('early stopping'))).toBe(true);
    const part = await tinyRun({
      spec,
      pairs,
      held: swapped,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 5 && signals.ask('stop'),
    });
    const rest = await tinyRun({ spec, pairs, held: swapped, runDir: part.runDir, resume: true });
    expect(rest.outcome).toMatchObject({ steps: whole.outcome.steps, best: { step: whole.outcome.best!.step } });
    expect(rest.weights).toEqual(whole.weights);
  });

  it('ends a run whose loss explodes, naming the rows; the checkpoint from before is whole', async () => {
    const runDir = temporaryFolder();
    const spec = specOf({
      method: { id: 'dpo', beta: 5 },
      training: { maxSteps: 40, pairsPerStep: 5, learningRate: 30, clipNorm: null, checkpointEvery: 1 },
    });
    const steps: number[] = [];
    const losses: number[] = [];
    const failed = tinyRun({
      spec,
      pairs,
      runDir,
      onEvent: (e) =>
        e.kind === 'checkpoint' ? steps.push(e.step) : e.kind === 'metrics' && losses.push(e.values['loss']!),
    });
    await expect(failed).rejects.toMatchObject({
      error: {
        code: 'engine-failed',
        message: expect.stringContaining('exploded'),
        details: { rows: expect.any(Array) },
      },
    });
    expect(losses.slice(-5).every((loss) => loss > 6)).toBe(true);
    const last = await newestCheckpoint(runDir, () => undefined);
    expect(last!.state.step).toBe(losses.length - 5); // the last step before the first bad one
  });
});

describe('resume', () => {
  const spec = specOf({
    method: { id: 'sampo' },
    training: {
      maxSteps: 7,
      pairsPerStep: 3,
      checkpointEvery: 2,
      evalEvery: 3,
      schedule: 'cosine',
      learningRate: 3e-3,
      weightDecay: 0.01,
    },
  });

  it.each(['pause', 'stop'] as const)('after %s gives the same weights and metrics, bit for bit', async (wish) => {
    const whole = await tinyRun({ spec, pairs, held });
    const first = await tinyRun({
      spec,
      pairs,
      held,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask(wish),
    });
    expect(first.outcome).toMatchObject({ outcome: wish === 'pause' ? 'paused' : 'stopped', steps: 3 });
    const second = await tinyRun({ spec, pairs, held, runDir: first.runDir, resume: true });
    expect(second.events.find((e) => e.kind === 'running')).toMatchObject({ firstStep: 4, totalSteps: 7 });
    expect(second.outcome.outcome).toBe('finished');
    expect(second.weights).toEqual(whole.weights);
    expect([...comparable(first.events), ...comparable(second.events)]).toEqual(comparable(whole.events));
  });

  it('goes on from the newest whole checkpoint when the last one is damaged', async () => {
    const whole = await tinyRun({ spec, pairs, held });
    const root = join(whole.runDir, 'checkpoints');
    // 3: the best on held-out pairs
    expect(readdirSync(root).sort()).toEqual(['checkpoint-3', 'checkpoint-6', 'checkpoint-7']);
    truncateSync(join(root, 'checkpoint-7', 'weights.safetensors'), 100);
    const resumed = await tinyRun({ spec, pairs, held, runDir: whole.runDir, cacheDir: whole.cacheDir, resume: true });
    expect(resumed.events.some((e) => e.kind === 'problem' && e.message.includes('checkpoint-7'))).toBe(true);
    expect(metricsOf(resumed.events)[0]!.step).toBe(7);
    expect(resumed.weights).toEqual(whole.weights);
  });

  it('notices a flipped bit', async () => {
    const whole = await tinyRun({ spec, pairs });
    const file = join(whole.runDir, 'checkpoints', 'checkpoint-7', 'optimizer.safetensors');
    const { readFileSync } = await import('node:fs');
    const bytes = readFileSync(file);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(file, bytes);
    const resumed = await tinyRun({ spec, pairs, runDir: whole.runDir, resume: true });
    expect(resumed.events.some((e) => e.kind === 'problem' && e.message.includes('damaged'))).toBe(true);
  });

  it('refuses another spec or dataset', async () => {
    const { runDir } = await tinyRun({ spec, pairs });
    await expect(
      tinyRun({ spec: specOf({ method: { id: 'dpo' }, training: spec.training }), pairs, runDir, resume: true }),
    ).rejects.toMatchObject({ error: { code: 'bad-input', details: { changed: 'spec' } } });
    await expect(tinyRun({ spec, pairs: randomPairs(10, 77), runDir, resume: true })).rejects.toMatchObject({
      error: { details: { changed: 'dataset' } },
    });
  });

  it('rebuilds a lost reference cache on the initial weights, not the trained ones', async () => {
    const whole = await tinyRun({ spec, pairs });
    const part = await tinyRun({
      spec,
      pairs,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 5 && signals.ask('stop'),
    });
    rmSync(part.cacheDir, { recursive: true });
    const resumed = await tinyRun({ spec, pairs, runDir: part.runDir, cacheDir: part.cacheDir, resume: true });
    expect(resumed.weights).toEqual(whole.weights);
  });
});

describe('reference cache', () => {
  it('is the same through either scoring graph', async () => {
    const program = buildTrainProgram({
      config: tinyLlama(),
      lora: null,
      method: specOf().method,
      storage: 'f32',
      products: 'f32',
      liveReference: false,
      adamBetas: [0.9, 0.999],
      buckets: [{ rows: 2, tokens: 40, completions: 60 }],
      generation: null,
      recomputedLayers: 0,
      lanes: oneLane,
    });
    const session = await compileTensorflow(program.program);
    randomizeWeights(session, program.packs);
    const batch = { bucket: 0, pairs: pairs.slice(0, 2) };
    const scoring = { session, buckets: program.buckets, layout: program.layout, lanes: oneLane };
    const run = <T>({ call, read }: Work<T>): T => read(session.run(call.entry, call.feeds, call.fetch));
    expect(run(scoreTokensByEvaluating(scoring, batch))).toEqual(run(scoreTokens(scoring, batch)));
    session.dispose();
  });

  it('is used by a second run and rebuilt when damaged', async () => {
    const cacheDir = temporaryFolder();
    const spec = specOf({ method: { id: 'dpo' }, training: { maxSteps: 2, pairsPerStep: 4 } });
    const phases = async (): Promise<number> =>
      (await tinyRun({ spec, pairs, cacheDir })).events.filter((e) => e.kind === 'phase').length;
    const computed = await phases();
    expect(computed).toBeGreaterThan(1);
    expect(await phases()).toBe(1);
    const folder = join(cacheDir, 'reference');
    const [file] = readdirSync(folder);
    truncateSync(join(folder, file!), 60);
    expect(await phases()).toBe(computed);
  });
});
