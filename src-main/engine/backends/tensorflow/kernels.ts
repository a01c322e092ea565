import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonFile } from './allocator';

const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

/**
 * Names of the kernels of native/kernels.cc, which set-up compiles on Linux; loading them registers them with
 * TensorFlow. Empty where there are none or `SAMPO_KERNELS` is `none`: then TensorFlow's own ops do the work, in more
 * passes over memory.
 */
export function loadKernels(environment: Record<string, string | undefined> = process.env): ReadonlySet<string> {
  const file = addonFile('sampo_kernels.node');
  if (environment['SAMPO_KERNELS'] === 'none' || !existsSync(file)) return new Set();
  addon = nodeRequire(file) as Addon;
  return new Set(addon.names);
}

interface Addon {
  readonly names: readonly string[];
  limit(threads: number): void;
}
let addon: Addon | undefined;

/** How many threads may share the work of one kernel from now on, in the whole process. */
export const limitKernelThreads = (threads: number): void => addon?.limit(threads);
