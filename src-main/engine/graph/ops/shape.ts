import { broadcastShape, refuse, sameShape } from '../shapes';
import type { DType, OpDefinition, Value } from '../types';
import { checkSize, defineOp, expectDType, only, sumTo } from './define';

const numbers = (value: unknown): readonly number[] => value as readonly number[];

/** f32 <-> half types and integers; only between float types does a gradient pass. */
export const cast = defineOp(
  'cast',
  ([x], { dtype }) => ({ dtype: dtype as DType, shape: x!.shape }),
  (context) => {
    const from = context.node.inputs[0]!.dtype;
    return [from === 'f32' || from === 'bf16' || from === 'f16' ? context.g.cast(only(context), from) : null];
  },
);

/** u8 [..., 2] read as the half-float [...] it is the little-endian form of. */
export const bitcast = defineOp('bitcast', ([x], { dtype }) => {
  expectDType('bitcast', ['u8'], x!);
  if (x!.shape.at(-1) !== 2) refuse('bitcast', 'the last axis must be the 2 bytes', x!);
  return { dtype: dtype as DType, shape: x!.shape.slice(0, -1) };
});

export const reshape = defineOp(
  'reshape',
  ([x], { shape }) => {
    checkSize('reshape', x!, numbers(shape));
    return { dtype: x!.dtype, shape: numbers(shape) };
  },
  (context) => [context.g.reshape(only(context), context.node.inputs[0]!.shape)],
);

export const transpose = defineOp(
  'transpose',
  ([x], attrs) => {
    const permutation = numbers(attrs.permutation);
    if (
      permutation.length !== x!.shape.length ||
      new Set(permutation).size !== permutation.length ||
      permutation.some((p) => x!.shape[p] === undefined)
    )
      refuse('transpose', `[${permutation.join(', ')}] is no permutation of its axes`, x!);
    return { dtype: x!.dtype, shape: permutation.map((p) => x!.shape[p]!) };
  },
  (context) => {
    const permutation = numbers(context.node.attrs.permutation);
    return [
      context.g.transpose(
        only(context),
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
);

export const broadcastTo = defineOp(
  'broadcastTo',
  ([x], attrs) => {
    const shape = numbers(attrs.shape);
    if (!sameShape(broadcastShape('broadcastTo', x!, { dtype: x!.dtype, shape }), shape))
      refuse('broadcastTo', `cannot stretch to [${shape.join(', ')}]`, x!);
    return { dtype: x!.dtype, shape };
  },
  (context) => [sumTo(context.g, only(context), context.node.inputs[0]!.shape)],
);

export const slice = defineOp(
  'slice',
  ([x], attrs) => {
    const [begin, size] = [numbers(attrs.begin), numbers(attrs.size)];
    if (
      begin.length !== x!.shape.length ||
      size.length !== x!.shape.length ||
      size.some((s, axis) => s < 0 || begin[axis]! < 0 || begin[axis]! + s > x!.shape[axis]!)
    )
      refuse('slice', `begin [${begin.join(', ')}], size [${size.join(', ')}] leave the tensor`, x!);
    return { dtype: x!.dtype, shape: size };
  },
  // zeros around the slice's gradient, axis by axis
  (context) => {
    const { g, node } = context;
    const [begin, size] = [numbers(node.attrs.begin), numbers(node.attrs.size)];
    const full = node.inputs[0]!.shape;
    let d = only(context);
    full.forEach((whole, axis) => {
      const zeros = (count: number): readonly Value[] =>
        count > 0
          ? [
              g.fill(
                d.shape.map((s, a) => (a === axis ? count : s)),
                0,
              ),
            ]
          : [];
      const parts = [...zeros(begin[axis]!), d, ...zeros(whole - begin[axis]! - size[axis]!)];
      if (parts.length > 1) d = g.concat(parts, axis);
    });
    return [d];
  },
);

/** Stretches of `sizes` along an axis, one output each. */
export const split: OpDefinition = {
  name: 'split',
  infer: ([x], attrs) => {
    const [sizes, axis] = [numbers(attrs.sizes), attrs.axis as number];
    if (sizes.length === 0 || sizes.reduce((sum, size) => sum + size, 0) !== x!.shape[axis])
      refuse('split', `[${sizes.join(', ')}] does not add up to axis ${axis}`, x!);
    return sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.map((s, a) => (a === axis ? size : s)) }));
  },
  gradient: ({ g, node, dOutputs }) => [
    g.concat(
      dOutputs.map((d, i) => d ?? g.fill(node.outputs[i]!.shape, 0)),
      node.attrs.axis as number,
    ),
  ],
};

export const concat = defineOp(
  'concat',
  (inputs, attrs) => {
    const axis = attrs.axis as number;
    const [first] = inputs;
    for (const other of inputs)
      if (
        other.dtype !== first!.dtype ||
        other.shape.length !== first!.shape.length ||
        axis < 0 ||
        axis >= other.shape.length ||
        other.shape.some((s, a) => a !== axis && s !== first!.shape[a])
      )
        refuse('concat', `inputs do not fit along axis ${axis}`, first!, other);
    return {
      dtype: first!.dtype,
      shape: first!.shape.map((s, a) => (a === axis ? inputs.reduce((n, x) => n + x.shape[axis]!, 0) : s)),
    };
  },
  (context) => {
    const { g, node, needs } = context;
    const axis = node.attrs.axis as number;
    const d = only(context);
    let start = 0;
    return node.inputs.map((input, i) => {
      const begin = d.shape.map((_, a) => (a === axis ? start : 0));
      start += input.shape[axis]!;
      return needs[i] ? g.slice(d, begin, input.shape) : null;
    });
  },
);

/** Shifts along an axis; what leaves at the end comes in at the start. */
export const roll = defineOp(
  'roll',
  ([x], attrs) => {
    if (x!.shape[attrs.axis as number] === undefined) refuse('roll', `has no axis ${String(attrs.axis)}`, x!);
    return x!;
  },
  (context) => [
    context.g.roll(only(context), -(context.node.attrs.shift as number), context.node.attrs.axis as number),
  ],
);
