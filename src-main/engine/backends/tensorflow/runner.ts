import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { AppFailure, appError, messageOf } from '../../../shared/result';
import type { HostArray, Shape } from '../../graph/types';
import { addonFile } from './allocator';
import type { Binding } from './binding';
import { limitKernelThreads } from './kernels';
import { spreadingThreads } from './threads';

/**
 * A run of one entry as the graph names things: [node to feed, TensorFlow's number of the type, shape, values], and the
 * nodes to fetch.
 */
export type GraphCall = readonly [
  feeds: readonly (readonly [string, number, Shape, HostArray])[],
  fetches: readonly string[],
];

/** A saved model that can be run. Errors are AppFailure('engine-failed'). */
export interface Runner {
  run(call: GraphCall): readonly HostArray[];
  /**
   * The calls of each lane one after the other, the lanes at once; null where `stop[0]` became other than 0 first. Not
   * there: one call at a time.
   */
  readonly runLanes?: (
    lanes: readonly (readonly GraphCall[])[],
    stop: Int32Array,
  ) => Promise<readonly (readonly (readonly HostArray[])[])[] | null>;
  dispose(): void;
}

/** By the package's binding: one call at a time, on all processors. */
export function packageRunner(binding: Binding, folder: string): Runner {
  const model = failing('load the training graph', () =>
    spreadingThreads(() => binding.loadSavedModel(folder, 'serve')),
  );
  return {
    run: ([feeds, fetches]) => {
      limitKernelThreads(availableParallelism());
      const inputs: number[] = [];
      const outputs: number[] = [];
      try {
        for (const [, type, shape, data] of feeds) inputs.push(binding.createTensor([...shape], type, data));
        const results = failing('run a step', () =>
          binding.runSavedModel(model, inputs, feeds.map(([name]) => name).join(','), fetches.join(',')),
        );
        for (const { id } of results) outputs.push(id);
        return outputs.map((id) => binding.tensorDataSync(id));
      } finally {
        for (const id of [...inputs, ...outputs]) binding.deleteTensor(id);
      }
    },
    dispose: () => binding.deleteSavedModel(model),
  };
}

interface LanesAddon {
  load(folder: string, config: Uint8Array): object;
  release(model: object): void;
  run(model: object, call: GraphCall): readonly HostArray[];
  runLanes(
    model: object,
    lanes: readonly (readonly GraphCall[])[],
    stop: Int32Array,
  ): Promise<readonly (readonly (readonly HostArray[])[])[] | null>;
}

const nodeRequire = createRequire(typeof __filename === 'string' ? __filename : import.meta.url);

/**
 * native/lanes.cc, which set-up compiles on Linux; null where calls run one at a time: there is none, or
 * `SAMPO_LANES=none` says so.
 */
export function lanesFile(
  environment: Record<string, string | undefined> = process.env,
  file: string = addonFile('sampo_lanes.node'),
): string | null {
  return environment['SAMPO_LANES'] !== 'none' && existsSync(file) ? file : null;
}

/**
 * By native/lanes.cc: `lanes` calls at once, each on its share of the processors. One call on two processors waits at
 * the end of every product; calls that do not wait for each other are an eighth to a fifth faster (RESULTS.md,
 * "Lanes"). Null where there is no such addon.
 */
export function lanesRunner(folder: string, lanes: number): Runner | null {
  const file = lanesFile();
  if (file === null) return null;
  const addon = nodeRequire(file) as LanesAddon;
  const threads = Math.max(1, Math.floor(availableParallelism() / lanes));
  const model = failing('load the training graph', () => addon.load(folder, Uint8Array.of(intraOpThreads, threads)));
  const prepared = (): object => {
    limitKernelThreads(threads);
    return model;
  };
  return {
    run: (call) => failing('run a step', () => addon.run(prepared(), call)),
    runLanes: (calls, stop) =>
      failing('run a step', () => addon.runLanes(prepared(), calls, stop)).catch((thrown: unknown) =>
        failed('run a step', thrown),
      ),
    dispose: () => addon.release(model),
  };
}

/** Tag of ConfigProto.intra_op_parallelism_threads, a varint. */
const intraOpThreads = 2 << 3;

function failing<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    return failed(what, thrown);
  }
}

/** A library failure ends the process's job: it may have left memory behind. */
function failed(what: string, thrown: unknown): never {
  const reason = messageOf(thrown);
  const memory = /resource exhausted|out of memory|OOM|alloc/i.test(reason);
  const hint = memory
    ? 'Use a smaller max length, fewer pairs a call (microBatchPairs: 1) or a smaller model.'
    : 'Try again; if it happens again, copy the details into a report.';
  throw new AppFailure(
    appError('engine-failed', `TensorFlow could not ${what}: ${reason.slice(0, 500)}`, hint, { memory }),
    { cause: thrown },
  );
}
