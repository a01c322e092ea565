import { sameShape, refuse, sizeOf } from '../shapes';
import type { Attrs, DType, GradientContext, GraphBuilder, OpDefinition, TensorType, Value } from '../types';

type Gradient = (context: GradientContext) => readonly (Value | null)[];

export function defineOp(
  name: string,
  infer: (inputs: readonly TensorType[], attrs: Attrs) => TensorType,
  gradient?: Gradient,
): OpDefinition {
  const base = { name, infer: (inputs: readonly TensorType[], attrs: Attrs) => [infer(inputs, attrs)] };
  return gradient ? { ...base, gradient } : base;
}

/** The one output gradient of a single-output op. */
export const only = ({ dOutputs }: GradientContext): Value => dOutputs[0]!;

export function expectDType(op: string, allowed: readonly DType[], ...inputs: readonly TensorType[]): void {
  for (const input of inputs) if (!allowed.includes(input.dtype)) refuse(op, `needs ${allowed.join(' or ')}`, input);
}

/** Sums a broadcast gradient back to the shape its operand had. */
export function sumTo(g: GraphBuilder, d: Value, shape: readonly number[]): Value {
  if (sameShape(d.shape, shape)) return d;
  const lead = d.shape.length - shape.length;
  const axes = d.shape.flatMap((size, axis) => (axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : []));
  const summed = axes.length > 0 ? g.sum(d, axes, true) : d;
  return g.reshape(summed, shape);
}

/** An f32 op of one argument, same shape out. */
export const unary = (name: string, gradient: (g: GraphBuilder, x: Value, y: Value, d: Value) => Value): OpDefinition =>
  defineOp(
    name,
    ([x]) => {
      expectDType(name, ['f32'], x!);
      return x!;
    },
    (context) => [gradient(context.g, context.node.inputs[0]!, context.node.outputs[0]!, only(context))],
  );

export function checkSize(op: string, x: TensorType, shape: readonly number[]): void {
  if (sizeOf(shape) !== sizeOf(x.shape))
    refuse(op, `cannot become [${shape.join(', ')}]: different number of elements`, x);
}
