import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { history, historyDifferences, type History } from '../support/history.mjs';
import { AppUnderTest } from './support/app';
import { enginePid, isRunning, parentOf, sampo, starter, temporaryFolder, utilityPid, writeSpec } from './support/cli';

// Main, the engine or both die in mid-run: the engine never outlives its parent by two seconds, and the resumed run has
// the whole history. test/bench/kills.mjs does it many times.

const work = temporaryFolder();
const spec = {
  model: { path: starter.model },
  dataset: { path: starter.pairs, limit: 60 },
  method: { id: 'sampo' },
  adapter: { kind: 'none' },
  training: {
    maxSteps: 14,
    pairsPerStep: 4,
    learningRate: 5e-5,
    maxLength: 256,
    checkpointEvery: 3,
    evalEvery: 5,
    keepCheckpoints: 2,
  },
  probes: { everySteps: 5, maxNewTokens: 8 },
};
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function msUntilGone(pid: number): Promise<number> {
  const from = performance.now();
  await expect.poll(() => isRunning(pid), { interval: 20 }).toBe(false);
  return performance.now() - from;
}

const checkpointIn = (home: string, step: number): boolean => {
  const runs = path.join(home, 'runs');
  return (
    existsSync(runs) &&
    readdirSync(runs).some((run) => existsSync(path.join(runs, run, 'checkpoints', `checkpoint-${step}`)))
  );
};

describe.runIf(process.platform === 'linux')('a run whose processes are killed', () => {
  let whole: History;
  let file = '';
  beforeAll(async () => {
    file = writeSpec(work, spec);
    const home = path.join(work, 'whole');
    const done = await sampo(home, ['train', '--spec', file]);
    expect(done.code, done.stderr).toBe(0);
    whole = await history(home);
    expect(whole.tables.metrics.length).toBeGreaterThan(500);
  });

  it('the command alone: what it started ends with it', async () => {
    let killing: Promise<readonly number[]> | null = null;
    await sampo(path.join(work, 'command'), ['train', '--spec', file], (line, child) => {
      if (killing || !line.includes('"step":2')) return;
      const engine = enginePid(child.pid!)!;
      const main = parentOf(engine);
      expect(main).not.toBe(child.pid);
      child.kill('SIGKILL');
      killing = Promise.all([msUntilGone(main), msUntilGone(engine)]);
    });
    for (const ms of await killing!) expect(ms).toBeLessThan(2000);
  });

  it.each(['main', 'engine', 'both'] as const)(
    '%s: after it is resumed its history is the whole one, row for row',
    async (who) => {
      const home = path.join(work, who);
      let killing: Promise<number> | null = null;
      await sampo(home, ['train', '--spec', file], (line, child) => {
        if (killing || !line.includes('"step":4')) return;
        const engine = enginePid(child.pid!)!;
        const main = parentOf(engine);
        killing = (async () => {
          // so that the engine reports, and saves, what main never stores
          if (who !== 'engine') process.kill(main, 'SIGSTOP');
          await expect.poll(() => checkpointIn(home, 9), { interval: 20 }).toBe(true);
          for (const pid of who === 'main' ? [main] : who === 'engine' ? [engine] : [main, engine])
            process.kill(pid, 'SIGKILL');
          return msUntilGone(engine);
        })();
      });
      expect(await killing!).toBeLessThan(2000);
      const resumed = await sampo(home, ['train', '--resume', 'last']);
      expect(resumed.code, resumed.stdout + resumed.stderr).toBe(0);
      const healed = await history(home);
      expect(healed).toMatchObject({ status: 'finished', step: 14 });
      expect(historyDifferences(whole, healed)).toEqual([]);
    },
  );

  it('in the window: its engine ends with it, and the command line goes on with the run', async () => {
    const app = await AppUnderTest.start();
    const [id] = await app.ask<string[]>('runs:sample', undefined);
    await expect
      .poll(async () => (await app.ask<{ run: { progress: { step: number } } }>('runs:get', { id })).run.progress.step)
      .toBeGreaterThan(2);
    const main = app.app.process().pid!;
    const engine = utilityPid(main)!;
    expect(engine).not.toBeNull();
    process.kill(main, 'SIGKILL');
    expect(await msUntilGone(engine)).toBeLessThan(2000);
    await pause(100);
    const shown = (await sampo(app.home, ['runs', 'show', id!])).json<{
      run: { status: string; progress: { step: number } };
      metrics: Record<string, [number, number][]>;
    }>();
    expect(shown.run.status).toBe('interrupted');
    expect(shown.metrics.loss!.map(([step]) => step)).toEqual(
      Array.from({ length: shown.run.progress.step }, (_, n) => n + 1),
    );
  });
});
