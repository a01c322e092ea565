import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../../src-main/store';
import { anyRun, temporaryFolder } from '../../support/runs';

const root = path.join(import.meta.dirname, '../../../..');
const folder = temporaryFolder();
const script = path.join(folder, 'writer.cjs');

/**
 * A process that opens the home's database, which may not be there yet, and writes as a run does: reports, its own
 * record, probes, checkpoints.
 */
const writer = `import { openStore } from ${JSON.stringify(path.join(root, 'src-main/store/index.ts'))};
import { anyRun } from ${JSON.stringify(path.join(root, 'test/unit/support/runs.ts'))};
const [file, name, reports] = process.argv.slice(2);
const store = openStore(file);
const run = anyRun({ id: name });
store.runs.insert(run);
for (let step = 1; step <= Number(reports); step++) {
  store.write(() => {
    store.runData.addMetrics(run.id, step, { loss: step, other: 1 }, [], null);
    store.runs.update(run.id, { progress: { ...store.runs.get(run.id).progress, step } });
  });
  store.runData.addProbe(run.id, { step, prompt: 0, promptText: 'p', text: 't', tokens: 1, finish: 'eos' });
  if (step % 20 === 0) store.durably(() => store.write(() => store.runData.addCheckpoint(run.id, step, '/c', 1, step)));
  store.runs.list('nothing');
}
store.close();`;

const write = (file: string, name: string, reports: number): Promise<string> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [script, file, name, String(reports)], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (text: Buffer) => (words += text.toString()));
    child.on('close', (code) => resolve(code === 0 ? 'done' : `exit code ${code}: ${words}`));
  });

beforeAll(() =>
  build({
    stdin: { contents: writer, loader: 'ts', resolveDir: root },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['better-sqlite3'],
    logLevel: 'error',
  }),
);

describe('several processes on one home', () => {
  it('make and migrate its database at the same moment, and each writes all it has', async () => {
    const file = path.join(folder, 'sampo.sqlite');
    expect(await Promise.all(['r_a', 'r_b', 'r_c'].map((name) => write(file, name, 200)))).toEqual([
      'done',
      'done',
      'done',
    ]);
    const store = openStore(file);
    for (const name of ['r_a', 'r_b', 'r_c'] as never[]) {
      expect(store.runData.raw(name, 'loss')).toHaveLength(200);
      expect(store.runData.lastSeq(name)).toBe(200);
      expect(store.runData.probes(name)).toHaveLength(200);
      expect(store.runs.get(name)?.progress.step).toBe(200);
    }
    store.close();
  });

  it('open a new home at once, again and again', async () => {
    for (let round = 0; round < 4; round++) {
      const file = path.join(folder, `new-${round}.sqlite`);
      expect(await Promise.all(['r_a', 'r_b', 'r_c', 'r_d'].map((name) => write(file, name, 1)))).toEqual([
        'done',
        'done',
        'done',
        'done',
      ]);
    }
  });

  it('take a run once only', () => {
    const file = path.join(folder, 'claim.sqlite');
    const [one, two] = [openStore(file), openStore(file)];
    const { id } = ((run) => (one.runs.insert(run), run))(anyRun({ status: 'paused' }));
    expect([one.runs.claim(id, ['paused'], '1:a'), two.runs.claim(id, ['paused'], '2:b')]).toEqual([true, false]);
    one.close();
    two.close();
  });
});
