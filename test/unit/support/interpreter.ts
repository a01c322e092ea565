import { largest } from '../../../src-main/shared/extremes';
import { liveNodes } from '../../../src-main/engine/graph/live';
import { elementCount } from '../../../src-main/engine/graph/shapes';
import { entryFor, type OpTable } from '../../../src-main/engine/backends/op-table';
import * as ops from '../../../src-main/engine/graph/ops';
import { isOf } from '../../../src-main/engine/graph/scope';
import type { Node, Shape, Value } from '../../../src-main/engine/graph/types';

/** Runs the IR in double precision with plain loops: slow and obvious, the oracle for gradients and lowerings. */
export type Numbers = readonly number[];

export function interpret(
  roots: readonly Value[],
  given: ReadonlyMap<Value, Numbers>,
  variables: Readonly<Record<string, Numbers>> = {},
): ReadonlyMap<Value, Numbers> {
  const values = new Map<Value, Numbers>(given);
  for (const node of liveNodes(roots)) {
    if (node.outputs.every((y) => values.has(y))) continue;
    if (isOf(node, ops.call)) {
      const { fn } = node.attrs;
      const inner = interpret(
        fn.results,
        new Map(fn.parameters.map((p, i) => [p, values.get(node.inputs[i]!)!])),
        variables,
      );
      node.outputs.forEach((y, i) => values.set(y, inner.get(fn.results[i]!)!));
    } else if (isOf(node, ops.read)) values.set(node.outputs[0]!, variables[node.attrs.variable.name]!);
    else if (isOf(node, ops.split)) {
      const inputs = node.inputs.map((x) => values.get(x)!);
      node.outputs.forEach((y, i) => values.set(y, splitPart(node, inputs, i)));
    } else {
      const inputs = node.inputs.map((x) => values.get(x) ?? []); // what a caller's own gradient saved may not be there
      values.set(node.outputs[0]!, entryFor(table, node)(inputs, node));
    }
  }
  return values;
}

const strides = (shape: Shape): Numbers => shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
const coordinates = (index: number, shape: Shape): Numbers =>
  strides(shape).map((stride, axis) => Math.floor(index / stride) % shape[axis]!);
const offset = (at: Numbers, shape: Shape): number => at.reduce((sum, c, axis) => sum + c * strides(shape)[axis]!, 0);
/** The element of `x` that a broadcast to `at` reads. */
const broadcastAt = (x: Numbers, shape: Shape, at: Numbers): number =>
  x[
    offset(
      shape.map((size, axis) => (size === 1 ? 0 : at[at.length - shape.length + axis]!)),
      shape,
    )
  ]!;
const build = (shape: Shape, f: (at: Numbers, index: number) => number): Numbers =>
  Array.from({ length: elementCount(shape) }, (_, index) => f(coordinates(index, shape), index));

function erf(x: number): number {
  let sum = 0; // midpoint rule on e^(−t²): smooth, so 20,000 steps give ten digits
  const steps = 20000;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((((i + 0.5) * x) / steps) ** 2));
  return ((2 / Math.sqrt(Math.PI)) * sum * x) / steps;
}
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

type Inputs = readonly Numbers[];
type Way<Attrs = unknown> = (inputs: Inputs, node: Node<Attrs>) => Numbers;

const shapeOf = (node: Node): Shape => node.outputs[0]!.shape;
const unary =
  (f: (x: number) => number): Way =>
  ([x]) =>
    x!.map((value) => f(value));
const binary =
  (f: (a: number, b: number) => number): Way =>
  ([x, y], node) => {
    const [a, b] = node.inputs as readonly [Value, Value];
    return build(shapeOf(node), (at) => f(broadcastAt(x!, a.shape, at), broadcastAt(y!, b.shape, at)));
  };
const same: Way = ([x]) => x!;
/** Element `at` of the result is an element of the only input. */
const moved =
  <Attrs>(from: (at: Numbers, attrs: Attrs, shape: Shape) => Numbers): Way<Attrs> =>
  ([x], node) =>
    build(shapeOf(node), (at) => x![offset(from(at, node.attrs, shapeOf(node)), node.inputs[0]!.shape)]!);
const reduction =
  (of: (values: Numbers) => number): Way<ops.Reduction> =>
  ([x], node) =>
    reduce(of, x!, node.inputs[0]!.shape, node.attrs.axes, shapeOf(node));
const rows =
  (of: (values: Numbers) => Numbers): Way =>
  ([x], node) => {
    const width = node.inputs[0]!.shape.at(-1)!;
    return Array.from({ length: x!.length / width }, (_, row) => of(x!.slice(row * width, (row + 1) * width))).flat();
  };
const product: Way<ops.Transposed> = ([a, b], node) =>
  multiply(a!, b!, node.inputs[0]!.shape, shapeOf(node), node.attrs);
const total = (values: Numbers): number => values.reduce((a, b) => a + b, 0);
const logSumExp = (values: Numbers): number => {
  const top = largest(values)!;
  return top + Math.log(total(values.map((v) => Math.exp(v - top))));
};
const softmax = (values: Numbers): Numbers => {
  const normalizer = logSumExp(values);
  return values.map((v) => Math.exp(v - normalizer));
};

function splitPart(node: Node<{ readonly axis: number }>, [x]: Inputs, part: number): Numbers {
  const { axis } = node.attrs;
  const start = total(node.outputs.slice(0, part).map((y) => y.shape[axis]!));
  return build(
    node.outputs[part]!.shape,
    (at) =>
      x![
        offset(
          at.map((c, a) => (a === axis ? c + start : c)),
          node.inputs[0]!.shape,
        )
      ]!,
  );
}

const table: OpTable<[inputs: Inputs], Numbers> = {
  constant: (_inputs, { attrs }) => (attrs.exact === undefined ? Array.from(attrs.data) : [attrs.exact]),
  fill: (_inputs, node) => build(shapeOf(node), () => node.attrs.value),
  range: (_inputs, node) => build(shapeOf(node), (_, i) => i),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  square: unary((x) => x * x),
  abs: unary(Math.abs),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  erf: unary(erf),
  sigmoid: unary(sigmoid),
  silu: unary((x) => x * sigmoid(x)),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  not: unary((x) => 1 - x),
  stopGradient: same,
  withGradient: same,
  after: same,
  keep: same,
  reshape: same,
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  less: binary((a, b) => Number(a < b)),
  lessEqual: binary((a, b) => Number(a <= b)),
  equal: binary((a, b) => Number(a === b)),
  and: binary((a, b) => a * b),
  or: binary(Math.max),
  where: ([condition, a, b], node) => {
    const [conditionShape, aShape, bShape] = node.inputs.map((v) => v.shape) as [Shape, Shape, Shape];
    return build(shapeOf(node), (at) =>
      broadcastAt(condition!, conditionShape, at) ? broadcastAt(a!, aShape, at) : broadcastAt(b!, bShape, at),
    );
  },
  cast: ([x], { attrs }) => (attrs.dtype === 'i32' ? x!.map(Math.trunc) : x!),
  transpose: moved((at, { permutation }) => permutation.map((_, axis) => at[permutation.indexOf(axis)]!)),
  broadcastTo: ([x], node) => build(shapeOf(node), (at) => broadcastAt(x!, node.inputs[0]!.shape, at)),
  slice: moved((at, { begin }) => at.map((c, axis) => c + begin[axis]!)),
  split: (inputs, node) => splitPart(node, inputs, 0),
  roll: moved((at, { axis, shift }, shape) => {
    const size = shape[axis]!;
    return at.map((c, a) => (a === axis ? (((c - shift) % size) + size) % size : c));
  }),
  concat: (inputs, node) => {
    const { axis } = node.attrs;
    return build(shapeOf(node), (at) => {
      let within = at[axis]!;
      let part = 0;
      while (within >= node.inputs[part]!.shape[axis]!) within -= node.inputs[part++]!.shape[axis]!;
      const place = at.map((c, a) => (a === axis ? within : c));
      return inputs[part]![offset(place, node.inputs[part]!.shape)]!;
    });
  },
  sum: reduction(total),
  mean: reduction((values) => total(values) / values.length),
  max: reduction((values) => largest(values)!),
  softmax: rows(softmax),
  logSumExp: rows((values) => [logSumExp(values)]),
  matmul: product,
  batchMatmul: product,
  gather: ([x, y], node) => {
    const width = elementCount(node.inputs[0]!.shape.slice(1));
    return y!.flatMap((row) => x!.slice(row * width, (row + 1) * width));
  },
  scatterAdd: ([x, y], node) => {
    const width = elementCount(shapeOf(node).slice(1));
    const out = new Array<number>(elementCount(shapeOf(node))).fill(0);
    x!.forEach((value, i) => (out[y![Math.floor(i / width)]! * width + (i % width)]! += value));
    return out;
  },
  oneHot: ([x], node) =>
    build(shapeOf(node), (at, index) => Number(x![Math.floor(index / node.attrs.depth)] === at.at(-1))),
};

function reduce(of: (values: Numbers) => number, x: Numbers, from: Shape, axes: Numbers, shape: Shape): Numbers {
  const kept = from.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const keptShape = kept.map((axis) => from[axis]!);
  const groups: number[][] = Array.from({ length: elementCount(shape) }, () => []);
  x.forEach((value, i) => {
    const at = coordinates(i, from);
    groups[
      offset(
        kept.map((axis) => at[axis]!),
        keptShape,
      )
    ]!.push(value);
  });
  return groups.map(of);
}

function multiply(
  a: Numbers,
  b: Numbers,
  shapeA: Shape,
  shape: Shape,
  { transposeA: tA, transposeB: tB }: ops.Transposed,
): Numbers {
  const [n, m] = shape.slice(-2) as [number, number];
  const k = tA ? shapeA.at(-2)! : shapeA.at(-1)!;
  const [sizeA, sizeB] = [n * k, k * m];
  return build(shape, (at, index) => {
    const batch = Math.floor(index / (n * m));
    const [row, column] = at.slice(-2) as [number, number];
    let sum = 0;
    for (let i = 0; i < k; i++)
      sum +=
        a[batch * sizeA + (tA ? i * n + row : row * k + i)]! *
        b[batch * sizeB + (tB ? column * k + i : i * m + column)]!;
    return sum;
  });
}
