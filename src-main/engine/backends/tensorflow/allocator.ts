import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

/** Where an addon of ours lies, or would: beside the package's own. */
export const addonFile = (name: string): string =>
  path.join(path.dirname(nodeRequire.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'lib', 'napi-v8', name);

/**
 * native/heap.cc, which set-up compiles and puts beside the package's own addon on Linux; null where the library's
 * allocator serves.
 */
export function heapFile(environment: Record<string, string | undefined> = process.env): string | null {
  if (environment['SAMPO_HEAP'] === 'none') return null;
  const file = addonFile('sampo_heap.node');
  return existsSync(file) ? file : null;
}

/**
 * Gives TensorFlow our heap; to be called before the library is loaded, which takes the best allocator that it knows
 * then. Without a heap it must not take oneDNN's pool, which ends an Electron process once it has grown to a gibibyte:
 * the system's allocator serves, at two thirds of the speed (RESULTS.md, "Allocators").
 */
export function useHeap(
  file: string | null = heapFile(),
  environment: Record<string, string | undefined> = process.env,
): void {
  if (file !== null) nodeRequire(file);
  else environment['TF_ONEDNN_USE_SYSTEM_ALLOCATOR'] ??= '1';
}

/**
 * The largest tensor that there is memory for in one piece. A weight comes as a JavaScript array, which Electron allots
 * up to 2 MiB below 2 GiB (tried on Electron 33); without our heap the library asks Electron's malloc, which rounds
 * aligned requests up to a power of two and ends the process at 2 GiB.
 */
export const mostTensorBytes = (heap: string | null = heapFile()): number =>
  heap === null ? 2 ** 30 : 2 ** 31 - 2 ** 21;
