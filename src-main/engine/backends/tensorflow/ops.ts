import type { Reduction } from '../../graph/ops';
import type { DType, Node, Shape } from '../../graph/types';
import type { OpTable } from '../op-table';
import type { Emitter } from './emitter';
import { nodeName } from './emitter';

type Args = readonly [e: Emitter, inputs: readonly string[]];
/**
 * Emits one IR node as TensorFlow ops of version 2.9 and returns the reference to its result, or to each of several.
 */
type Lower<Attrs = unknown> = (...args: [...Args, node: Node<Attrs>]) => string | readonly string[];

const dtypeOf = (node: Node): DType => node.outputs[0]!.dtype;
const shapeOf = (node: Node): Shape => node.outputs[0]!.shape;
const T = (node: Node) => ({ T: { type: node.inputs[0]!.dtype } }) as const;

/** Same inputs, one attribute T. */
const plain =
  (op: string): Lower =>
  (e, inputs, node) =>
    e.node(op, inputs, T(node));
const logical =
  (op: string): Lower =>
  (e, inputs) =>
    e.node(op, inputs);
const reduce =
  (op: string): Lower<Reduction> =>
  (e, [x], node) =>
    e.node(op, [x!, e.ints(node.attrs.axes)], {
      ...T(node),
      Tidx: { type: 'i32' },
      keep_dims: { bool: node.attrs.keepDims },
    });
const first: Lower = (_e, [x]) => x!;

export const lowerings: OpTable<Args, string | readonly string[]> = {
  constant: (e, _inputs, node) => e.constant(dtypeOf(node), shapeOf(node), node.attrs.data),
  fill: (e, _inputs, node) => e.fill(dtypeOf(node), shapeOf(node), node.attrs.value),
  range: (e, _inputs, node) =>
    e.node('Range', [e.int(0), e.int(shapeOf(node)[0]!), e.int(1)], { Tidx: { type: 'i32' } }),
  add: plain('AddV2'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('RealDiv'),
  maximum: plain('Maximum'),
  minimum: plain('Minimum'),
  neg: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  rsqrt: plain('Rsqrt'),
  square: plain('Square'),
  abs: plain('Abs'),
  sin: plain('Sin'),
  cos: plain('Cos'),
  tanh: plain('Tanh'),
  erf: plain('Erf'),
  sigmoid: plain('Sigmoid'),
  silu: (e, [x], node) => e.node('Mul', [x!, e.node('Sigmoid', [x!], T(node))], T(node)),
  softplus: plain('Softplus'),
  less: plain('Less'),
  lessEqual: plain('LessEqual'),
  equal: plain('Equal'),
  and: logical('LogicalAnd'),
  or: logical('LogicalOr'),
  not: logical('LogicalNot'),
  where: (e, inputs, node) => e.node('SelectV2', inputs, { T: { type: dtypeOf(node) } }),
  cast: (e, [x], node) =>
    e.node('Cast', [x!], {
      SrcT: { type: node.inputs[0]!.dtype },
      DstT: { type: dtypeOf(node) },
      Truncate: { bool: false },
    }),
  reshape: (e, [x], node) => e.node('Reshape', [x!, e.ints(shapeOf(node))], { ...T(node), Tshape: { type: 'i32' } }),
  transpose: (e, [x], node) =>
    e.node('Transpose', [x!, e.ints(node.attrs.permutation)], { ...T(node), Tperm: { type: 'i32' } }),
  broadcastTo: (e, [x], node) =>
    e.node('BroadcastTo', [x!, e.ints(shapeOf(node))], { ...T(node), Tidx: { type: 'i32' } }),
  slice: (e, [x], node) =>
    e.node('Slice', [x!, e.ints(node.attrs.begin), e.ints(node.attrs.size)], {
      ...T(node),
      Index: { type: 'i32' },
    }),
  concat: (e, inputs, node) =>
    e.node('ConcatV2', [...inputs, e.int(node.attrs.axis)], {
      ...T(node),
      N: { int: inputs.length },
      Tidx: { type: 'i32' },
    }),
  split: (e, [x], node) => {
    const sizes = node.attrs.sizes;
    const all = e.node('SplitV', [x!, e.ints(sizes), e.int(node.attrs.axis)], {
      ...T(node),
      num_split: { int: sizes.length },
      Tlen: { type: 'i32' },
    });
    return sizes.map((_, i) => e.output(nodeName(all), 'SplitV', i));
  },
  roll: (e, [x], node) =>
    e.node('Roll', [x!, e.int(node.attrs.shift), e.int(node.attrs.axis)], {
      ...T(node),
      Tshift: { type: 'i32' },
      Taxis: { type: 'i32' },
    }),
  sum: reduce('Sum'),
  mean: reduce('Mean'),
  max: reduce('Max'),
  softmax: plain('Softmax'),
  logSumExp: (e, [x], node) => {
    const types = T(node);
    const over = { ...types, Tidx: { type: 'i32' }, keep_dims: { bool: true } } as const;
    const axis = e.ints([node.inputs[0]!.shape.length - 1]);
    const top = e.node('Max', [x!, axis], over);
    const total = e.node('Sum', [e.node('Exp', [e.node('Sub', [x!, top], types)], types), axis], over);
    const sum = e.node('AddV2', [e.node('Log', [total], types), top], types);
    return e.node('Reshape', [sum, e.ints(shapeOf(node))], { ...types, Tshape: { type: 'i32' } });
  },
  matmul: (e, inputs, node) =>
    e.node('MatMul', inputs, {
      ...T(node),
      transpose_a: { bool: node.attrs.transposeA },
      transpose_b: { bool: node.attrs.transposeB },
    }),
  batchMatmul: (e, inputs, node) =>
    e.node('BatchMatMulV2', inputs, {
      ...T(node),
      adj_x: { bool: node.attrs.transposeA },
      adj_y: { bool: node.attrs.transposeB },
    }),
  gather: (e, [table, indices], node) =>
    e.node('GatherV2', [table!, indices!, e.int(0)], {
      Tparams: { type: node.inputs[0]!.dtype },
      Tindices: { type: 'i32' },
      Taxis: { type: 'i32' },
      batch_dims: { int: 0 },
    }),
  scatterAdd: (e, [values, indices], node) =>
    e.node('UnsortedSegmentSum', [values!, indices!, e.int(node.attrs.rows)], {
      ...T(node),
      Tindices: { type: 'i32' },
      Tnumsegments: { type: 'i32' },
    }),
  oneHot: (e, [indices], node) =>
    e.node(
      'OneHot',
      [
        indices!,
        e.int(node.attrs.depth),
        e.constant('f32', [], Float32Array.of(1)),
        e.constant('f32', [], Float32Array.of(0)),
      ],
      { T: { type: 'f32' }, TI: { type: 'i32' }, axis: { int: -1 } },
    ),
  stopGradient: first,
  keep: first,
  withGradient: first,
  after: (e, [x, dependency], node) =>
    e.node('Identity', [x!, `^${nodeName(dependency!)}`], { T: { type: dtypeOf(node) } }),
};
