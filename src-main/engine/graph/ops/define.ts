import { sameShape, refuse, elementCount } from '../shapes';
import type {
  DType,
  GradientContext,
  GradientRule,
  GraphBuilder,
  NoAttrs,
  OpDefinition,
  TensorType,
  Value,
} from '../types';

interface Rules<Attrs> {
  infer(inputs: readonly TensorType[], attrs: Attrs): TensorType;
  readonly gradient: GradientRule<NoInfer<Attrs>> | null;
}

/** An op with one output; its attributes have the type that `infer` takes. */
export const defineOp = <Attrs = NoAttrs, const Name extends string = string>(
  name: Name,
  rules: Rules<Attrs>,
): OpDefinition<Attrs, Name> => ({
  name,
  infer: (inputs, attrs) => [rules.infer(inputs, attrs)],
  gradient: rules.gradient,
});

/** The gradient of an op that has a slope, which nobody has needed so far. */
export function unwrittenGradient({ node }: GradientContext): never {
  throw new Error(
    `gradients: ${node.op.name} has no gradient rule: write one, give its result one (withGradient), or stop the ` +
      'gradient (stopGradient)',
  );
}

/** The one output gradient of a single-output op. */
export const only = ({ dOutputs }: Pick<GradientContext, 'dOutputs'>): Value => dOutputs[0]!;

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
export const unary = <const Name extends string>(
  name: Name,
  slope: (g: GraphBuilder, x: Value, y: Value, d: Value) => Value,
): OpDefinition<NoAttrs, Name> =>
  defineOp(name, {
    infer: ([x]) => {
      expectDType(name, ['f32'], x!);
      return x!;
    },
    gradient: (context) => [slope(context.g, context.node.inputs[0]!, context.node.outputs[0]!, only(context))],
  });

export function checkSize(op: string, x: TensorType, shape: readonly number[]): void {
  if (elementCount(shape) !== elementCount(x.shape))
    refuse(op, `cannot become [${shape.join(', ')}]: different number of elements`, x);
}
