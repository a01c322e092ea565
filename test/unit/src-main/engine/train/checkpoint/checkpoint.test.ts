import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkpointPath,
  folderBytes,
  newestCheckpoint,
  readCheckpoint,
  removeCheckpoints,
  sweepUnfinished,
  writeCheckpoint,
  type CheckpointContent,
  type KeepRule,
} from '../../../../../../src-main/engine/train/checkpoint/checkpoint';
import { openSafetensors, type TensorToWrite } from '../../../../../../src-main/engine/weights/safetensors';
import { temporaryFolder } from '../fixture';

const tensor = (name: string, values: readonly number[]): TensorToWrite => ({
  name,
  shape: [values.length],
  read: () => Float32Array.from(values),
});
const content = (step: number, weights: readonly TensorToWrite[] = [tensor('w', [1, 2, 3])]): CheckpointContent => ({
  state: {
    step,
    evaluatedStep: 0,
    probedStep: 0,
    numTokens: 12,
    memory: { 'bco_pair/sum': 0.5 },
    round: 1,
    window: [],
    watch: { best: { step: 2, loss: 0.5 }, staleEvaluations: 1, firstLoss: 0.7, explodedSteps: 0 },
    specHash: 's',
    dataHash: 'd',
    modelHash: 'm',
    lora: { rank: 2, alpha: 4, modules: ['a'] },
  },
  weights,
  optimizer: [tensor('adam_m/w', [0.1, 0.2, 0.3])],
  reference: [],
});
const last = (count: number): KeepRule => ({ last: count, step: null });
const failing = (code: string): TensorToWrite => ({
  name: 'late',
  shape: [1],
  read: () => {
    throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
  },
});

describe('checkpoints', () => {
  it('come back as they were written', async () => {
    const runDir = temporaryFolder();
    const { path, bytes } = await writeCheckpoint(runDir, content(3), last(2));
    const { state } = await readCheckpoint(path);
    expect(state).toMatchObject({
      step: 3,
      memory: { 'bco_pair/sum': 0.5 },
      round: 1,
      watch: { best: { step: 2, loss: 0.5 }, staleEvaluations: 1 },
      numTokens: 12,
      lora: { rank: 2, alpha: 4, modules: ['a'] },
    });
    expect([...(await (await openSafetensors(join(path, 'weights.safetensors'))).get('w')!.read())]).toEqual([1, 2, 3]);
    expect(bytes).toBe(readdirSync(path).reduce((sum, name) => sum + readFileSync(join(path, name)).length, 0));
  });

  it('of a run whose loss is no number any more can be read again, and keep fractions of kept tokens', async () => {
    const point = {
      row: 1,
      step: 3,
      split: 'train',
      chosenTokens: 9,
      rejectedTokens: 4,
      keptTokens: 6.5,
      chosenReward: NaN,
      rejectedReward: 1,
      margin: NaN,
      fullMargin: Infinity,
    } as const;
    const { state, ...rest } = content(3);
    const { path } = await writeCheckpoint(
      temporaryFolder(),
      { ...rest, state: { ...state, memory: { mean: NaN }, window: [point] } },
      last(2),
    );
    expect((await readCheckpoint(path)).state).toMatchObject({
      memory: { mean: NaN },
      window: [{ ...point, fullMargin: NaN }],
    });
  });

  it('keep the newest ones only', async () => {
    const runDir = temporaryFolder();
    for (const step of [2, 4, 10]) await writeCheckpoint(runDir, content(step), last(2));
    expect(readdirSync(join(runDir, 'checkpoints')).sort()).toEqual(['checkpoint-10', 'checkpoint-4']);
  });

  it('keep the best one beside the newest', async () => {
    const runDir = temporaryFolder();
    for (const step of [2, 4, 6, 8, 10]) await writeCheckpoint(runDir, content(step), { last: 2, step: 4 });
    expect(readdirSync(join(runDir, 'checkpoints')).sort()).toEqual(['checkpoint-10', 'checkpoint-4', 'checkpoint-8']);
    await writeCheckpoint(runDir, content(12), { last: 1, step: 12 });
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['checkpoint-12']);
  });

  it('later than the one just saved go: a run that went back to step 4 found them damaged', async () => {
    const runDir = temporaryFolder();
    for (const step of [4, 6, 8]) await writeCheckpoint(runDir, content(step), last(9));
    await writeCheckpoint(runDir, content(5), last(2));
    expect(readdirSync(join(runDir, 'checkpoints')).sort()).toEqual(['checkpoint-4', 'checkpoint-5']);
  });

  it('of version 1 are still read, with nothing watched yet', async () => {
    const runDir = temporaryFolder();
    const { path } = await writeCheckpoint(runDir, content(3), last(2));
    const file = join(path, 'state.json');
    const { watch: _watch, ...state } = (JSON.parse(readFileSync(file, 'utf8')) as { state: Record<string, unknown> })
      .state;
    writeFileSync(file, JSON.stringify({ version: 1, ...state }));
    expect((await readCheckpoint(path)).state).toMatchObject({
      step: 3,
      numTokens: 12,
      watch: { best: null, staleEvaluations: 0, firstLoss: null, explodedSteps: 0 },
    });
  });

  it.each([
    ['ENOSPC', 'no-space'],
    ['EACCES', 'no-permission'],
  ])('on %s leave nothing half-written and keep what there was', async (system, code) => {
    const runDir = temporaryFolder();
    await writeCheckpoint(runDir, content(1), last(2));
    await expect(
      writeCheckpoint(runDir, content(2, [tensor('w', [1]), failing(system)]), last(2)),
    ).rejects.toMatchObject({
      error: {
        code,
        message: expect.stringMatching(/^The checkpoint of step 2 could not be saved in .*checkpoints: /),
        details: { path: checkpointPath(runDir, 2) },
      },
    });
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['checkpoint-1']);
  });

  it('pass over damaged ones, of any kind, and say so', async () => {
    const runDir = temporaryFolder();
    for (const step of [1, 2, 3, 4, 5, 6]) await writeCheckpoint(runDir, content(step), last(9));
    const file = (step: number, name: string): string => join(runDir, 'checkpoints', `checkpoint-${step}`, name);
    const edit = (step: number, from: string, to: string): void =>
      writeFileSync(file(step, 'state.json'), readFileSync(file(step, 'state.json'), 'utf8').replace(from, to));
    edit(6, '"numTokens":12', '"numTokens":13');
    writeFileSync(file(5, 'state.json'), '{"version":2,"state"');
    edit(4, '"version":2', '"version":3');
    writeFileSync(file(3, 'weights.safetensors'), 'short');
    const bytes = readFileSync(file(2, 'optimizer.safetensors'));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file(2, 'optimizer.safetensors'), bytes);
    const problems: string[] = [];
    expect((await newestCheckpoint(runDir, (message) => problems.push(message)))!.state.step).toBe(1);
    expect(problems.map((p) => p.split(' ')[0])).toEqual([
      'checkpoint-6',
      'checkpoint-5',
      'checkpoint-4',
      'checkpoint-3',
      'checkpoint-2',
    ]);
    const said = (step: number, why: string): string =>
      `checkpoint-${step} cannot be used (${why}); trying an older one.`;
    const damaged = 'is damaged: its content does not have the hash it was saved with';
    expect([problems[0], problems[2], problems[3], problems[4]]).toEqual([
      said(6, `state.json ${damaged}`),
      said(4, 'state.json has version 3, which this version of the app does not read'),
      said(3, `weights.safetensors has 5 bytes, should have ${readFileSync(file(1, 'weights.safetensors')).length}`),
      said(2, `optimizer.safetensors ${damaged}`),
    ]);
  });

  it('of a killed process are swept away', async () => {
    const runDir = temporaryFolder();
    await writeCheckpoint(runDir, content(1), last(2));
    const half = join(runDir, 'checkpoints', 'checkpoint-2.tmp-999');
    mkdirSync(half);
    writeFileSync(join(half, 'weights.safetensors'), 'a part');
    mkdirSync(join(runDir, 'checkpoints', 'checkpoint-3.tmp-mine'));
    await sweepUnfinished(runDir);
    expect(readdirSync(join(runDir, 'checkpoints'))).toEqual(['checkpoint-1', 'checkpoint-3.tmp-mine']);
    await sweepUnfinished(temporaryFolder()); // nothing was ever saved there
    expect(await folderBytes(checkpointPath(runDir, 1))).toBe(
      readdirSync(checkpointPath(runDir, 1)).reduce(
        (sum, name) => sum + readFileSync(join(checkpointPath(runDir, 1), name)).length,
        0,
      ),
    );
    await removeCheckpoints(runDir);
    await removeCheckpoints(runDir);
    expect(readdirSync(runDir)).toEqual([]);
    expect(await newestCheckpoint(temporaryFolder(), () => undefined)).toBeNull();
  });
});
