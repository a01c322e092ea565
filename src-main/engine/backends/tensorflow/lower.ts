import { flowInputs, liveNodes } from '../../graph/live';
import * as ops from '../../graph/ops';
import { updateValues } from '../../graph/program';
import { isOf } from '../../graph/scope';
import { elementCount } from '../../graph/shapes';
import type {
  DType,
  Entry,
  GraphFunction,
  Node,
  Program,
  TensorType,
  Update,
  Value,
  Variable,
} from '../../graph/types';
import { entryFor } from '../op-table';
import { Emitter, nodeName } from './emitter';
import { lowerings } from './ops';
import type { Attr, FunctionDef, NodeDef } from './proto';

/** Where a session finds an entry in the graph: names to feed and to fetch. */
export interface EntryNames {
  readonly feeds: Readonly<Record<string, string>>;
  readonly fetches: Readonly<Record<string, string>>;
  /** A scalar that is there once all updates are done; null: the entry has none. */
  readonly done: string | null;
}

export interface VariableNames {
  /** What `assigned` gives the variable: zeros, unless it is fed. */
  readonly initial: string;
  readonly assigned: string;
  readonly value: string;
}

export interface LoweredProgram {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  readonly entries: Readonly<Record<string, EntryNames>>;
  readonly variables: Readonly<Record<string, VariableNames>>;
}

/** `kernels`: which functions have one of that name in this process (kernels.ts). */
export function lowerProgram(program: Program, kernels: ReadonlySet<string>): LoweredProgram {
  const lowering = new Lowering(kernels);
  const variables = Object.fromEntries(program.variables.map((v, i) => [v.name, lowering.variable(v, `v${i}/`)]));
  const entries = Object.fromEntries(program.entries.map((entry, i) => [entry.name, lowering.entry(entry, `e${i}/`)]));
  return { nodes: [...lowering.common.nodes, ...lowering.nodes], functions: lowering.functions, entries, variables };
}

interface VariableNodes {
  readonly handle: string;
  readonly read: string;
}

class Lowering {
  readonly nodes: NodeDef[] = [];
  readonly functions: FunctionDef[] = [];
  readonly common = new Emitter('c/', false);
  private readonly functionNames = new Map<GraphFunction, string>();
  private readonly variables = new Map<Variable, VariableNodes>();
  private readonly zeroFills = new Map<string, string>();
  private unsetFlag: string | undefined;

  constructor(private readonly kernels: ReadonlySet<string>) {}

  /**
   * The variable's handle, and nodes to set it, zero it and read it. Each costs every first call of the session a
   * little (it passes over the whole graph, and full training of 30 layers has 1,000 variables), so zeros are made once
   * a shape, reads are shared by all entries, and one assignment serves `set` and `zero`.
   */
  variable(variable: Variable, prefix: string): VariableNames {
    const e = new Emitter(prefix, false);
    const dtype = { type: variable.dtype } as const;
    const handle = e.node('VarHandleOp', [], {
      dtype,
      shape: { shape: variable.shape },
      shared_name: { text: variable.name },
    });
    const read = e.node('ReadVariableOp', [handle], { dtype });
    this.variables.set(variable, { handle, read });
    // halves travel as bytes: the binding knows no such type
    const half = variable.dtype === 'bf16' || variable.dtype === 'f16';
    const type = half ? ({ dtype: 'u8', shape: [...variable.shape, 2] } as const) : variable;
    const zeros = this.zeros(type);
    const initial = e.node('PlaceholderWithDefault', [zeros], {
      dtype: { type: type.dtype },
      shape: { shape: type.shape },
    });
    const given = half ? e.node('Bitcast', [initial], { T: { type: 'u8' }, type: dtype }) : initial;
    // A copy of its own: the binding lends JavaScript's memory to feeds, and a variable that kept it would give it back
    // from a thread of the library, where Node-API is not allowed.
    const own = e.node('DeepCopy', [given], { T: dtype });
    const assigned = this.done(e, [nodeName(e.node('AssignVariableOp', [handle, own], { dtype }))]);
    const value = half ? halvesAsInts(e, read, variable) : fetchable(e, read, variable.dtype);
    for (const node of e.nodes) this.nodes.push(node);
    return { initial, assigned, value };
  }

  entry(entry: Entry, prefix: string): EntryNames {
    const e = new Emitter(prefix, false);
    const references = new Map<Value, string>();
    const roots = [...Object.values(entry.outputs), ...entry.updates.flatMap(updateValues)];
    for (const value of Object.values(entry.inputs))
      references.set(value, e.node('Placeholder', [], { dtype: { type: value.dtype }, shape: { shape: value.shape } }));
    // what the next update of a variable waits for: its read, then the updates listed earlier
    const before = new Map<Variable, string>();
    for (const node of liveNodes(roots)) {
      if (isOf(node, ops.read)) {
        const { variable } = node.attrs;
        const { read } = this.nodesOf(variable);
        references.set(node.outputs[0]!, read);
        before.set(variable, `^${nodeName(read)}`);
      } else if (!isOf(node, ops.input)) this.emit(e, node, references);
    }
    const updates = entry.updates.map((update) => {
      const changed = update.kind === 'adam' ? [update.variable, update.m, update.v] : [update.variable];
      const name = this.update(
        e,
        update,
        references,
        changed.flatMap((variable) => before.get(variable) ?? []),
      );
      for (const variable of changed) before.set(variable, `^${name}`);
      return name;
    });
    const fetches = Object.fromEntries(
      Object.entries(entry.outputs).map(([name, value]) => [
        name,
        fetchable(e, e.node('Identity', [references.get(value)!], { T: { type: value.dtype } }), value.dtype),
      ]),
    );
    const feeds = Object.fromEntries(
      Object.entries(entry.inputs).map(([name, value]) => [name, references.get(value)!]),
    );
    const names: EntryNames = { feeds, fetches, done: updates.length > 0 ? this.done(e, updates) : null };
    for (const node of e.nodes) this.nodes.push(node);
    return names;
  }

  /**
   * Zeros of one type, a buffer that all variables of this shape share until they are written. The scalar is a 0 that
   * TensorFlow cannot know before it runs (whether a variable that nobody sets has been set): grappler would otherwise
   * compute all these zeros at the first call only to drop them (5 s for 135 M).
   */
  private zeros({ dtype, shape }: TensorType): string {
    const key = `${dtype}[${shape.join()}]`;
    const known = this.zeroFills.get(key);
    if (known) return known;
    const { common } = this;
    const scalar =
      this.zeroFills.get(dtype) ??
      common.node('Cast', [(this.unsetFlag ??= this.makeUnsetFlag())], {
        SrcT: { type: 'bool' },
        DstT: { type: dtype },
      });
    this.zeroFills.set(dtype, scalar);
    const made = common.node('Fill', [common.ints(shape), scalar], { T: { type: dtype }, index_type: { type: 'i32' } });
    this.zeroFills.set(key, made);
    return made;
  }

  private makeUnsetFlag(): string {
    const handle = this.common.node('VarHandleOp', [], {
      dtype: { type: 'f32' },
      shape: { shape: [] },
      shared_name: { text: 'never set' },
    });
    return this.common.node('VarIsInitializedOp', [handle]);
  }

  private nodesOf(variable: Variable): VariableNodes {
    const nodes = this.variables.get(variable);
    if (!nodes) throw new Error(`variable ${variable.name} is not part of the program`);
    return nodes;
  }

  /** A scalar that is there once `updates` are done. */
  private done(e: Emitter, updates: readonly string[]): string {
    return e.node('Identity', [this.common.int(1), ...updates.map((u) => `^${u}`)], { T: { type: 'i32' } });
  }

  /** Returns the name of the update's last node. */
  private update(e: Emitter, update: Update, references: ReadonlyMap<Value, string>, order: readonly string[]): string {
    const ref = (value: Value): string => references.get(value)!;
    const dtype = { dtype: { type: update.variable.dtype } } as const;
    const { handle } = this.nodesOf(update.variable);
    if (update.kind === 'assign')
      return nodeName(e.node('AssignVariableOp', [handle, ref(update.value), ...order], dtype));
    if (update.kind === 'assign-add')
      return nodeName(e.node('AssignAddVariableOp', [handle, ref(update.value), ...order], dtype));
    if (update.kind === 'add-row') {
      const indices = e.node('Reshape', [ref(update.row), this.common.ints([1])], {
        T: { type: 'i32' },
        Tshape: { type: 'i32' },
      });
      const row = e.node('Reshape', [ref(update.value), this.common.ints([1, ...update.value.shape])], {
        T: { type: update.value.dtype },
        Tshape: { type: 'i32' },
      });
      return nodeName(
        e.node('ResourceScatterAdd', [handle, indices, row, ...order], { ...dtype, Tindices: { type: 'i32' } }),
      );
    }
    const type = { T: { type: 'f32' } } as const;
    const current = e.node('ReadVariableOp', [handle, ...order], dtype);
    const decayed = e.node('AssignVariableOp', [handle, e.node('Mul', [current, ref(update.decay)], type)], dtype);
    // TensorFlow's own bias correction is switched off by powers of 0: the caller has folded it into rate and epsilon
    const zero = e.constant('f32', [], Float32Array.of(0));
    const state = [update.variable, update.m, update.v].map((v) => this.nodesOf(v).handle);
    const inputs = [
      ...state,
      zero,
      zero,
      ...[update.rate, update.beta1, update.beta2, update.epsilon, update.gradient].map(ref),
    ];
    return nodeName(e.node('ResourceApplyAdam', [...inputs, `^${nodeName(decayed)}`, ...order], type));
  }

  private emit(e: Emitter, node: Node, references: Map<Value, string>): void {
    const inputs = flowInputs(node).map((x) => references.get(x)!);
    if (isOf(node, ops.call)) {
      const { fn } = node.attrs;
      if (fn.kernel !== undefined) return this.emitFused(e, node, fn, fn.kernel, inputs, references);
      const types = (values: readonly Value[]): Attr => ({ types: values.map((v) => v.dtype) });
      const reference = e.node('PartitionedCall', inputs, {
        Tin: types(fn.parameters),
        Tout: types(fn.results),
        f: { func: this.functionName(fn) },
      });
      node.outputs.forEach((y, i) => references.set(y, e.output(nodeName(reference), 'PartitionedCall', i)));
      return;
    }
    const results = [entryFor(lowerings, node)(e, inputs, node)].flat();
    node.outputs.forEach((y, i) => references.set(y, results[i]!));
  }

  /** One op where there is a kernel, else the body in its place. */
  private emitFused(
    e: Emitter,
    node: Node,
    fn: GraphFunction,
    kernel: string,
    inputs: readonly string[],
    references: Map<Value, string>,
  ): void {
    if (this.kernels.has(kernel)) {
      const made = e.kernel(kernel, inputs, node.outputs.length);
      node.outputs.forEach((y, i) => references.set(y, made[i]!));
      return;
    }
    const inner = new Map<Value, string>(fn.parameters.map((p, i) => [p, inputs[i]!]));
    for (const inside of liveNodes(fn.results)) if (!isOf(inside, ops.parameter)) this.emit(e, inside, inner);
    node.outputs.forEach((y, i) => references.set(y, inner.get(fn.results[i]!)!));
  }

  private functionName(fn: GraphFunction): string {
    const known = this.functionNames.get(fn);
    if (known) return known;
    const name = `f${this.functionNames.size}_${fn.name.replace(/[^A-Za-z0-9_]/g, '_')}`;
    this.functionNames.set(fn, name);
    const e = new Emitter('', true);
    const references = new Map<Value, string>(fn.parameters.map((p, i) => [p, `a${i}`]));
    for (const node of liveNodes(fn.results)) if (!isOf(node, ops.parameter)) this.emit(e, node, references);
    const outputs = fn.results.map((value) => ({
      dtype: value.dtype,
      from: e.node('Identity', [references.get(value)!], { T: { type: value.dtype } }),
    }));
    this.functions.push({ name, inputs: fn.parameters.map((p) => p.dtype), outputs, nodes: e.nodes });
    return name;
  }
}

/** The binding cannot fetch bytes: they come as i32 (session.ts turns them back). */
const fetchable = (e: Emitter, reference: string, dtype: DType): string =>
  dtype === 'u8' ? e.node('Cast', [reference], { SrcT: { type: 'u8' }, DstT: { type: 'i32' } }) : reference;

/** Nor half-floats: two of them make one i32, with a zero at the end of an odd number. */
function halvesAsInts(e: Emitter, reference: string, { dtype, shape }: TensorType): string {
  const T = { type: dtype } as const;
  const reshape = (x: string, to: readonly number[]): string =>
    e.node('Reshape', [x, e.ints(to)], { T, Tshape: { type: 'i32' } });
  const size = elementCount(shape);
  const flat = reshape(reference, [size]);
  const even =
    size % 2 === 0
      ? flat
      : e.node('Pad', [flat, e.constant('i32', [1, 2], Int32Array.of(0, 1))], { T, Tpaddings: { type: 'i32' } });
  return e.node('Bitcast', [reshape(even, [Math.ceil(size / 2), 2])], { T, type: { type: 'i32' } });
}
