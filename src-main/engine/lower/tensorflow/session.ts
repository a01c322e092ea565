import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppFailure, appError } from '../../../shared/result';
import { sizeOf } from '../../graph/shapes';
import type { Compile, DType, Entry, Feeds, HostArray, Program, Session, TensorType, Value, Variable } from '../../graph/types';
import { loadBinding, type Binding } from './binding';
import { loadKernels } from './kernels';
import { lowerProgram, type LoweredProgram } from './lower';
import { dataTypes, encodeSavedModel } from './proto';

/** The TensorFlow lowering: the whole program becomes one SavedModel in a temporary folder, which is gone once it is loaded. */
export const compileTensorflow: Compile = (program) => {
  const binding = loadBinding();
  const lowered = lowerProgram(program, binding.isUsingGpuDevice() ? new Set() : loadKernels());
  const folder = mkdtempSync(path.join(tmpdir(), 'sampo-graph-'));
  try {
    writeFileSync(path.join(folder, 'saved_model.pb'), encodeSavedModel(lowered.nodes, lowered.functions));
    const model = failing('load the training graph', () => binding.loadSavedModel(folder, 'serve'));
    return Promise.resolve(new TensorflowSession(binding, model, program, lowered));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Weights wait on the host until this much has come together. */
const batchBytes = 128 << 20;

class TensorflowSession implements Session {
  readonly backend = 'tensorflow';
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly unset: Set<string>;
  private readonly pending = new Map<string, { readonly feed: string; readonly dtype: DType; readonly shape: readonly number[]; readonly data: HostArray }>();
  private disposed = false;

  constructor(
    private readonly binding: Binding,
    private readonly model: number,
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
    const values = this.call([], names.map((name) => this.names.variables[name]!.value));
    return Object.fromEntries(names.map((name, i) => [name, fromFetched(this.variable(name), values[i]!)]));
  }

  run(name: string, feeds: Feeds, fetch?: readonly string[]): Readonly<Record<string, HostArray>> {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`the program has no entry ${name}`);
    const names = this.names.entries[name]!;
    for (const given of Object.keys(feeds)) if (!entry.inputs[given]) throw new Error(`entry ${name} takes no feed ${given}`);
    // a failed call leaks its feeds: everything is checked before it
    const inputs = Object.entries(entry.inputs).map(([feed, value]: [string, Value]) => {
      const data = feeds[feed];
      if (!data) throw new Error(`entry ${name} needs feed ${feed}`);
      checkFeed(`feed ${feed} of ${name}`, data, value.dtype, value.shape);
      return [names.feeds[feed]!, value.dtype, value.shape, data] as const;
    });
    const wanted = fetch ?? Object.keys(entry.outputs);
    for (const output of wanted) if (!names.fetches[output]) throw new Error(`entry ${name} has no output ${output}`);
    this.settle();
    const results = this.call(inputs, [...wanted.map((output) => names.fetches[output]!), ...(names.done ? [names.done] : [])]);
    return Object.fromEntries(wanted.map((output, i) => [output, fromFetched(entry.outputs[output]!, results[i]!)]));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.binding.deleteSavedModel(this.model);
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
    this.call(feeds, names.map((name) => this.names.variables[name]!.assigned));
  }

  private call(feeds: readonly (readonly [string, DType, readonly number[], HostArray])[], fetches: readonly string[]): readonly HostArray[] {
    const { binding } = this;
    const inputs: number[] = [];
    const outputs: number[] = [];
    try {
      for (const [, dtype, shape, data] of feeds) inputs.push(binding.createTensor([...shape], dataTypes[dtype], data));
      const results = failing('run a step', () => binding.runSavedModel(this.model, inputs, feeds.map(([name]) => name).join(','), fetches.join(',')));
      for (const { id } of results) outputs.push(id);
      return outputs.map((id) => binding.tensorDataSync(id));
    } finally {
      for (const id of [...inputs, ...outputs]) binding.deleteTensor(id);
    }
  }
}

function checkFeed(what: string, data: HostArray, dtype: DType, shape: readonly number[]): void {
  const fits = dtype === 'f32' ? data instanceof Float32Array : dtype === 'i32' ? data instanceof Int32Array : data instanceof Uint8Array;
  if (!fits) throw new Error(`${what} must be ${dtype}`);
  if (data.length !== sizeOf(shape)) throw new Error(`${what} has ${data.length} numbers, not the ${sizeOf(shape)} of [${shape.join(', ')}]`);
}

/** Undoes what lower.ts does to types that the binding cannot fetch. */
function fromFetched({ dtype, shape }: TensorType, data: HostArray): HostArray {
  if (dtype === 'u8') return Uint8Array.from(data);
  if (dtype === 'bf16' || dtype === 'f16') return new Uint8Array(data.buffer, data.byteOffset, 2 * sizeOf(shape));
  return data;
}

const fatal = (message: string): never => {
  throw new Error(message);
};

/** A library failure ends the process's job: it may have left memory behind. */
function failing<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const memory = /resource exhausted|out of memory|OOM|alloc/i.test(reason);
    const hint = memory ? 'Use a smaller max length, fewer pairs a call (microBatchPairs: 1) or a smaller model.' : 'Try again; if it happens again, copy the details into a report.';
    throw new AppFailure(appError('engine-failed', `TensorFlow could not ${what}: ${reason.slice(0, 500)}`, hint, { memory }), { cause: thrown });
  }
}
