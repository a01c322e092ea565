import { createRequire } from 'node:module';
import { addonFile, useHeap } from './allocator';
import { spreadingThreads } from './threads';

/** The parts of @tensorflow/tfjs-node-gpu's native binding that we call. Everything is synchronous and throws Error. */
export interface Binding {
  createTensor(shape: readonly number[], dtype: number, data: ArrayBufferView): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(dir: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(
    model: number,
    inputIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): readonly { readonly id: number; readonly dtype: number; readonly shape: readonly number[] }[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_Version: string;
}

const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);
let loaded: Binding | undefined;

/** Loads libtensorflow (once a process). Throws where it cannot be had; the caller decides what to do then. */
export function loadBinding(): Binding {
  if (loaded) return loaded;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  // each session its own threads: those of a session with lanes are fewer (runner.ts)
  process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ??= '1';
  useHeap();
  // the addon itself: the package's own entry also loads all of tfjs, of which nothing is used here
  loaded = spreadingThreads(() => nodeRequire(addonFile('tfjs_binding.node')) as Binding);
  return loaded;
}

/** google-protobuf messages that the npm package was generated with; only what proto.ts uses. */
export interface Message {
  serializeBinary(): Uint8Array;
}
type Settable = { [setter: string]: (value: never) => unknown };
export type ProtoMessage = Message & Settable;
export type ProtoNamespace = { readonly [name: string]: new () => ProtoMessage };

export const loadProto = (): ProtoNamespace =>
  nodeRequire('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as ProtoNamespace;
