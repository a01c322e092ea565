import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { lostRuns, recoverRuns } from '../../../../../src-main/app/runs/lost-runs';
import { openServices, type Services } from '../../../../../src-main/app/services';
import { dropStored } from '../../../../../src-main/app/runs/run-journal';
import type { EngineEvent } from '../../../../../src-main/shared/ipc/engine-events';
import { Journal } from '../../../../../src-main/engine/train/report/journal';
import { anySpec, temporaryFolder } from '../../../support/runs';

const noEngine = (): never => {
  throw new Error('no engine here');
};
const names = { model: 'Tiny', dataset: 'Pairs' };
let open: Services | null = null;
const services = (home: string): Services => (open = openServices(home, noEngine));
afterEach(() => {
  open?.close();
  open = null;
});
function checkpoint(folder: string, step: number): void {
  const inside = path.join(folder, 'checkpoints', `checkpoint-${step}`);
  mkdirSync(inside, { recursive: true });
  writeFileSync(path.join(inside, 'weights.safetensors'), 'x'.repeat(step));
}

describe('run folders without a history', () => {
  it('are found, and listed again as what they were', () => {
    const home = temporaryFolder();
    const first = services(home);
    const [kept, done] = [first.runs.create(anySpec({ name: 'mine' }), names), first.runs.create(anySpec(), names)];
    first.runs.rename(kept, 'called so later');
    first.runs.stop(done);
    for (const step of [4, 12, 8]) checkpoint(first.runs.runDir(kept), step);
    const before = first.runs.get(kept);
    first.close();
    rmSync(path.join(home, 'sampo.sqlite'));
    const again = services(home);
    expect(
      lostRuns(again)
        .map((run) => [run.id, run.checkpoint?.step ?? null, run.known?.name])
        .sort(),
    ).toEqual(
      [
        [kept, 12, 'called so later'],
        [done, null, 'sampo on Pairs'],
      ].sort(),
    );
    expect(recoverRuns(again).left).toEqual([]);
    const run = again.runs.get(kept);
    expect(run).toMatchObject({
      name: 'called so later',
      status: 'interrupted',
      spec: before.spec,
      modelName: 'Tiny',
      datasetName: 'Pairs',
      createdAt: before.createdAt,
      progress: { step: 12 },
    });
    expect(run.checkpointPath).toBe(path.join(again.runs.runDir(kept), 'checkpoints', 'checkpoint-12'));
    expect(run.problems[0]).toMatch(/history that held it was lost/);
    expect(again.runs.get(done).status).toBe('stopped');
    expect(lostRuns(again)).toEqual([]);
  });

  it('get back what their journal still holds, and no word of damage about what it let go', async () => {
    const home = temporaryFolder();
    const first = services(home);
    const id = first.runs.create(anySpec(), names);
    const folder = first.runs.runDir(id);
    const metrics = (step: number): EngineEvent => ({
      kind: 'metrics',
      step,
      epoch: 0.5,
      values: { loss: 1 / step },
      pairs: [],
      profile: null,
    });
    const journal = await Journal.open(folder, false, 0);
    for (const event of [
      metrics(1),
      { kind: 'checkpoint', step: 1, path: 'gone', bytes: 1, best: null } as const,
      metrics(2),
      metrics(3),
    ])
      journal.note(event);
    journal.close();
    dropStored(folder, 2);
    checkpoint(folder, 1);
    first.close();
    rmSync(path.join(home, 'sampo.sqlite'));
    const again = services(home);
    const [run] = recoverRuns(again).added;
    expect(run).toMatchObject({ id, status: 'interrupted', reported: 4, progress: { step: 3 } });
    expect(run!.problems.join()).not.toMatch(/damaged/);
    const { loss } = again.store.runData.series(id, ['loss'], null, null, 10);
    expect(loss?.map(({ step, value }) => [step, value])).toEqual([
      [2, 0.5],
      [3, 1 / 3],
    ]);
  });

  it('that do not say what was trained are named and left alone; other folders are none', () => {
    const home = temporaryFolder();
    const now = services(home);
    const old = path.join(home, 'runs', 'r_0123456789');
    checkpoint(old, 5);
    mkdirSync(path.join(home, 'runs', 'r_00000000ff')); // nothing in it
    mkdirSync(path.join(home, 'runs', 'notes', 'checkpoints', 'checkpoint-1'), { recursive: true });
    const broken = path.join(home, 'runs', 'r_abcdefabcd');
    checkpoint(broken, 7);
    writeFileSync(path.join(broken, 'run.json'), '{"version": 1, "spec": {}');
    expect(recoverRuns(now)).toMatchObject({
      added: [],
      left: expect.arrayContaining([
        expect.objectContaining({ folder: old }),
        expect.objectContaining({ folder: broken }),
      ]) as unknown,
    });
    expect(lostRuns(now)).toHaveLength(2);
    expect(now.store.runs.list()).toEqual([]);
  });

  it('hold no more than what the history says of a run', () => {
    const now = services(temporaryFolder());
    const id = now.runs.create(anySpec(), names);
    expect(
      Object.keys(JSON.parse(readFileSync(path.join(now.runs.runDir(id), 'run.json'), 'utf8')) as object).sort(),
    ).toEqual(['createdAt', 'datasetName', 'id', 'modelName', 'name', 'spec', 'status', 'totalSteps', 'version']);
  });
});
