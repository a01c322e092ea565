import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/runs';

const root = join(import.meta.dirname, '../../../../..');
const folder = temporaryFolder();

/** An engine whose main thread is as busy as it can be once it has said that it is there. */
const busy = (
  work: string,
): string => `import { watchParent } from ${JSON.stringify(join(root, 'src-main/engine/jobs/parent-watch.ts'))};
watchParent();
process.send(process.pid, () => { ${work} });`;
const works = {
  'in a loop that never ends': 'for (;;);',
  'in a pattern that never ends': `/^(a+)+$/.test('a'.repeat(60) + 'b');`,
  'in a native call': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
  'waiting for files and timers': 'setInterval(() => undefined, 1000);',
};
const parent = `const child = require('node:child_process').fork(process.argv[2], process.argv[3] === 'told' ? [String(process.pid)] : [], { detached: true });
child.on('message', (pid) => console.log(pid)); child.on('exit', () => process.exit()); setInterval(() => undefined, 1000);`;

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // ended, but not yet looked after
    return process.platform !== 'linux' || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'parent.cjs'), parent);
  for (const [n, work] of Object.values(works).entries())
    await build({
      stdin: { contents: busy(work), loader: 'ts', resolveDir: root },
      outfile: join(folder, `busy-${n}.cjs`),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
});

describe.skipIf(process.platform === 'win32')('an engine whose parent is killed', () => {
  it.each(
    Object.keys(works).flatMap(
      (work, n) =>
        [
          [work, 'told', n],
          [work, 'found', n],
        ] as const,
    ),
  )('ends within two seconds, %s (parent %s)', async (_work, how, n) => {
    const child = spawn(process.execPath, [join(folder, 'parent.cjs'), join(folder, `busy-${n}.cjs`), how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const engine = await new Promise<number>((resolve) =>
      child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString()))),
    );
    await new Promise((resolve) => setTimeout(resolve, 600)); // deep in its work, and the watch has looked before
    expect(isThere(engine)).toBe(true);
    child.kill('SIGKILL');
    const killed = performance.now();
    await expect.poll(() => isThere(engine), { interval: 20 }).toBe(false);
    expect(performance.now() - killed).toBeLessThan(2000);
  });
});
