import { broadcastShape, refuse, sameShape } from '../shapes';
import type { DType, OpDefinition, Shape, Value } from '../types';
import { checkSize, defineOp, only, sumTo } from './define';

/** f32 <-> half types and integers; only between float types does a gradient pass. */
export const cast = defineOp('cast', {
  infer: ([x], { dtype }: { readonly dtype: DType }) => ({ dtype, shape: x!.shape }),
  gradient: (context) => {
    const from = context.node.inputs[0]!.dtype;
    return [from === 'f32' || from === 'bf16' || from === 'f16' ? context.g.cast(only(context), from) : null];
  },
});

export const reshape = defineOp('reshape', {
  infer: ([x], { shape }: { readonly shape: Shape }) => {
    checkSize('reshape', x!, shape);
    return { dtype: x!.dtype, shape };
  },
  gradient: (context) => [context.g.reshape(only(context), context.node.inputs[0]!.shape)],
});

export const transpose = defineOp('transpose', {
  infer: ([x], { permutation }: { readonly permutation: readonly number[] }) => {
    if (
      permutation.length !== x!.shape.length ||
      new Set(permutation).size !== permutation.length ||
      permutation.some((p) => x!.shape[p] === undefined)
    )
      refuse('transpose', `[${permutation.join(', ')}] is no permutation of its axes`, x!);
    return { dtype: x!.dtype, shape: permutation.map((p) => x!.shape[p]!) };
  },
  gradient: (context) => {
    const { permutation } = context.node.attrs;
    return [
      context.g.transpose(
        only(context),
        permutation.map((_, axis) => permutation.indexOf(axis)),
      ),
    ];
  },
});

export const broadcastTo = defineOp('broadcastTo', {
  infer: ([x], { shape }: { readonly shape: Shape }) => {
    if (!sameShape(broadcastShape('broadcastTo', x!, { dtype: x!.dtype, shape }), shape))
      refuse('broadcastTo', `cannot stretch to [${shape.join(', ')}]`, x!);
    return { dtype: x!.dtype, shape };
  },
  gradient: (context) => [sumTo(context.g, only(context), context.node.inputs[0]!.shape)],
});

export const slice = defineOp('slice', {
  infer: ([x], { begin, size }: { readonly begin: readonly number[]; readonly size: readonly number[] }) => {
    if (
      begin.length !== x!.shape.length ||
      size.length !== x!.shape.length ||
      size.some((s, axis) => s < 0 || begin[axis]! < 0 || begin[axis]! + s > x!.shape[axis]!)
    )
      refuse('slice', `begin [${begin.join(', ')}], size [${size.join(', ')}] leave the tensor`, x!);
    return { dtype: x!.dtype, shape: size };
  },
  // zeros around the slice's gradient, axis by axis
  gradient: (context) => {
    const { g, node } = context;
    const { begin, size } = node.attrs;
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
});

/** Stretches of `sizes` along an axis, one output each. */
export const split: OpDefinition<{ readonly sizes: readonly number[]; readonly axis: number }, 'split'> = {
  name: 'split',
  infer: ([x], { sizes, axis }) => {
    if (sizes.length === 0 || sizes.reduce((sum, size) => sum + size, 0) !== x!.shape[axis])
      refuse('split', `[${sizes.join(', ')}] does not add up to axis ${axis}`, x!);
    return sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.map((s, a) => (a === axis ? size : s)) }));
  },
  gradient: ({ g, node, dOutputs }) => [
    g.concat(
      dOutputs.map((d, i) => d ?? g.fill(node.outputs[i]!.shape, 0)),
      node.attrs.axis,
    ),
  ],
};

export const concat = defineOp('concat', {
  infer: (inputs, { axis }: { readonly axis: number }) => {
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
  gradient: (context) => {
    const { g, node, needs } = context;
    const { axis } = node.attrs;
    const d = only(context);
    let start = 0;
    return node.inputs.map((input, i) => {
      const begin = d.shape.map((_, a) => (a === axis ? start : 0));
      start += input.shape[axis]!;
      return needs[i] ? g.slice(d, begin, input.shape) : null;
    });
  },
});

/** Shifts along an axis; what leaves at the end comes in at the start. */
export const roll = defineOp('roll', {
  infer: ([x], { axis }: { readonly shift: number; readonly axis: number }) => {
    if (x!.shape[axis] === undefined) refuse('roll', `has no axis ${axis}`, x!);
    return x!;
  },
  gradient: (context) => [context.g.roll(only(context), -context.node.attrs.shift, context.node.attrs.axis)],
});
