import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonFile } from './allocator';

const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

const threadIds = (): readonly number[] =>
  readdirSync('/proc/self/task')
    .map(Number)
    .sort((a, b) => a - b); // in the order of their making

/**
 * Runs `load`, and keeps each thread that it makes on one processor, the next one for each (native/threads.cc, on
 * Linux). TensorFlow's pools have a thread for every processor, made one after the other, that wait for each other at
 * the end of every product; left alone, Linux puts two of them on one processor while another stands idle (RESULTS.md,
 * "Threads"). `SAMPO_PIN=none` leaves them alone.
 */
export function spreadingThreads<T>(load: () => T, environment: Record<string, string | undefined> = process.env): T {
  const file = addonFile('sampo_threads.node');
  if (environment['SAMPO_PIN'] === 'none' || !existsSync(file)) return load();
  const { pin } = nodeRequire(file) as { pin(thread: number, index: number): boolean };
  const before = new Set(threadIds());
  const loaded = load();
  threadIds()
    .filter((thread) => !before.has(thread))
    .forEach((thread, i) => pin(thread, i));
  return loaded;
}
