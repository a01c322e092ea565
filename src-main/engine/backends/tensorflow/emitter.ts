import type { DType, HostArray, Shape } from '../../graph/types';
import type { Attr, NodeDef } from './proto';

/** Names of the first output argument, which references inside functions spell out (`node:output:0`). */
const outputNames: Readonly<Record<string, string>> = {
  AddV2: 'z',
  Sub: 'z',
  Mul: 'z',
  RealDiv: 'z',
  Maximum: 'z',
  Minimum: 'z',
  Less: 'z',
  LessEqual: 'z',
  Equal: 'z',
  LogicalAnd: 'z',
  LogicalOr: 'z',
  Neg: 'y',
  Exp: 'y',
  Log: 'y',
  Sqrt: 'y',
  Rsqrt: 'y',
  Square: 'y',
  Abs: 'y',
  Sin: 'y',
  Cos: 'y',
  Tanh: 'y',
  Erf: 'y',
  Sigmoid: 'y',
  LogicalNot: 'y',
  Cast: 'y',
  Transpose: 'y',
  Softplus: 'activations',
  Softmax: 'softmax',
  MatMul: 'product',
  ReadVariableOp: 'value',
};

/** Collects the NodeDefs of one scope (the top graph or a function body) and knows how references are spelled there. */
export class Emitter {
  readonly nodes: NodeDef[] = [];
  private readonly constants = new Map<string, string>();
  private readonly fills = new Map<string, string>();
  private count = 0;

  constructor(
    private readonly prefix: string,
    private readonly inFunction: boolean,
  ) {}

  /** Adds a node and returns the reference to its output `index`. */
  node(
    op: string,
    inputs: readonly string[],
    attrs: Readonly<Record<string, Attr>> = {},
    name = `${this.prefix}n${this.count++}`,
  ): string {
    this.nodes.push({ name, op, inputs, attrs });
    return this.output(name, op, 0);
  }

  output(name: string, op: string, index: number): string {
    if (this.inFunction) return `${name}:${outputNames[op] ?? 'output'}:${index}`;
    return index === 0 ? name : `${name}:${index}`;
  }

  /** Adds a node of one of our kernels (native/kernels.cc) and returns the references to its outputs. */
  kernel(kernel: string, inputs: readonly string[], outputs: number): readonly string[] {
    const name = `${this.prefix}n${this.count++}`;
    this.nodes.push({ name, op: `Sampo${kernel}`, inputs, attrs: {} });
    return Array.from({ length: outputs }, (_, i) =>
      this.inFunction ? `${name}:r${i}:0` : i === 0 ? name : `${name}:${i}`,
    );
  }

  constant(dtype: DType, shape: Shape, data: HostArray): string {
    const key = `${dtype}/${shape.join()}/${data.length <= 64 ? data.join() : ''}`;
    const known = data.length <= 64 ? this.constants.get(key) : undefined;
    if (known) return known;
    const made = this.node('Const', [], { dtype: { type: dtype }, value: { tensor: { dtype, shape, data } } });
    if (data.length <= 64) this.constants.set(key, made);
    return made;
  }

  /** The same fill is made once: updates and variables copy a shared buffer before they write to it. */
  fill(dtype: DType, shape: Shape, value: number): string {
    const key = `${dtype}/${shape.join()}/${value}`;
    const known = this.fills.get(key);
    if (known) return known;
    const scalar = this.constant(
      dtype,
      [],
      dtype === 'f32' ? Float32Array.of(value) : dtype === 'i32' ? Int32Array.of(value) : Uint8Array.of(value),
    );
    const made = this.node('Fill', [this.ints(shape), scalar], { T: { type: dtype }, index_type: { type: 'i32' } });
    this.fills.set(key, made);
    return made;
  }

  ints = (values: readonly number[]): string => this.constant('i32', [values.length], Int32Array.from(values));
  int = (value: number): string => this.constant('i32', [], Int32Array.of(value));
}

/** The node's name in a reference, for control edges. */
export const nodeName = (reference: string): string => reference.split(':')[0]!;
