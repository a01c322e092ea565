import { reducedShape, refuse } from '../shapes';
import type { GradientContext, TensorType, Value } from '../types';
import { defineOp, expectDType, only, unwrittenGradient } from './define';

export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

function reduced(op: string, x: TensorType, { axes, keepDims }: Reduction): TensorType {
  expectDType(op, ['f32'], x);
  return { dtype: 'f32', shape: reducedShape(op, x, axes, keepDims) };
}

/** The output's gradient with the reduced axes back as ones. */
const withOnes = ({ g, node, dOutputs }: GradientContext<Reduction>): Value =>
  g.reshape(
    dOutputs[0]!,
    node.inputs[0]!.shape.map((s, axis) => (node.attrs.axes.includes(axis) ? 1 : s)),
  );

export const sum = defineOp('sum', {
  infer: ([x], attrs: Reduction) => reduced('sum', x!, attrs),
  gradient: (context) => [context.g.broadcastTo(withOnes(context), context.node.inputs[0]!.shape)],
});

export const mean = defineOp('mean', {
  infer: ([x], attrs: Reduction) => reduced('mean', x!, attrs),
  gradient: (context) => {
    const { shape } = context.node.inputs[0]!;
    const count = context.node.attrs.axes.reduce((n, axis) => n * shape[axis]!, 1);
    return [context.g.broadcastTo(context.g.mul(withOnes(context), 1 / count), shape)];
  },
});

/** It only steadies exponentials so far, where its slope cancels: that is said with stopGradient. */
export const max = defineOp('max', {
  infer: ([x], attrs: Reduction) => reduced('max', x!, attrs),
  gradient: unwrittenGradient,
});

/** Over the last axis. dx = y (d − Σ d y) */
export const softmax = defineOp('softmax', {
  infer: ([x]) => {
    expectDType('softmax', ['f32'], x!);
    if (x!.shape.length < 1) refuse('softmax', 'needs an axis', x!);
    return x!;
  },
  gradient: (context) => {
    const { g, node } = context;
    const y = node.outputs[0]!;
    const d = only(context);
    return [g.mul(y, g.sub(d, g.sum(g.mul(d, y), [y.shape.length - 1], true)))];
  },
});

/** log Σ exp over the last axis, which goes away. dx = d softmax(x) */
export const logSumExp = defineOp('logSumExp', {
  infer: ([x]) => {
    expectDType('logSumExp', ['f32'], x!);
    if (x!.shape.length < 1) refuse('logSumExp', 'needs an axis', x!);
    return { dtype: 'f32', shape: x!.shape.slice(0, -1) };
  },
  gradient: (context) => {
    const { g, node } = context;
    const x = node.inputs[0]!;
    return [g.mul(g.reshape(only(context), [...x.shape.slice(0, -1), 1]), g.softmax(x))];
  },
});
