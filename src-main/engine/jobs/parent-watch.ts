import { Worker } from 'node:worker_threads';

/**
 * Ends this process when its parent is gone, whatever its main thread does: a call of TensorFlow's or a pattern that
 * never ends keeps it from hearing of a closed channel. Nothing is lost by it: reports are in the run's journal, and
 * checkpoints are whole or not there. The parent's number may be given, since Electron's utility processes need not be
 * children of the one that asked for them. Resolves when the watch has begun: a process that ends while its worker is
 * being set up prints Electron's complaint about that.
 */
export function watchParent(given: number = Number(process.argv[2])): Promise<void> {
  const parent = Number.isInteger(given) && given > 0 ? given : process.ppid;
  const worker = new Worker(watcher, { eval: true, workerData: { parent, everyMs: 250 } });
  worker.unref();
  return new Promise((resolve) => worker.once('online', resolve));
}

// As text, because the engine is one file. A dead parent that nobody looks after still has a number, but no children.
const watcher = `
const { workerData: { parent, everyMs } } = require('node:worker_threads');
const first = process.ppid;
const isGone = () => {
  if (process.ppid !== first) return true;
  try { process.kill(parent, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
};
setInterval(() => { if (isGone()) process.kill(process.pid, 'SIGKILL'); }, everyMs);
`;
