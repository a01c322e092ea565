import { availableParallelism } from 'node:os';
import { AppFailure, appError, messageOf } from '../../shared/result';
import type { Compile, Halves } from '../graph/types';
import type { EngineChoice } from '../protocol';
import type { EngineInfo } from '../../shared/ipc/engine-events';
import { compileEager } from './eager/session';
import { gpuPrecision, nativeHalves } from './tensorflow/device';
import { loadBinding } from './tensorflow/binding';
import { lanesFile } from './tensorflow/runner';
import { compileTensorflow } from './tensorflow/session';

export interface Engine {
  readonly compile: Compile;
  readonly info: EngineInfo;
  /** Stored formats that layers multiply as such; others are widened to float32 first. */
  readonly halves: ReadonlySet<Halves>;
}

/**
 * Processors that calls at once can share out among themselves; 1: calls run one at a time. `lanes`: the addon that
 * runs them, null where there is none.
 */
export const processorsForLanes = (onTensorflowCpu: boolean, lanes: string | null = lanesFile()): number =>
  onTensorflowCpu && lanes !== null ? availableParallelism() : 1;

export const usesGpu = ({ devices }: EngineInfo): boolean => devices.some((device) => device.startsWith('GPU'));

const cores = (): string => `CPU · ${availableParallelism()} cores`;

/**
 * The engine of this process. `auto` takes TensorFlow where it loads, else wasm, else plain JavaScript, and says why.
 * Asking for TensorFlow alone throws where it does not load.
 */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  let reason: string | null = choice === 'auto' || choice === 'tensorflow' ? null : 'Chosen in the settings.';
  if (reason === null) {
    try {
      const binding = loadBinding();
      const onGpu = binding.isUsingGpuDevice();
      // the binding does not tell the card's name
      const devices = onGpu ? [`GPU · CUDA · ${gpuPrecision()}`, cores()] : [cores()];
      return {
        compile: compileTensorflow,
        halves: nativeHalves(onGpu),
        info: { backend: 'tensorflow', library: `TensorFlow ${binding.TF_Version}`, devices, reason: null },
      };
    } catch (thrown) {
      const why = `TensorFlow does not load: ${messageOf(thrown).split('\n')[0]}.`;
      if (choice === 'tensorflow')
        throw new AppFailure(
          appError('missing-on-machine', why, 'Run npm run setup again, or choose another engine.'),
          { cause: thrown },
        );
      reason = `${why} Run npm run setup again.`;
    }
  }
  if (choice !== 'cpu') {
    try {
      return {
        compile: await compileEager('wasm'),
        halves: new Set(),
        info: { backend: 'wasm', library: 'tfjs 4.22.0 (wasm)', devices: ['CPU · 1 thread'], reason },
      };
    } catch (thrown) {
      reason = `${reason} WebAssembly does not start: ${messageOf(thrown)}`;
    }
  }
  return {
    compile: await compileEager('cpu'),
    halves: new Set(),
    info: { backend: 'cpu', library: 'tfjs 4.22.0 (JavaScript)', devices: ['CPU · 1 thread'], reason },
  };
}
