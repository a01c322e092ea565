import * as tf from '@tensorflow/tfjs-core';
import { flowInputs, liveNodes } from '../../graph/live';
import * as ops from '../../graph/ops';
import { updateValues } from '../../graph/program';
import { isOf } from '../../graph/scope';
import { elementCount } from '../../graph/shapes';
import { runInTurn } from '../../graph/run-in-turn';
import type {
  Call,
  Compile,
  Entry,
  Feeds,
  GraphFunction,
  HostArray,
  Node,
  Program,
  Results,
  Session,
  Update,
  Value,
  Variable,
} from '../../graph/types';
import { entryFor } from '../op-table';
import { startBackend, type EagerBackend } from './backend';
import { kernels } from './kernels';

/**
 * The eager lowering: the IR op by op on tfjs-core. Slower than TensorFlow, but it runs everywhere, and tests hold the
 * two against each other.
 */
export async function compileEager(backend: EagerBackend): Promise<Compile> {
  await startBackend(backend);
  return (program) => Promise.resolve(new EagerSession(backend, program));
}

/** Nodes in order, with the values that nobody needs after each of them. */
interface Plan {
  readonly nodes: readonly Node[];
  readonly free: readonly (readonly Value[])[];
}

function planOf(roots: readonly Value[]): Plan {
  const nodes = liveNodes(roots);
  const lastUse = new Map<Value, number>();
  nodes.forEach((node, i) => {
    for (const y of node.outputs) lastUse.set(y, i);
    for (const x of flowInputs(node)) lastUse.set(x, i);
  });
  for (const root of roots) lastUse.delete(root);
  const free: Value[][] = nodes.map(() => []);
  for (const [value, i] of lastUse) free[i]!.push(value);
  return { nodes, free };
}

class EagerSession implements Session {
  private readonly state = new Map<string, tf.Tensor>();
  private readonly variables: ReadonlyMap<string, Variable>;
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly plans = new Map<Entry | GraphFunction, Plan>();

  constructor(
    readonly backend: EagerBackend,
    program: Program,
  ) {
    this.variables = new Map(program.variables.map((v) => [v.name, v]));
    this.entries = new Map(program.entries.map((e) => [e.name, e]));
  }

  setVariable(name: string, data: HostArray): void {
    const { dtype, shape } = this.variable(name);
    if (dtype !== 'f32' && dtype !== 'i32')
      throw new Error(`variable ${name} is ${dtype}; the eager engine keeps f32 and i32`);
    if (data.length !== elementCount(shape))
      throw new Error(
        `variable ${name} has ${data.length} numbers, not the ${elementCount(shape)} of [${shape.join(', ')}]`,
      );
    this.store(name, tf.tensor(data.slice() as Float32Array, [...shape], dtype === 'f32' ? 'float32' : 'int32'));
  }

  getVariable(name: string): HostArray {
    return this.current(this.variable(name)).dataSync().slice() as HostArray;
  }

  getVariables(names: readonly string[]): Readonly<Record<string, HostArray>> {
    return Object.fromEntries(names.map((name) => [name, this.getVariable(name)]));
  }

  run(name: string, feeds: Feeds, fetch?: readonly string[]): Results {
    const entry = this.entries.get(name);
    if (!entry) throw new Error(`the program has no entry ${name}`);
    for (const given of Object.keys(feeds))
      if (!entry.inputs[given]) throw new Error(`entry ${name} takes no feed ${given}`);
    const wanted = fetch ?? Object.keys(entry.outputs);
    for (const output of wanted) if (!entry.outputs[output]) throw new Error(`entry ${name} has no output ${output}`);
    const roots = [...Object.values(entry.outputs), ...entry.updates.flatMap(updateValues)];
    const values = new Map<Value, tf.Tensor>();
    for (const [feed, value] of Object.entries(entry.inputs))
      values.set(value, this.feed(name, feed, value, feeds[feed]));
    this.execute(this.plan(entry, roots), values);
    const results = Object.fromEntries(
      wanted.map((output) => [output, values.get(entry.outputs[output]!)!.dataSync().slice() as HostArray]),
    );
    for (const update of entry.updates) this.update(update, values);
    for (const tensor of new Set(values.values())) tensor.dispose();
    return results;
  }

  runLanes(
    lanes: readonly (readonly Call[])[],
    interrupted: () => Promise<boolean>,
  ): Promise<readonly (readonly Results[])[] | null> {
    return runInTurn(this, lanes, interrupted);
  }

  dispose(): void {
    for (const tensor of this.state.values()) tensor.dispose();
    this.state.clear();
  }

  private feed(entry: string, feed: string, value: Value, data: HostArray | undefined): tf.Tensor {
    if (!data) throw new Error(`entry ${entry} needs feed ${feed}`);
    if (data.length !== elementCount(value.shape))
      throw new Error(
        `feed ${feed} of ${entry} has ${data.length} numbers, not the ${elementCount(value.shape)} of ` +
          `[${value.shape.join(', ')}]`,
      );
    return tf.tensor(
      data.slice() as Float32Array,
      [...value.shape],
      value.dtype === 'f32' ? 'float32' : value.dtype === 'bool' ? 'bool' : 'int32',
    );
  }

  private plan(key: Entry | GraphFunction, roots: readonly Value[]): Plan {
    const known = this.plans.get(key) ?? planOf(roots);
    this.plans.set(key, known);
    return known;
  }

  /** Fills `values` for the plan's nodes, and frees each value after its last use. */
  private execute({ nodes, free }: Plan, values: Map<Value, tf.Tensor>): void {
    nodes.forEach((node, i) => {
      this.evaluate(node, values);
      for (const value of free[i]!) {
        values.get(value)?.dispose();
        values.delete(value);
      }
    });
  }

  private evaluate(node: Node, values: Map<Value, tf.Tensor>): void {
    if (isOf(node, ops.input) || isOf(node, ops.parameter)) return;
    if (isOf(node, ops.read)) {
      values.set(node.outputs[0]!, tf.clone(this.current(node.attrs.variable)));
      return;
    }
    const inputs = flowInputs(node).map((x) => values.get(x)!);
    if (isOf(node, ops.call)) {
      const { fn } = node.attrs;
      const inner = new Map<Value, tf.Tensor>(fn.parameters.map((p, i) => [p, tf.clone(inputs[i]!)]));
      this.execute(this.plan(fn, fn.results), inner);
      node.outputs.forEach((y, i) => values.set(y, tf.clone(inner.get(fn.results[i]!)!)));
      for (const tensor of new Set(inner.values())) tensor.dispose();
      return;
    }
    const kernel = entryFor(kernels, node);
    const results = [tf.tidy(() => kernel(inputs, node))].flat();
    node.outputs.forEach((y, i) => values.set(y, results[i]!));
  }

  private update(update: Update, values: ReadonlyMap<Value, tf.Tensor>): void {
    const value = (v: Value): tf.Tensor => values.get(v)!;
    const { name } = update.variable;
    if (update.kind === 'assign') this.store(name, tf.clone(value(update.value)));
    else if (update.kind === 'assign-add') this.store(name, tf.add(this.current(update.variable), value(update.value)));
    else if (update.kind === 'add-row') {
      const { shape } = update.variable;
      const current = this.current(update.variable);
      const next = tf.tidy(() => {
        const isRow = tf.cast(tf.equal(tf.range(0, shape[0]!, 1, 'int32'), value(update.row)), 'float32');
        return tf.add(
          current,
          tf.mul(
            tf.reshape(isRow, [shape[0]!, ...update.value.shape.map(() => 1)]),
            tf.expandDims(value(update.value), 0),
          ),
        );
      });
      this.store(name, next);
    } else {
      const [beta1, beta2, gradient] = [value(update.beta1), value(update.beta2), value(update.gradient)];
      const moment = (variable: Variable, beta: tf.Tensor, fresh: tf.Tensor): tf.Tensor =>
        tf.add(tf.mul(beta, this.current(variable)), tf.mul(tf.sub(1, beta), fresh));
      const [m, v, next] = tf.tidy(() => {
        const first = moment(update.m, beta1, gradient);
        const second = moment(update.v, beta2, tf.square(gradient));
        const step = tf.div(tf.mul(value(update.rate), first), tf.add(tf.sqrt(second), value(update.epsilon)));
        return [first, second, tf.sub(tf.mul(this.current(update.variable), value(update.decay)), step)] as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
      });
      this.store(update.m.name, m);
      this.store(update.v.name, v);
      this.store(name, next);
    }
  }

  private variable(name: string): Variable {
    const variable = this.variables.get(name);
    if (!variable) throw new Error(`the program has no variable ${name}`);
    return variable;
  }

  /** Unset variables are zeros. */
  private current({ name, shape, dtype }: Variable): tf.Tensor {
    const known = this.state.get(name) ?? tf.zeros([...shape], dtype === 'i32' ? 'int32' : 'float32');
    this.state.set(name, known);
    return known;
  }

  private store(name: string, tensor: tf.Tensor): void {
    this.state.get(name)?.dispose();
    this.state.set(name, tf.keep(tensor));
  }
}
