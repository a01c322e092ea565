import * as tf from '@tensorflow/tfjs-core';
import type { Transposed } from '../../graph/ops';
import type { Node } from '../../graph/types';
import type { OpTable } from '../op-table';

type Args = readonly [inputs: readonly tf.Tensor[]];
/** Of a node with one output, or of each of several. */
type Result = tf.Tensor | tf.Tensor[];
type Kernel<Attrs = unknown> = (...args: [...Args, node: Node<Attrs>]) => Result;

const shapeOf = (node: Node): number[] => [...node.outputs[0]!.shape];
const one =
  (f: (x: tf.Tensor) => tf.Tensor): Kernel =>
  ([x]) =>
    f(x!);
const two =
  (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Kernel =>
  ([a, b]) =>
    f(a!, b!);
const tfType = { f32: 'float32', i32: 'int32', bool: 'bool', u8: 'int32', bf16: 'float32', f16: 'float32' } as const;

/**
 * Turns a matrix (or the last two axes) round; products of transposed matrices fall to a tenth of the speed on wasm.
 */
function turned(x: tf.Tensor, turn: boolean): tf.Tensor {
  if (!turn) return x;
  const axes = x.shape.map((_, i) => i);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

const product: Kernel<Transposed> = ([a, b], { attrs }) => {
  const left = turned(a!, attrs.transposeA);
  const right = turned(b!, attrs.transposeB);
  if (a!.shape.length === 2) return tf.matMul(left, right);
  // one matrix after the other: batched products are slow on wasm
  const [lead, n, k, m] = [a!.shape.slice(0, -2), left.shape.at(-2)!, left.shape.at(-1)!, right.shape.at(-1)!];
  const batch = lead.reduce((x, y) => x * y, 1);
  const [l, r] = [tf.reshape(left, [batch, n, k]), tf.reshape(right, [batch, k, m])];
  const parts = Array.from({ length: batch }, (_, i) =>
    tf.matMul(
      tf.reshape(tf.slice(l, [i, 0, 0], [1, n, k]), [n, k]),
      tf.reshape(tf.slice(r, [i, 0, 0], [1, k, m]), [k, m]),
    ),
  );
  return tf.reshape(tf.stack(parts), [...lead, n, m]);
};

/** Adds rows on the host: wasm has no UnsortedSegmentSum, and a one-hot product costs rows × indices × width. */
const scatterAdd: Kernel = ([values, indices], node) => {
  const [rows, ...rest] = shapeOf(node) as [number, ...number[]];
  const width = rest.reduce((a, b) => a * b, 1);
  const out = new Float32Array(rows * width);
  const [from, to] = [values!.dataSync() as Float32Array, indices!.dataSync()];
  to.forEach((row, i) => {
    for (let j = 0; j < width; j++) out[row * width + j]! += from[i * width + j]!;
  });
  return tf.tensor(out, [rows, ...rest]);
};

function rolled(x: tf.Tensor, shift: number, axis: number): tf.Tensor {
  const size = x.shape[axis]!;
  const start = (((size - shift) % size) + size) % size; // which element comes first
  return start === 0 ? tf.clone(x) : tf.concat(tf.split(x, [start, size - start], axis).reverse(), axis);
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^−|x|) */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), tf.log(tf.add(tf.exp(tf.neg(tf.abs(x))), 1)));

/** Abramowitz and Stegun give six digits at most; this series and continued fraction on the host give float32's. */
function erfOnHost(x: tf.Tensor): tf.Tensor {
  return tf.tensor(Float32Array.from(x.dataSync() as Float32Array, erf), x.shape);
}

function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

const numeric = (x: tf.Tensor): tf.Tensor => (x.dtype === 'bool' ? tf.cast(x, 'int32') : x);

export const kernels: OpTable<Args, Result> = {
  constant: (_inputs, node) =>
    tf.tensor(node.attrs.data.slice() as Float32Array, shapeOf(node), tfType[node.outputs[0]!.dtype]),
  fill: (_inputs, node) => tf.fill(shapeOf(node), node.attrs.value, tfType[node.outputs[0]!.dtype]),
  range: (_inputs, node) => tf.range(0, shapeOf(node)[0]!, 1, 'int32'),
  add: two(tf.add),
  sub: two(tf.sub),
  mul: two(tf.mul),
  div: two(tf.div),
  maximum: two(tf.maximum),
  minimum: two(tf.minimum),
  neg: one(tf.neg),
  exp: one(tf.exp),
  log: one(tf.log),
  sqrt: one(tf.sqrt),
  rsqrt: one(tf.rsqrt),
  square: one(tf.square),
  abs: one(tf.abs),
  sin: one(tf.sin),
  cos: one(tf.cos),
  tanh: one(tf.tanh),
  erf: one(erfOnHost),
  sigmoid: one(tf.sigmoid),
  silu: one((x) => tf.mul(x, tf.sigmoid(x))),
  softplus: one(softplus),
  less: two(tf.less),
  lessEqual: two(tf.lessEqual),
  equal: two(tf.equal),
  and: two(tf.logicalAnd),
  or: two(tf.logicalOr),
  not: one(tf.logicalNot),
  where: ([condition, a, b], node) => {
    const shape = shapeOf(node);
    const full = (x: tf.Tensor): tf.Tensor => tf.broadcastTo(x, shape);
    return tf.where(tf.cast(full(numeric(condition!)), 'bool'), full(a!), full(b!));
  },
  cast: ([x], node) => tf.cast(x!, tfType[node.outputs[0]!.dtype]),
  reshape: ([x], node) => tf.reshape(x!, shapeOf(node)),
  transpose: ([x], node) => tf.transpose(x!, [...node.attrs.permutation]),
  broadcastTo: ([x], node) => tf.broadcastTo(x!, shapeOf(node)),
  slice: ([x], node) => tf.slice(x!, [...node.attrs.begin], [...node.attrs.size]),
  split: ([x], node) => tf.split(x!, [...node.attrs.sizes], node.attrs.axis),
  roll: ([x], node) => rolled(x!, node.attrs.shift, node.attrs.axis),
  concat: (inputs, node) => tf.concat([...inputs], node.attrs.axis),
  sum: ([x], node) => tf.sum(x!, [...node.attrs.axes], node.attrs.keepDims),
  mean: ([x], node) => tf.mean(x!, [...node.attrs.axes], node.attrs.keepDims),
  max: ([x], node) => tf.max(x!, [...node.attrs.axes], node.attrs.keepDims),
  softmax: one((x) => tf.softmax(x)),
  logSumExp: one((x) => tf.logSumExp(x, x.shape.length - 1)),
  matmul: product,
  batchMatmul: product,
  gather: ([table, indices]) => tf.gather(table!, indices as tf.Tensor1D),
  scatterAdd,
  oneHot: ([indices], node) => tf.cast(tf.oneHot(indices!, node.attrs.depth), 'float32'),
  stopGradient: one(tf.clone),
  keep: one(tf.clone),
  withGradient: one(tf.clone),
  after: one(tf.clone),
};
