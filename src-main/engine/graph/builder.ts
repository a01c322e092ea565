import * as ops from './ops';
import { addNode, MutableScope } from './scope';
import { refuse, sameShape, showShape, elementCount } from './shapes';
import type {
  DType,
  GraphBuilder,
  GraphFunction,
  HostArray,
  NoAttrs,
  OpDefinition,
  Residuals,
  Scope,
  Shape,
  TensorType,
  Value,
  Variable,
} from './types';

export type Body = (g: GraphBuilder, parameters: readonly Value[]) => readonly Value[];

export function buildFunction(
  name: string,
  residuals: Residuals,
  types: readonly TensorType[],
  body: Body,
): GraphFunction {
  const scope = new MutableScope(name);
  const parameters = types.map(
    ({ dtype, shape }, index) => addNode(scope, ops.parameter, [], { index, dtype, shape }).outputs[0]!,
  );
  return { name, scope, parameters, results: body(new ScopeBuilder(scope), parameters), residuals };
}

/** The builder of one scope; see GraphBuilder for shapes. */
export class ScopeBuilder implements GraphBuilder {
  private readonly scalars = new Map<number, Value>();
  constructor(readonly scope: Scope) {}

  inScope = (scope: Scope): GraphBuilder => new ScopeBuilder(scope);

  private one<Attrs>(op: OpDefinition<Attrs>, inputs: readonly Value[], attrs: NoInfer<Attrs>): Value {
    return addNode(this.scope, op, inputs, attrs).outputs[0]!;
  }
  private plain(op: OpDefinition<NoAttrs>, ...inputs: readonly Value[]): Value {
    return this.one(op, inputs, {});
  }
  private value(x: Value | number): Value {
    return typeof x === 'number' ? this.constant(x) : x;
  }
  private two(op: OpDefinition<NoAttrs>, a: Value | number, b: Value | number): Value {
    return this.plain(op, this.value(a), this.value(b));
  }

  input = (name: string, dtype: DType, shape: Shape): Value => this.one(ops.input, [], { name, dtype, shape });
  read = (variable: Variable): Value => this.one(ops.read, [], { variable });
  constant = (data: number | readonly number[] | HostArray, dtype: DType = 'f32', shape?: Shape): Value => {
    if (typeof data === 'number' && dtype === 'f32') {
      const known = this.scalars.get(data);
      if (known) return known;
      const made = this.one(ops.constant, [], { data: Float32Array.of(data), exact: data, dtype, shape: [] });
      this.scalars.set(data, made);
      return made;
    }
    const list = typeof data === 'number' ? [data] : data;
    const array =
      dtype === 'f32' ? Float32Array.from(list) : dtype === 'i32' ? Int32Array.from(list) : Uint8Array.from(list);
    const full = shape ?? (typeof data === 'number' ? [] : [array.length]);
    if (elementCount(full) !== array.length)
      throw new Error(`constant: ${array.length} numbers do not fill ${showShape(full)}`);
    return this.one(ops.constant, [], { data: array, dtype, shape: full });
  };
  fill = (shape: Shape, value: number, dtype: DType = 'f32'): Value => this.one(ops.fill, [], { value, dtype, shape });
  range = (size: number): Value => this.one(ops.range, [], { dtype: 'i32', shape: [size] });

  add = (a: Value | number, b: Value | number): Value => this.two(ops.add, a, b);
  sub = (a: Value | number, b: Value | number): Value => this.two(ops.sub, a, b);
  mul = (a: Value | number, b: Value | number): Value => this.two(ops.mul, a, b);
  div = (a: Value | number, b: Value | number): Value => this.two(ops.div, a, b);
  maximum = (a: Value | number, b: Value | number): Value => this.two(ops.maximum, a, b);
  minimum = (a: Value | number, b: Value | number): Value => this.two(ops.minimum, a, b);
  neg = (x: Value): Value => this.plain(ops.neg, x);
  exp = (x: Value): Value => this.plain(ops.exp, x);
  log = (x: Value): Value => this.plain(ops.log, x);
  sqrt = (x: Value): Value => this.plain(ops.sqrt, x);
  rsqrt = (x: Value): Value => this.plain(ops.rsqrt, x);
  square = (x: Value): Value => this.plain(ops.square, x);
  abs = (x: Value): Value => this.plain(ops.abs, x);
  sin = (x: Value): Value => this.plain(ops.sin, x);
  cos = (x: Value): Value => this.plain(ops.cos, x);
  tanh = (x: Value): Value => this.plain(ops.tanh, x);
  erf = (x: Value): Value => this.plain(ops.erf, x);
  sigmoid = (x: Value): Value => this.plain(ops.sigmoid, x);
  silu = (x: Value): Value => this.plain(ops.silu, x);
  softplus = (x: Value): Value => this.plain(ops.softplus, x);

  less = (a: Value, b: Value): Value => this.plain(ops.less, a, b);
  lessEqual = (a: Value, b: Value): Value => this.plain(ops.lessEqual, a, b);
  equal = (a: Value, b: Value): Value => this.plain(ops.equal, a, b);
  and = (a: Value, b: Value): Value => this.plain(ops.and, a, b);
  or = (a: Value, b: Value): Value => this.plain(ops.or, a, b);
  not = (x: Value): Value => this.plain(ops.not, x);
  where = (condition: Value, a: Value, b: Value): Value => this.plain(ops.where, condition, a, b);

  cast = (x: Value, dtype: DType): Value => (x.dtype === dtype ? x : this.one(ops.cast, [x], { dtype }));
  reshape = (x: Value, shape: Shape): Value => (sameShape(x.shape, shape) ? x : this.one(ops.reshape, [x], { shape }));
  transpose = (x: Value, permutation: readonly number[]): Value => this.one(ops.transpose, [x], { permutation });
  broadcastTo = (x: Value, shape: Shape): Value =>
    sameShape(x.shape, shape) ? x : this.one(ops.broadcastTo, [x], { shape });
  slice = (x: Value, begin: readonly number[], size: readonly number[]): Value =>
    sameShape(x.shape, size) && begin.every((b) => b === 0) ? x : this.one(ops.slice, [x], { begin, size });
  concat = (values: readonly Value[], axis: number): Value => {
    if (values.length === 0) throw new Error('concat: needs at least one value');
    return values.length === 1 ? values[0]! : this.one(ops.concat, values, { axis });
  };
  roll = (x: Value, shift: number, axis: number): Value => this.one(ops.roll, [x], { shift, axis });
  split = (x: Value, sizes: readonly number[], axis: number): readonly Value[] =>
    sizes.length === 1 && sizes[0] === x.shape[axis]
      ? [x]
      : addNode(this.scope, ops.split, [x], { sizes, axis }).outputs;

  sum = (x: Value, axes: readonly number[], keepDims = false): Value => this.one(ops.sum, [x], { axes, keepDims });
  mean = (x: Value, axes: readonly number[], keepDims = false): Value => this.one(ops.mean, [x], { axes, keepDims });
  max = (x: Value, axes: readonly number[], keepDims = false): Value => this.one(ops.max, [x], { axes, keepDims });
  softmax = (x: Value): Value => this.plain(ops.softmax, x);
  logSumExp = (x: Value): Value => this.plain(ops.logSumExp, x);
  matmul = (
    a: Value,
    b: Value,
    { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
  ): Value => this.one(ops.matmul, [a, b], { transposeA, transposeB });
  batchMatmul = (
    a: Value,
    b: Value,
    { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
  ): Value => this.one(ops.batchMatmul, [a, b], { transposeA, transposeB });
  gather = (table: Value, indices: Value): Value => this.plain(ops.gather, table, indices);
  scatterAdd = (values: Value, indices: Value, rows: number): Value =>
    this.one(ops.scatterAdd, [values, indices], { rows });
  oneHot = (indices: Value, depth: number): Value => this.one(ops.oneHot, [indices], { depth });

  stopGradient = (x: Value): Value => this.plain(ops.stopGradient, x);
  keep = (x: Value): Value => this.plain(ops.keep, x);
  after = (x: Value, dependency: Value): Value => this.plain(ops.after, x, dependency);
  withGradient = (
    y: Value,
    wrt: readonly Value[],
    gradients: ops.OwnGradient['rule'],
    saved: readonly Value[] = [],
  ): Value => this.one(ops.withGradient, [y, ...wrt, ...saved], { rule: gradients, wrtCount: wrt.length });
  call = (fn: GraphFunction, args: readonly Value[]): readonly Value[] => {
    if (args.length !== fn.parameters.length)
      throw new Error(`call ${fn.name}: ${args.length} arguments for ${fn.parameters.length} parameters`);
    args.forEach((arg, i) => {
      const wanted = fn.parameters[i]!;
      if (arg.dtype !== wanted.dtype || !sameShape(arg.shape, wanted.shape))
        refuse(`call ${fn.name}`, `argument ${i} does not fit`, arg, wanted);
    });
    return addNode(this.scope, ops.call, args, { fn }).outputs;
  };
  fused = (kernel: string, inputs: readonly Value[], body: Body): readonly Value[] =>
    this.call({ ...buildFunction(kernel, 'all', inputs, body), kernel }, inputs);
}
