import { largest } from '../../../src-main/shared/extremes';
import { liveNodes } from '../../../src-main/engine/graph/live';
import { sizeOf } from '../../../src-main/engine/graph/shapes';
import type { GraphFunction, HostArray, Node, Shape, Value } from '../../../src-main/engine/graph/types';

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
    if (node.op.name === 'call') {
      const fn = node.attrs.fn as GraphFunction;
      const inner = interpret(
        fn.results,
        new Map(fn.parameters.map((p, i) => [p, values.get(node.inputs[i]!)!])),
        variables,
      );
      node.outputs.forEach((y, i) => values.set(y, inner.get(fn.results[i]!)!));
    } else if (node.op.name === 'split') {
      const [x] = node.inputs as readonly [Value];
      const axis = node.attrs.axis as number;
      let start = 0;
      for (const y of node.outputs) {
        const first = start;
        values.set(
          y,
          build(
            y.shape,
            (at) =>
              values.get(x)![
                offset(
                  at.map((c, a) => (a === axis ? c + first : c)),
                  x.shape,
                )
              ]!,
          ),
        );
        start += y.shape[axis]!;
      }
    } else
      values.set(
        node.outputs[0]!,
        evaluate(
          node,
          node.inputs.map((x) => values.get(x) ?? []),
          variables,
        ),
      );
  }
  return values;
}

const strides = (shape: Shape): Numbers => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
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
  Array.from({ length: sizeOf(shape) }, (_, index) => f(coordinates(index, shape), index));

function erf(x: number): number {
  let sum = 0; // midpoint rule on e^(−t²): smooth, so 20,000 steps give ten digits
  const steps = 20000;
  for (let i = 0; i < steps; i++) sum += Math.exp(-((((i + 0.5) * x) / steps) ** 2));
  return ((2 / Math.sqrt(Math.PI)) * sum * x) / steps;
}
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const unary: Readonly<Record<string, (x: number) => number>> = {
  neg: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  square: (x) => x * x,
  abs: Math.abs,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  sigmoid,
  silu: (x) => x * sigmoid(x),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  not: (x) => 1 - x,
  stopGradient: (x) => x,
  withGradient: (x) => x,
  after: (x) => x,
  keep: (x) => x,
};
const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  equal: (a, b) => Number(a === b),
  and: (a, b) => a * b,
  or: (a, b) => Math.max(a, b),
};

function evaluate(node: Node, inputs: readonly Numbers[], variables: Readonly<Record<string, Numbers>>): Numbers {
  const { attrs } = node;
  const { shape, dtype } = node.outputs[0]!;
  const [x, y] = inputs as readonly [Numbers, Numbers];
  const shapes = node.inputs.map((v) => v.shape);
  const name = node.op.name;
  if (unary[name]) return x.map(unary[name]);
  if (binary[name])
    return build(shape, (at) => binary[name]!(broadcastAt(x, shapes[0]!, at), broadcastAt(y, shapes[1]!, at)));
  switch (name) {
    case 'constant':
      return attrs.exact === undefined ? Array.from(attrs.data as HostArray) : [attrs.exact as number];
    case 'fill':
      return build(shape, () => attrs.value as number);
    case 'range':
      return build(shape, (_, i) => i);
    case 'read':
      return variables[(attrs.variable as { name: string }).name]!;
    case 'where':
      return build(shape, (at) =>
        broadcastAt(x, shapes[0]!, at) ? broadcastAt(y, shapes[1]!, at) : broadcastAt(inputs[2]!, shapes[2]!, at),
      );
    case 'cast':
      return dtype === 'i32' ? x.map(Math.trunc) : x;
    case 'reshape':
      return x;
    case 'transpose': {
      const permutation = attrs.permutation as Numbers;
      return build(
        shape,
        (at) =>
          x[
            offset(
              permutation.map((_, axis) => at[permutation.indexOf(axis)]!),
              shapes[0]!,
            )
          ]!,
      );
    }
    case 'broadcastTo':
      return build(shape, (at) => broadcastAt(x, shapes[0]!, at));
    case 'slice':
      return build(
        shape,
        (at) =>
          x[
            offset(
              at.map((c, axis) => c + (attrs.begin as Numbers)[axis]!),
              shapes[0]!,
            )
          ]!,
      );
    case 'roll': {
      const [axis, shift] = [attrs.axis as number, attrs.shift as number];
      const size = shape[axis]!;
      return build(
        shape,
        (at) =>
          x[
            offset(
              at.map((c, a) => (a === axis ? (((c - shift) % size) + size) % size : c)),
              shape,
            )
          ]!,
      );
    }
    case 'concat': {
      const axis = attrs.axis as number;
      return build(shape, (at) => {
        let at0 = at[axis]!;
        let part = 0;
        while (at0 >= shapes[part]![axis]!) at0 -= shapes[part++]![axis]!;
        return inputs[part]![
          offset(
            at.map((c, a) => (a === axis ? at0 : c)),
            shapes[part]!,
          )
        ]!;
      });
    }
    case 'sum':
    case 'mean':
    case 'max':
      return reduce(name, x, shapes[0]!, attrs.axes as Numbers, shape);
    case 'softmax':
    case 'logSumExp':
      return lastAxis(name, x, shapes[0]!);
    case 'matmul':
    case 'batchMatmul':
      return product(x, y, shapes[0]!, shape, attrs.transposeA === true, attrs.transposeB === true);
    case 'gather': {
      const width = sizeOf(shapes[0]!.slice(1));
      return y.flatMap((row) => x.slice(row * width, (row + 1) * width));
    }
    case 'scatterAdd': {
      const width = sizeOf(shape.slice(1));
      const out = new Array<number>(sizeOf(shape)).fill(0);
      x.forEach((value, i) => (out[y[Math.floor(i / width)]! * width + (i % width)]! += value));
      return out;
    }
    case 'oneHot':
      return build(shape, (at, index) => Number(x[Math.floor(index / shape.at(-1)!)] === at.at(-1)));
    default:
      throw new Error(`the interpreter does not know ${name}`);
  }
}

function reduce(kind: string, x: Numbers, from: Shape, axes: Numbers, shape: Shape): Numbers {
  const kept = from.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const keptShape = kept.map((axis) => from[axis]!);
  const groups: number[][] = Array.from({ length: sizeOf(shape) }, () => []);
  x.forEach((value, i) => {
    const at = coordinates(i, from);
    groups[
      offset(
        kept.map((axis) => at[axis]!),
        keptShape,
      )
    ]!.push(value);
  });
  const total = (values: Numbers): number => values.reduce((a, b) => a + b, 0);
  return groups.map((values) =>
    kind === 'max' ? largest(values)! : kind === 'mean' ? total(values) / values.length : total(values),
  );
}

function lastAxis(kind: string, x: Numbers, shape: Shape): Numbers {
  const width = shape.at(-1)!;
  return Array.from({ length: x.length / width }, (_, row) => {
    const values = x.slice(row * width, (row + 1) * width);
    const top = largest(values)!;
    const sum = values.reduce((a, b) => a + Math.exp(b - top), 0);
    return kind === 'softmax' ? values.map((v) => Math.exp(v - top) / sum) : [top + Math.log(sum)];
  }).flat();
}

function product(a: Numbers, b: Numbers, shapeA: Shape, shape: Shape, tA: boolean, tB: boolean): Numbers {
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
