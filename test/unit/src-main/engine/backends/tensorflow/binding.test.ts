import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadBinding } from '../../../../../../src-main/engine/backends/tensorflow/binding';

const threads = (): readonly string[] => readdirSync('/proc/self/task');
const allowed = (thread: string): string =>
  /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))![1]!;

describe.runIf(process.platform === 'linux')('the library', () => {
  it('is loaded once, and its threads stay on one processor each', () => {
    const before = new Set(threads());
    const binding = loadBinding();
    const made = threads().filter((thread) => !before.has(thread));
    expect(loadBinding()).toBe(binding);
    expect(made.length).toBeGreaterThan(0);
    expect(made.map(allowed).filter((list) => !/^\d+$/.test(list))).toEqual([]);
  });
  it('is told that each session has threads of its own, unless somebody says otherwise', () => {
    loadBinding();
    expect(process.env['TF_OVERRIDE_GLOBAL_THREADPOOL']).toBe('1');
  });
});
