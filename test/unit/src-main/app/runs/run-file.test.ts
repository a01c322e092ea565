import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLostRuns, writeRunFile } from '../../../../../src-main/app/runs/run-file';
import type { RunId } from '../../../../../src-main/shared/ids';
import { runStatuses } from '../../../../../src-main/shared/runs/run-status';
import { noProgress } from '../../../../../src-main/store/runs';
import { anyRun, temporaryFolder } from '../../../support/runs';

const run = anyRun({ name: 'mine', createdAt: 5, status: 'running', progress: { ...noProgress, totalSteps: 9 } });
const nobody = (): boolean => false;
const isPosix = process.platform !== 'win32';
/** A checkpoint with files of these sizes, saved so many seconds after 1970. */
function checkpoint(folder: string, name: string, sizes: readonly number[], seconds = 1): void {
  const inside = path.join(folder, 'checkpoints', name);
  mkdirSync(inside, { recursive: true });
  sizes.forEach((size, i) => writeFileSync(path.join(inside, `f${i}`), 'x'.repeat(size)));
  utimesSync(inside, seconds, seconds);
}

describe('run.json', () => {
  it('is written whole for its owner alone, and says what a run was', () => {
    const runs = temporaryFolder();
    const folder = path.join(runs, 'r_00001');
    writeRunFile(folder, { ...run, name: 'before' });
    writeRunFile(folder, run);
    expect(readdirSync(folder)).toEqual(['run.json']);
    if (isPosix)
      expect([folder, path.join(folder, 'run.json')].map((file) => statSync(file).mode & 0o777)).toEqual([
        0o700, 0o600,
      ]);
    const { name, modelName, datasetName, createdAt, status, spec } = run;
    expect(findLostRuns(runs, nobody)).toEqual([
      {
        id: 'r_00001',
        folder,
        checkpoint: null,
        known: { name, modelName, datasetName, createdAt, status, spec, totalSteps: 9 },
      },
    ]);
  });

  it.each(runStatuses)('may say that the run was %s', (status) => {
    const runs = temporaryFolder();
    writeRunFile(path.join(runs, 'r_00001'), { ...run, status });
    expect(findLostRuns(runs, nobody)[0]!.known?.status).toBe(status);
  });

  const whole = {
    version: 1,
    id: 'r_00001',
    name: 'n',
    modelName: 'm',
    datasetName: 'd',
    createdAt: 1,
    status: 'paused',
    totalSteps: 2,
    spec: run.spec,
  };
  it.each<readonly [string, object]>([
    ['of another version', { version: 2 }],
    ...Object.keys(whole).map((key) => [`without ${key}`, { [key]: undefined }] as const),
    ['of a status that is none', { status: 'asleep' }],
    ['with a spec that is none', { spec: { version: 1 } }],
  ])('%s is as none', (_what, change) => {
    const runs = temporaryFolder();
    for (const [id, content] of [
      ['r_00001', { ...whole, ...change }],
      ['r_00002', whole],
    ] as const) {
      mkdirSync(path.join(runs, id));
      writeFileSync(path.join(runs, id, 'run.json'), JSON.stringify(content));
    }
    expect(findLostRuns(runs, nobody).map(({ id }) => id)).toEqual(['r_00002']);
  });
});

describe('folders of lost runs', () => {
  it('have names as runs have, and are not known', () => {
    const runs = temporaryFolder();
    for (const name of ['r_0123', 'r_abcdef0123', 'r_123', 'r_00g0', 'xr_0123', 'r_0123x', 'r_aaaa'])
      checkpoint(path.join(runs, name), 'checkpoint-1', []);
    writeFileSync(path.join(runs, 'r_ffff'), 'a file');
    expect(
      findLostRuns(runs, (id) => id === 'r_aaaa')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['r_0123', 'r_abcdef0123']);
    expect(findLostRuns(path.join(runs, 'nowhere'), nobody)).toEqual([]);
  });

  it('have their newest checkpoint by number, with its bytes and time; other names are none', () => {
    const runs = temporaryFolder();
    const folder = path.join(runs, 'r_0123');
    for (const [name, sizes] of [
      ['checkpoint-9', [1]],
      ['checkpoint-10', [20, 300]],
      ['checkpoint-2', [1]],
      ['checkpoint-99x', [1]],
      ['xcheckpoint-99', [1]],
      ['checkpoint-', [1]],
    ] as const)
      checkpoint(folder, name, sizes, 7);
    const found = path.join(folder, 'checkpoints', 'checkpoint-10');
    expect(findLostRuns(runs, nobody)).toEqual([
      { id: 'r_0123', folder, checkpoint: { step: 10, path: found, bytes: 320, savedAt: 7000 }, known: null },
    ]);
  });

  it('with nothing of a run in them are none', () => {
    const runs = temporaryFolder();
    mkdirSync(path.join(runs, 'r_0001'));
    mkdirSync(path.join(runs, 'r_0002', 'checkpoints'), { recursive: true });
    expect(findLostRuns(runs, nobody)).toEqual([]);
  });

  it('come newest first: when they were made, or saved where nothing says that', () => {
    const runs = temporaryFolder();
    for (const [id, createdAt] of [
      ['r_0001', 2000],
      ['r_0002', 9000],
      ['r_0003', 4000],
    ] as const)
      writeRunFile(path.join(runs, id), { ...run, id: id as RunId, createdAt });
    checkpoint(path.join(runs, 'r_0001'), 'checkpoint-1', [], 100); // what it says of itself counts
    checkpoint(path.join(runs, 'r_0004'), 'checkpoint-1', [], 3);
    checkpoint(path.join(runs, 'r_0005'), 'checkpoint-1', [], 5);
    expect(findLostRuns(runs, nobody).map(({ id }) => id)).toEqual(['r_0002', 'r_0005', 'r_0003', 'r_0004', 'r_0001']);
  });
});
