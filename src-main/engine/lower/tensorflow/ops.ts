import type { DType, HostArray, Node, Shape } from '../../graph/types';
import type { Emitter } from './emitter';
import { nodeName } from './emitter';

/** Emits one IR node as TensorFlow ops of version 2.9 and returns the reference to its result, or to each of several. */
type Lower = (e: Emitter, inputs: readonly string[], node: Node) => string | readonly string[];

const dtypeOf = (node: Node): DType => node.outputs[0]!.dtype;
const shapeOf = (node: Node): Shape => node.outputs[0]!.shape;
const T = (node: Node) => ({ T: { type: node.inputs[0]!.dtype } }) as const;
const list = (node: Node, name: string): readonly number[] => node.attrs[name] as readonly number[];

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
  (op: string): Lower =>
  (e, [x], node) =>
    e.node(op, [x!, e.ints(list(node, 'axes'))], {
      ...T(node),
      Tidx: { type: 'i32' },
      keep_dims: { bool: node.attrs.keepDims === true },
    });
const first: Lower = (_e, [x]) => x!;

export const lowerings: Readonly<Record<string, Lower>> = {
  constant: (e, _inputs, node) => e.constant(dtypeOf(node), shapeOf(node), node.attrs.data as HostArray),
  fill: (e, _inputs, node) => e.fill(dtypeOf(node), shapeOf(node), node.attrs.value as number),
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
  bitcast: (e, [x], node) => e.node('Bitcast', [x!], { T: { type: 'u8' }, type: { type: dtypeOf(node) } }),
  reshape: (e, [x], node) => e.node('Reshape', [x!, e.ints(shapeOf(node))], { ...T(node), Tshape: { type: 'i32' } }),
  transpose: (e, [x], node) =>
    e.node('Transpose', [x!, e.ints(list(node, 'permutation'))], { ...T(node), Tperm: { type: 'i32' } }),
  broadcastTo: (e, [x], node) =>
    e.node('BroadcastTo', [x!, e.ints(shapeOf(node))], { ...T(node), Tidx: { type: 'i32' } }),
  slice: (e, [x], node) =>
    e.node('Slice', [x!, e.ints(list(node, 'begin')), e.ints(list(node, 'size'))], {
      ...T(node),
      Index: { type: 'i32' },
    }),
  concat: (e, inputs, node) =>
    e.node('ConcatV2', [...inputs, e.int(node.attrs.axis as number)], {
      ...T(node),
      N: { int: inputs.length },
      Tidx: { type: 'i32' },
    }),
  split: (e, [x], node) => {
    const sizes = list(node, 'sizes');
    const all = e.node('SplitV', [x!, e.ints(sizes), e.int(node.attrs.axis as number)], {
      ...T(node),
      num_split: { int: sizes.length },
      Tlen: { type: 'i32' },
    });
    return sizes.map((_, i) => e.output(nodeName(all), 'SplitV', i));
  },
  roll: (e, [x], node) =>
    e.node('Roll', [x!, e.int(node.attrs.shift as number), e.int(node.attrs.axis as number)], {
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
      transpose_a: { bool: node.attrs.transposeA === true },
      transpose_b: { bool: node.attrs.transposeB === true },
    }),
  batchMatmul: (e, inputs, node) =>
    e.node('BatchMatMulV2', inputs, {
      ...T(node),
      adj_x: { bool: node.attrs.transposeA === true },
      adj_y: { bool: node.attrs.transposeB === true },
    }),
  gather: (e, [table, indices], node) =>
    e.node('GatherV2', [table!, indices!, e.int(0)], {
      Tparams: { type: node.inputs[0]!.dtype },
      Tindices: { type: 'i32' },
      Taxis: { type: 'i32' },
      batch_dims: { int: 0 },
    }),
  scatterAdd: (e, [values, indices], node) =>
    e.node('UnsortedSegmentSum', [values!, indices!, e.int(node.attrs.rows as number)], {
      ...T(node),
      Tindices: { type: 'i32' },
      Tnumsegments: { type: 'i32' },
    }),
  oneHot: (e, [indices], node) =>
    e.node(
      'OneHot',
      [
        indices!,
        e.int(node.attrs.depth as number),
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
