import { availableParallelism } from 'node:os';
import type { Compile } from '../graph/types';
import type { EngineChoice, EngineInfo } from '../protocol';
import { compileEager } from './eager/session';
import { loadBinding } from './tensorflow/binding';
import { compileTensorflow } from './tensorflow/session';

export interface Engine {
  readonly compile: Compile;
  readonly info: EngineInfo;
}

const cores = (): string => `CPU · ${availableParallelism()} cores`;

/** The engine of this process. `auto` takes TensorFlow where it loads, else wasm, else plain JavaScript, and says why. Asking for TensorFlow alone throws where it does not load. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  let reason: string | null = choice === 'auto' || choice === 'tensorflow' ? null : 'chosen in the settings';
  if (reason === null) {
    try {
      const binding = loadBinding();
      return { compile: compileTensorflow, info: { backend: 'tensorflow', library: `TensorFlow ${binding.TF_Version}`, devices: [cores()], reason: null } };
    } catch (thrown) {
      if (choice === 'tensorflow') throw thrown;
      reason = `TensorFlow does not load: ${(thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]}`;
    }
  }
  if (choice !== 'cpu') {
    try {
      return { compile: await compileEager('wasm'), info: { backend: 'wasm', library: 'tfjs 4.22.0 (wasm)', devices: ['CPU · 1 thread'], reason } };
    } catch (thrown) {
      reason = `${reason}; wasm does not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
    }
  }
  return { compile: await compileEager('cpu'), info: { backend: 'cpu', library: 'tfjs 4.22.0 (JavaScript)', devices: ['CPU · 1 thread'], reason } };
}
