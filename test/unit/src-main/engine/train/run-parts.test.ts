import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../../../src-main/engine/train/checkpoint/checkpoint';
import { openSafetensors } from '../../../../../src-main/engine/weights/safetensors';
import { temporaryFolder } from './fixture';
import { atStep, checkpoint, count, held, pairOf, paperRun, withSpec } from './paper-run';

const valuesIn = async (file: string): Promise<Readonly<Record<string, readonly number[]>>> => {
  const tensors = await openSafetensors(file);
  const names = [...tensors.keys()];
  return Object.fromEntries(await Promise.all(names.map(async (n) => [n, [...(await tensors.get(n)!.read())]])));
};

describe('a checkpoint', () => {
  it('holds weights, both moments and where the run stands, each weight under its own name', async () => {
    const run = await paperRun({ spec: withSpec({ maxSteps: 2 }) });
    expect(await valuesIn(join(checkpoint(run, 2), 'weights.safetensors'))).toEqual({
      'm.lora_A.weight': [2, 12],
      'm.lora_B.weight': [22],
    });
    expect(await valuesIn(join(checkpoint(run, 2), 'optimizer.safetensors'))).toEqual({
      'adam_m/m.lora_A.weight': [1, 1],
      'adam_m/m.lora_B.weight': [1],
      'adam_v/m.lora_A.weight': [0.5, 0.5],
      'adam_v/m.lora_B.weight': [0.5],
    });
    expect(readdirSync(checkpoint(run, 2)).sort()).toEqual([
      'optimizer.safetensors',
      'state.json',
      'weights.safetensors',
    ]);
    const { state } = await readCheckpoint(checkpoint(run, 2));
    expect(state).toMatchObject({
      step: 2,
      evaluatedStep: -1,
      probedStep: 2,
      numTokens: 28,
      memory: {},
      round: 0,
      modelHash: 'model',
      lora: { rank: 1, alpha: 2, modules: ['m'] },
      watch: { best: null, staleEvaluations: 0, firstLoss: 0.5, explodedSteps: 0 },
    });
  });

  it.each<[string, readonly string[], string]>([
    [
      'a weight that this run does not train',
      ['m.lora_A.weight', 'm.lora_B.weight', 'x'],
      'holds x, which this run does not train.',
    ],
    ['a weight too few', ['m.lora_A.weight'], 'lacks m.lora_B.weight.'],
  ])('with %s is refused', async (_, names, words) => {
    const run = await paperRun({ spec: withSpec({ maxSteps: 2 }) });
    const { state } = await readCheckpoint(checkpoint(run, 2));
    const tensor = (name: string) => ({ name, shape: [1], read: () => Float32Array.of(1) });
    await writeCheckpoint(
      run.runDir,
      { state, weights: names.map(tensor), optimizer: [], reference: [] },
      { last: 2, step: null },
    );
    const again = paperRun({
      spec: withSpec({ maxSteps: 2 }),
      resume: true,
      runDir: run.runDir,
      cacheDir: run.cacheDir,
    });
    await expect(again).rejects.toMatchObject({
      error: { code: 'bad-input', message: `${checkpoint(run, 2)} ${words}` },
    });
  });

  it('remembers what the method does from step to step', async () => {
    const spec = withSpec({ maxSteps: 2 }, { id: 'bco_pair', variant: 'paper' });
    const run = await paperRun({ spec });
    const { memory } = (await readCheckpoint(checkpoint(run, 2))).state;
    expect(memory).toMatchObject({ 'bco_pair/count': 2 });
    const rest = await paperRun({
      spec: withSpec({ maxSteps: 2 }, { id: 'bco_pair', variant: 'paper' }),
      resume: true,
      runDir: run.runDir,
      cacheDir: run.cacheDir,
    });
    expect((await readCheckpoint(rest.outcome.checkpointPath)).state.memory).toEqual(memory);
  });
});

describe('the reference', () => {
  it('is computed once for runs on the same pairs, model and library', async () => {
    const first = await paperRun({ spec: withSpec({ maxSteps: 1 }), held });
    expect(count(first, 'logprobs:0')).toBe(1); // a short run looks at two pairs and at held-out ones
    expect(first.told.slice(0, 2)).toEqual(['reference 0/4', 'reference 4/4']);
    const again = await paperRun({ spec: withSpec({ maxSteps: 1 }), held, cacheDir: first.cacheDir });
    expect([count(again, 'logprobs:0'), again.told[0]]).toEqual([0, 'reference 4/4']);
    const other = await paperRun({
      spec: withSpec({ maxSteps: 1 }),
      held,
      cacheDir: first.cacheDir,
      modelHash: 'other',
    });
    expect(count(other, 'logprobs:0')).toBe(1);
    expect(readdirSync(join(first.cacheDir, 'reference'))).toHaveLength(2);
  });

  it('that cannot be cached is a problem, and the run goes on', async () => {
    const cacheDir = join(temporaryFolder(), 'file');
    writeFileSync(cacheDir, '');
    const run = await paperRun({ spec: withSpec({ maxSteps: 1 }), cacheDir });
    expect(run.outcome.outcome).toBe('finished');
    const problem = run.events.find((event) => event.kind === 'problem') as { message: string };
    expect(problem.message).toMatch(
      /^The reference log-probs could not be cached \(.+\); the next run computes them again\.$/,
    );
  });

  it('that is no finite number is the model’s fault, by row', async () => {
    const pairs = [pairOf(1), pairOf(2), pairOf(3)];
    const bad = paperRun({ spec: withSpec({ maxSteps: 2 }), pairs, weight: Infinity });
    await expect(bad).rejects.toMatchObject({
      error: {
        code: 'bad-model',
        message: 'The model gives row 1 a log-prob that is not a finite number.',
        details: { row: 1 },
      },
    });
  });

  it('in the session is the model at first, and follows it where the method says so', async () => {
    const tdpo = await paperRun({ spec: withSpec({ maxSteps: 3 }, { id: 'tdpo' }) });
    expect(tdpo.session.values('reference/adapter/0')).toEqual([0, 10, 20]);
    // distributions are compared within a call
    expect([count(tdpo, 'sync'), count(tdpo, 'logprobs:0'), count(tdpo, 'reference:0')]).toEqual([1, 2, 0]);
    const following = await paperRun({
      spec: withSpec({ maxSteps: 5 }, { id: 'dpo', referenceSync: { everySteps: 2, mixup: 0.5 } }),
    });
    // after step 2: 0.5 · 2; after step 4: 0.5 · 4 + 0.5 · 1
    expect(following.session.values('reference/adapter/0')).toEqual([2.5, 12.5, 22.5]);
    expect([count(following, 'sync'), count(following, 'logprobs:0')]).toEqual([3, 0]);
    expect(await valuesIn(join(checkpoint(following, 5), 'reference.safetensors'))).toEqual({
      'reference/m.lora_A.weight': [2.5, 12.5],
      'reference/m.lora_B.weight': [22.5],
    });
    const rest = await paperRun({
      spec: withSpec({ maxSteps: 5 }, { id: 'dpo', referenceSync: { everySteps: 2, mixup: 0.5 } }),
      resume: true,
      runDir: following.runDir,
    });
    expect(rest.session.values('reference/adapter/0')).toEqual([2.5, 12.5, 22.5]);
  });
});

describe('rounds', () => {
  const spec = withSpec({ maxSteps: 2, checkpointEvery: 100, schedule: 'linear' }, { id: 'dpo' }, { rounds: 2 });

  it('begin with the last one’s result as reference, a fresh optimizer and the schedule anew', async () => {
    const run = await paperRun({ spec });
    expect(run.told).toEqual([
      ...['reference 0/4', 'reference 4/4', 'running 1 of 4', 'probe 0', 'train 1', 'train 2', 'sync', 'checkpoint 2'],
      ...['reference 0/4', 'reference 4/4', 'running 3 of 4', 'train 3', 'train 4', 'probe 4', 'sync', 'checkpoint 4'],
    ]);
    expect(run.session.values('adapter/0')).toEqual([4, 14, 24]);
    expect(run.session.values('adam_m/adapter/0')).toEqual([1, 1, 1]); // two updates
    expect(run.session.values('adam_v/adapter/0')).toEqual([0.5, 0.5, 0.5]);
    const rates = [1, 2, 3, 4].map((step) => atStep(run, step).values['learning_rate']);
    expect(rates).toEqual([0.01, 0.005, 0.01, 0.005]);
    expect([1, 2, 3, 4].map((step) => atStep(run, step).pairs[0]!.chosenReward)).toEqual(
      [0, 0.2, 0, 0.2].map((x) => expect.closeTo(x, 6)),
    );
    expect((await readCheckpoint(checkpoint(run, 4))).state.round).toBe(1);
    expect(readdirSync(join(run.runDir, 'reference'))).toEqual(['round-1.bin']);
  });

  it('go on within a round with its own reference, which must be there', async () => {
    const part = await paperRun({
      spec,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask('pause'),
    });
    const rest = await paperRun({ spec, resume: true, runDir: part.runDir, cacheDir: part.cacheDir });
    expect(rest.told).toEqual(['checkpoint 3', 'running 4 of 4', 'train 4', 'probe 4', 'sync', 'checkpoint 4']);
    expect(atStep(rest, 4).pairs[0]!.chosenReward).toBeCloseTo(0.2, 6);
    rmSync(join(part.runDir, 'reference'), { recursive: true });
    await expect(paperRun({ spec, resume: true, runDir: part.runDir })).rejects.toMatchObject({
      error: {
        code: 'bad-input',
        message: `The reference log-probs of round 2 are gone from ${part.runDir} or damaged.`,
        details: { round: 1 },
      },
    });
  });

  it('stopped between them begin the next one again', async () => {
    let phases = 0;
    const part = await paperRun({
      spec,
      onEvent: (event, signals) => event.kind === 'phase' && ++phases === 3 && signals.ask('stop'),
    });
    expect(part.told.slice(-4)).toEqual(['train 2', 'sync', 'checkpoint 2', 'reference 0/4']);
    expect(part.outcome).toMatchObject({ outcome: 'stopped', steps: 2, checkpointPath: checkpoint(part, 2) });
    const rest = await paperRun({ spec, resume: true, runDir: part.runDir, cacheDir: part.cacheDir });
    expect(rest.told.slice(0, 6)).toEqual([
      'checkpoint 2',
      'reference 4/4',
      'running 3 of 4',
      'reference 0/4',
      'reference 4/4',
      'running 3 of 4',
    ]);
    expect(rest.session.values('adam_m/adapter/0')).toEqual([1, 1, 1]);
  });

  it('forget what the method remembered', async () => {
    const run = await paperRun({
      spec: withSpec({ maxSteps: 2 }, { id: 'bco_pair', variant: 'paper' }, { rounds: 2 }),
    });
    expect((await readCheckpoint(checkpoint(run, 4))).state.memory).toMatchObject({ 'bco_pair/count': 2 });
  });

  it('with a live reference copy the weights; without any they only clear the optimizer', async () => {
    const live = await paperRun({
      spec: withSpec({ maxSteps: 2 }, { id: 'dpo', referenceSync: { everySteps: 100, mixup: 0.5 } }, { rounds: 2 }),
    });
    expect([live.session.values('reference/adapter/0'), count(live, 'logprobs:0')]).toEqual([[2, 12, 22], 0]);
    const none = await paperRun({ spec: withSpec({ maxSteps: 2 }, { id: 'simpo' }, { rounds: 2 }) });
    expect([count(none, 'sync'), count(none, 'logprobs:0'), none.session.values('adam_m/adapter/0')]).toEqual([
      0,
      0,
      [1, 1, 1],
    ]);
    expect(readdirSync(none.runDir)).toEqual(['checkpoints']);
  });

  it('of a run that starts anew are without the references of the attempt before', async () => {
    const run = await paperRun({ spec });
    writeFileSync(join(run.runDir, 'reference', 'round-7.bin'), '');
    const again = await paperRun({ spec, runDir: run.runDir });
    expect(readdirSync(join(again.runDir, 'reference'))).toEqual(['round-1.bin']);
    expect(dirname(again.outcome.checkpointPath)).toBe(join(run.runDir, 'checkpoints'));
  });
});
