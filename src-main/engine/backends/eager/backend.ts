import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';

export type EagerBackend = 'wasm' | 'cpu';

const here = typeof __dirname === 'string' ? __dirname : import.meta.dirname;

/**
 * Starts a tfjs backend in this process. The wasm binaries lie beside the bundle, or in the npm package when the code
 * runs unbundled.
 */
export async function startBackend(backend: EagerBackend): Promise<void> {
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  else {
    const { setWasmPaths, setThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
    const bundled = path.join(here, 'wasm');
    const folder = existsSync(bundled)
      ? bundled
      : path.dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
    setWasmPaths(`${folder}${path.sep}`);
    setThreadsCount(1); // Node has no threads for it
  }
  if (!(await tf.setBackend(backend))) throw new Error(`the ${backend} backend of tfjs does not start`);
  await tf.ready();
}
