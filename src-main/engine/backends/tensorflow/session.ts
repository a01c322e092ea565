import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runInTurn } from '../../graph/run-in-turn';
import { elementCount } from '../../graph/shapes';
import type {
  Call,
  Compile,
  DType,
  Entry,
  Feeds,
  HostArray,
  Program,
  Results,
  Session,
  TensorType,
  Value,
  Variable,
} from '../../graph/types';
import { loadBinding } from './binding';
import { loadKernels } from './kernels';
import { lowerProgram, type LoweredProgram } from './lower';
import { dataTypes, encodeSavedModel } from './proto';
import { lanesRunner, packageRunner, type GraphCall, type Runner } from './runner';

/**
 * The TensorFlow lowering: the whole program becomes one SavedModel in a temporary folder, which is gone once it is
 * loaded.
 */
export const compileTensorflow: Compile = (program) => {
  const binding = loadBinding();
  const onGpu = binding.isUsingGpuDevice();
  const lowered = lowerProgram(program, onGpu ? new Set() : loadKernels());
  const folder = mkdtempSync(path.join(tmpdir(), 'sampo-graph-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(lowered.nodes, lowered.functions));
    const inLanes = program.lanes > 1 && !onGpu ? lanesRunner(folder, program.lanes) : null;
    return Promise.resolve(new TensorflowSession(inLanes ?? packageRunner(binding, folder), program, lowered));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Weights wait on the host until this much has come together. */
const batchBytes = 128 << 20;

/** How often a run of lanes looks whether somebody wants it to end. */
const lookEveryMs = 100;

interface PreparedCall {
  readonly call: GraphCall;
  read(results: readonly HostArray[]): Results;
}

class TensorflowSession implements Session {
  readonly backend = 'tensorflow';
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly unset: Set<string>;
  private readonly pending = new Map<
    string,
    { readonly feed: string; readonly dtype: DType; readonly shape: readonly number[]; readonly data: HostArray }
  >();
  private disposed = false;

  constructor(
    private readonly runner: Runner,
    program: Program,
    private readonly names: LoweredProgram,
  ) {
    this.variables = new Map(program.variables.map((v) => [v.name, v]));
    this.entries = new Map(program.entries.map((e) => [e.name, e]));
    this.unset = new Set(this.variables.keys());
  }

  setVariable(name: string, data: HostArray): void {
    const variable = this.variable(name);
    const half = variable.dtype === 'bf16' || variable.dtype === 'f16';
    const shape = half ? [...variable.shape, 2] : variable.shape;
    const dtype = half ? 'u8' : variable.dtype;
    checkFeed(`variable ${name}`, data, dtype, shape);
    this.pending.set(name, { feed: this.names.variables[name]!.initial, dtype, shape, data });
    this.unset.delete(name);
    // a call with new feeds costs a pass over the whole graph (0.2 s for 30 layers): weights go in together
    const bytes = [...this.pending.values()].reduce((total, p) => total + p.data.byteLength, 0);
    if (bytes >= batchBytes) this.assign([]);
  }

  getVariable(name: string): HostArray {
    return this.getVariables([name])[name]!;
  }

  getVariables(names: readonly string[]): Readonly<Record<string, HostArray>> {
    for (const name of names) this.variable(name);
    this.settle();
    const values = this.call(
      [],
      names.map((name) => this.names.variables[name]!.value),
    );
    return Object.fromEntries(names.map((name, i) => [name, fromFetched(this.variable(name), values[i]!)]));
  }

  run(entry: string, feeds: Feeds, fetch?: readonly string[]): Results {
    const call = this.prepared({ entry, feeds, fetch });
    this.settle();
    return call.read(this.runner.run(call.call));
  }

  async runLanes(
    lanes: readonly (readonly Call[])[],
    interrupted: () => Promise<boolean>,
  ): Promise<readonly (readonly Results[])[] | null> {
    const { runner } = this;
    if (!runner.runLanes) return runInTurn(this, lanes, interrupted);
    const calls = lanes.map((lane) => lane.map((call) => this.prepared(call)));
    this.settle();
    const stop = new Int32Array(1);
    const look = async (): Promise<void> => {
      if (await interrupted()) stop[0] = 1;
    };
    const timer = setInterval(() => void look(), lookEveryMs);
    try {
      const results = await runner.runLanes(
        calls.map((lane) => lane.map(({ call }) => call)),
        stop,
      );
      await look();
      return results === null || stop[0] !== 0
        ? null
        : calls.map((lane, i) => lane.map(({ read }, k) => read(results[i]![k]!)));
    } finally {
      clearInterval(timer);
    }
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.runner.dispose();
  }

  /** Checked whole before anything is run: a failed call of the package's binding leaks its feeds. */
  private prepared({ entry: name, feeds, fetch }: Call): PreparedCall {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`the program has no entry ${name}`);
    const names = this.names.entries[name]!;
    for (const given of Object.keys(feeds))
      if (!entry.inputs[given]) throw new Error(`entry ${name} takes no feed ${given}`);
    const inputs = Object.entries(entry.inputs).map(([feed, value]: [string, Value]) => {
      const data = feeds[feed];
      if (!data) throw new Error(`entry ${name} needs feed ${feed}`);
      checkFeed(`feed ${feed} of ${name}`, data, value.dtype, value.shape);
      return [names.feeds[feed]!, dataTypes[value.dtype], value.shape, data] as const;
    });
    const wanted = fetch ?? Object.keys(entry.outputs);
    for (const output of wanted) if (!names.fetches[output]) throw new Error(`entry ${name} has no output ${output}`);
    return {
      call: [inputs, [...wanted.map((output) => names.fetches[output]!), ...(names.done ? [names.done] : [])]],
      read: (results) =>
        Object.fromEntries(wanted.map((output, i) => [output, fromFetched(entry.outputs[output]!, results[i]!)])),
    };
  }

  private variable(name: string): Variable {
    return this.variables.get(name) ?? fatal(`the program has no variable ${name}`);
  }

  /** Gives every variable its value: what was set since the last call, and zeros where nothing ever was. */
  private settle(): void {
    const unset = [...this.unset];
    this.unset.clear();
    this.assign(unset);
  }

  /** Assigns what waits on the host, and zeros to the variables in `zeros`, in one call. */
  private assign(zeros: readonly string[]): void {
    const names = [...this.pending.keys(), ...zeros];
    if (names.length === 0) return;
    const feeds = [...this.pending.values()].map((p) => [p.feed, p.dtype, p.shape, p.data] as const);
    this.pending.clear();
    this.call(
      feeds,
      names.map((name) => this.names.variables[name]!.assigned),
    );
  }

  private call(
    feeds: readonly (readonly [string, DType, readonly number[], HostArray])[],
    fetches: readonly string[],
  ): readonly HostArray[] {
    return this.runner.run([
      feeds.map(([name, dtype, shape, data]) => [name, dataTypes[dtype], shape, data] as const),
      fetches,
    ]);
  }
}

function checkFeed(what: string, data: HostArray, dtype: DType, shape: readonly number[]): void {
  const fits =
    dtype === 'f32'
      ? data instanceof Float32Array
      : dtype === 'i32'
        ? data instanceof Int32Array
        : data instanceof Uint8Array;
  if (!fits) throw new Error(`${what} must be ${dtype}`);
  if (data.length !== elementCount(shape))
    throw new Error(`${what} has ${data.length} numbers, not the ${elementCount(shape)} of [${shape.join(', ')}]`);
}

/** Undoes what lower.ts does to types that the binding cannot fetch. */
function fromFetched({ dtype, shape }: TensorType, data: HostArray): HostArray {
  if (dtype === 'u8') return Uint8Array.from(data);
  if (dtype === 'bf16' || dtype === 'f16') return new Uint8Array(data.buffer, data.byteOffset, 2 * elementCount(shape));
  return data;
}

const fatal = (message: string): never => {
  throw new Error(message);
};
