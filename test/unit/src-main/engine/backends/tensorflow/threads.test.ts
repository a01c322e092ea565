import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { spreadingThreads } from '../../../../../../src-main/engine/backends/tensorflow/threads';

const workers: Worker[] = [];
afterEach(async () => void (await Promise.all(workers.splice(0).map((worker) => worker.terminate()))));

const threads = (): readonly string[] => readdirSync('/proc/self/task').sort((a, b) => Number(a) - Number(b));
const allowed = (thread: string): string =>
  /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))![1]!;

/** Makes three threads, and says where they and those before them may run. */
function spread(environment: Record<string, string>): {
  readonly old: readonly string[];
  readonly made: readonly string[];
} {
  const before = threads();
  const [old, made] = spreadingThreads(() => {
    for (let i = 0; i < 3; i++) workers.push(new Worker('setTimeout(() => undefined, 60_000)', { eval: true }));
    return [before, threads().filter((thread) => !before.includes(thread))] as const;
  }, environment);
  return { old: old.filter((thread) => threads().includes(thread)).map(allowed), made: made.map(allowed) };
}

describe.runIf(process.platform === 'linux')('threads that a library makes', () => {
  it('stay on one processor each, in turn; the others are left alone', () => {
    const everywhere = allowed(threads()[0]!);
    const { old, made } = spread({});
    expect(made).toHaveLength(3);
    expect(made.every((list) => /^\d+$/.test(list))).toBe(true);
    expect(new Set(made).size).toBe(Math.min(3, availableParallelism()));
    expect(old.filter((list) => list === everywhere).length).toBeGreaterThan(0);
  });

  it('are left alone where somebody says so', () => {
    const everywhere = allowed(threads()[0]!);
    expect(spread({ SAMPO_PIN: 'none' }).made).toEqual([everywhere, everywhere, everywhere]);
  });
});
