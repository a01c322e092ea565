import { reducedShape, refuse } from '../shapes';
import type { GradientContext, Value } from '../types';
import { defineOp, expectDType, only } from './define';

const axesOf = (attrs: Readonly<Record<string, unknown>>): readonly number[] => attrs.axes as readonly number[];

/** The output's gradient with the reduced axes back as ones. */
const withOnes = ({ g, node, dOutputs }: GradientContext): Value =>
  g.reshape(
    dOutputs[0]!,
    node.inputs[0]!.shape.map((s, axis) => (axesOf(node.attrs).includes(axis) ? 1 : s)),
  );

export const sum = defineOp(
  'sum',
  ([x], attrs) => {
    expectDType('sum', ['f32'], x!);
    return { dtype: 'f32', shape: reducedShape('sum', x!, axesOf(attrs), attrs.keepDims === true) };
  },
  (context) => [context.g.broadcastTo(withOnes(context), context.node.inputs[0]!.shape)],
);

export const mean = defineOp(
  'mean',
  ([x], attrs) => {
    expectDType('mean', ['f32'], x!);
    return { dtype: 'f32', shape: reducedShape('mean', x!, axesOf(attrs), attrs.keepDims === true) };
  },
  (context) => {
    const { shape } = context.node.inputs[0]!;
    const count = axesOf(context.node.attrs).reduce((n, axis) => n * shape[axis]!, 1);
    return [context.g.broadcastTo(context.g.mul(withOnes(context), 1 / count), shape)];
  },
);

/** No gradient: it only steadies exponentials, where its slope cancels. */
export const max = defineOp('max', ([x], attrs) => {
  expectDType('max', ['f32'], x!);
  return { dtype: 'f32', shape: reducedShape('max', x!, axesOf(attrs), attrs.keepDims === true) };
});

/** Over the last axis. dx = y (d − Σ d y) */
export const softmax = defineOp(
  'softmax',
  ([x]) => {
    expectDType('softmax', ['f32'], x!);
    if (x!.shape.length < 1) refuse('softmax', 'needs an axis', x!);
    return x!;
  },
  (context) => {
    const { g, node } = context;
    const y = node.outputs[0]!;
    const d = only(context);
    return [g.mul(y, g.sub(d, g.sum(g.mul(d, y), [y.shape.length - 1], true)))];
  },
);

/** log Σ exp over the last axis, which goes away. dx = d softmax(x) */
export const logSumExp = defineOp(
  'logSumExp',
  ([x]) => {
    expectDType('logSumExp', ['f32'], x!);
    if (x!.shape.length < 1) refuse('logSumExp', 'needs an axis', x!);
    return { dtype: 'f32', shape: x!.shape.slice(0, -1) };
  },
  (context) => {
    const { g, node } = context;
    const x = node.inputs[0]!;
    return [g.mul(g.reshape(only(context), [...x.shape.slice(0, -1), 1]), g.softmax(x))];
  },
);
