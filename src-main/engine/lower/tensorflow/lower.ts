import { flowInputs, liveNodes } from '../../graph/live';
import { updateValues } from '../../graph/program';
import type { Entry, GraphFunction, Node, Program, Update, Value, Variable } from '../../graph/types';
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
  readonly setFeed: string;
  readonly setDone: string;
  readonly zeroDone: string;
  readonly value: string;
}

export interface LoweredProgram {
  readonly nodes: readonly NodeDef[];
  readonly functions: readonly FunctionDef[];
  readonly entries: Readonly<Record<string, EntryNames>>;
  readonly variables: Readonly<Record<string, VariableNames>>;
}

export function lowerProgram(program: Program): LoweredProgram {
  const lowering = new Lowering(program.variables);
  const variables = Object.fromEntries(program.variables.map((v, i) => [v.name, lowering.variable(v, i)]));
  const entries = Object.fromEntries(program.entries.map((entry, i) => [entry.name, lowering.entry(entry, `e${i}/`)]));
  return { nodes: lowering.nodes, functions: lowering.functions, entries, variables };
}

class Lowering {
  readonly nodes: NodeDef[] = [];
  readonly functions: FunctionDef[] = [];
  private readonly functionNames = new Map<GraphFunction, string>();
  private readonly handles: ReadonlyMap<Variable, string>;

  constructor(variables: readonly Variable[]) {
    this.handles = new Map(variables.map((v, i) => [v, `v${i}/handle`]));
  }

  /** The variable's handle, and entries of its own to set it, zero it and read it. */
  variable(variable: Variable, index: number): VariableNames {
    const e = new Emitter(`v${index}/`, false);
    const dtype = { type: variable.dtype } as const;
    const handle = e.node('VarHandleOp', [], { dtype, shape: { shape: variable.shape }, shared_name: { text: variable.name } }, this.handles.get(variable)!);
    const half = variable.dtype === 'bf16' || variable.dtype === 'f16';
    // halves travel as bytes: the binding knows no such type
    const setFeed = e.node('Placeholder', [], half ? { dtype: { type: 'u8' }, shape: { shape: [...variable.shape, 2] } } : { dtype, shape: { shape: variable.shape } });
    const given = half ? e.node('Bitcast', [setFeed], { T: { type: 'u8' }, type: dtype }) : setFeed;
    const assign = (value: string): string => nodeName(e.node('AssignVariableOp', [handle, value], { dtype }));
    const setDone = done(e, [assign(given)]);
    const zeroScalar = e.node('Cast', [e.constant('f32', [], Float32Array.of(0))], { SrcT: { type: 'f32' }, DstT: dtype });
    const zero = e.node('Fill', [e.ints(variable.shape), zeroScalar], { T: dtype, index_type: { type: 'i32' } });
    const zeroDone = done(e, [assign(zero)]);
    const read = e.node('ReadVariableOp', [handle], { dtype });
    const value = half ? e.node('Bitcast', [read], { T: dtype, type: { type: 'u8' } }) : read;
    this.nodes.push(...e.nodes);
    return { setFeed, setDone, zeroDone, value };
  }

  entry(entry: Entry, prefix: string): EntryNames {
    const e = new Emitter(prefix, false);
    const references = new Map<Value, string>();
    const reads = new Map<Variable, string[]>();
    const roots = [...Object.values(entry.outputs), ...entry.updates.flatMap(updateValues)];
    for (const [, value] of Object.entries(entry.inputs)) references.set(value, e.node('Placeholder', [], { dtype: { type: value.dtype }, shape: { shape: value.shape } }));
    for (const node of liveNodes(roots)) {
      if (node.op.name === 'read') {
        const variable = node.attrs.variable as Variable;
        const reference = e.node('ReadVariableOp', [this.handle(variable)], { dtype: { type: variable.dtype } });
        references.set(node.outputs[0]!, reference);
        reads.set(variable, [...(reads.get(variable) ?? []), reference]);
      } else if (node.op.name !== 'input') this.emit(e, node, references);
    }
    const after = (variable: Variable): readonly string[] => (reads.get(variable) ?? []).map((r) => `^${nodeName(r)}`);
    const last = new Map<Variable, string>(); // updates of one variable run in the order they are listed
    const order = (variable: Variable): readonly string[] => [...after(variable), ...(last.has(variable) ? [`^${last.get(variable)!}`] : [])];
    const updates = entry.updates.map((update) => {
      const name = this.update(e, update, references, order);
      last.set(update.variable, name);
      return name;
    });
    const fetches = Object.fromEntries(Object.entries(entry.outputs).map(([name, value]) => [name, e.node('Identity', [references.get(value)!], { T: { type: value.dtype } })]));
    const names: EntryNames = {
      feeds: Object.fromEntries(Object.entries(entry.inputs).map(([name, value]) => [name, references.get(value)!])),
      fetches,
      done: updates.length > 0 ? done(e, updates) : null,
    };
    this.nodes.push(...e.nodes);
    return names;
  }

  private handle(variable: Variable): string {
    const handle = this.handles.get(variable);
    if (!handle) throw new Error(`variable ${variable.name} is not part of the program`);
    return handle;
  }

  /** Returns the name of the update's last node. */
  private update(e: Emitter, update: Update, references: ReadonlyMap<Value, string>, order: (variable: Variable) => readonly string[]): string {
    const ref = (value: Value): string => references.get(value)!;
    const dtype = { dtype: { type: update.variable.dtype } } as const;
    const handle = this.handle(update.variable);
    if (update.kind === 'assign') return nodeName(e.node('AssignVariableOp', [handle, ref(update.value), ...order(update.variable)], dtype));
    if (update.kind === 'assign-add') return nodeName(e.node('AssignAddVariableOp', [handle, ref(update.value), ...order(update.variable)], dtype));
    const type = { T: { type: 'f32' } } as const;
    const current = e.node('ReadVariableOp', [handle, ...order(update.variable)], dtype);
    const decayed = e.node('AssignVariableOp', [handle, e.node('Mul', [current, ref(update.decay)], type)], dtype);
    // TensorFlow's own bias correction is switched off by powers of 0: the caller has folded it into rate and epsilon
    const zero = e.constant('f32', [], Float32Array.of(0));
    const inputs = [handle, this.handle(update.m), this.handle(update.v), zero, zero, ref(update.rate), ref(update.beta1), ref(update.beta2), ref(update.epsilon), ref(update.gradient)];
    return nodeName(e.node('ResourceApplyAdam', [...inputs, `^${nodeName(decayed)}`, ...order(update.m), ...order(update.v)], type));
  }

  private emit(e: Emitter, node: Node, references: Map<Value, string>): void {
    const inputs = flowInputs(node).map((x) => references.get(x)!);
    if (node.op.name === 'call') {
      const fn = node.attrs.fn as GraphFunction;
      const types = (values: readonly Value[]): Attr => ({ types: values.map((v) => v.dtype) });
      const reference = e.node('PartitionedCall', inputs, { Tin: types(fn.parameters), Tout: types(fn.results), f: { func: this.functionName(fn) } });
      node.outputs.forEach((y, i) => references.set(y, e.output(nodeName(reference), 'PartitionedCall', i)));
      return;
    }
    const lower = lowerings[node.op.name];
    if (!lower) throw new Error(`op ${node.op.name} has no TensorFlow lowering`);
    references.set(node.outputs[0]!, lower(e, inputs, node));
  }

  private functionName(fn: GraphFunction): string {
    const known = this.functionNames.get(fn);
    if (known) return known;
    const name = `f${this.functionNames.size}_${fn.name.replace(/[^A-Za-z0-9_]/g, '_')}`;
    this.functionNames.set(fn, name);
    const e = new Emitter('', true);
    const references = new Map<Value, string>(fn.parameters.map((p, i) => [p, `a${i}`]));
    for (const node of liveNodes(fn.results)) if (node.op.name !== 'parameter') this.emit(e, node, references);
    const outputs = fn.results.map((value) => ({ dtype: value.dtype, from: e.node('Identity', [references.get(value)!], { T: { type: value.dtype } }) }));
    this.functions.push({ name, inputs: fn.parameters.map((p) => p.dtype), outputs, nodes: e.nodes });
    return name;
  }
}

const done = (e: Emitter, updates: readonly string[]): string => e.node('Identity', [e.constant('i32', [], Int32Array.of(1)), ...updates.map((u) => `^${u}`)], { T: { type: 'i32' } });
