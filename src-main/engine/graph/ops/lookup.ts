import { refuse, sameShape } from '../shapes';
import { defineOp, expectDType, only } from './define';

/** Rows of a table [R, ...] at indices [I...] -> [I..., ...] */
export const gather = defineOp('gather', {
  infer: ([table, indices]) => {
    expectDType('gather', ['i32'], indices!);
    if (table!.shape.length < 1) refuse('gather', 'the table needs rows', table!, indices!);
    return { dtype: table!.dtype, shape: [...indices!.shape, ...table!.shape.slice(1)] };
  },
  gradient: (context) => {
    const [table, indices] = context.node.inputs;
    return [context.g.scatterAdd(only(context), indices!, table!.shape[0]!), null];
  },
});

/** Adds values [I..., ...] at indices [I...] into zeros [rows, ...] */
export const scatterAdd = defineOp('scatterAdd', {
  infer: ([values, indices], { rows }: { readonly rows: number }) => {
    expectDType('scatterAdd', ['f32'], values!);
    expectDType('scatterAdd', ['i32'], indices!);
    if (!sameShape(values!.shape.slice(0, indices!.shape.length), indices!.shape))
      refuse('scatterAdd', 'indices do not lead the values', values!, indices!);
    return { dtype: 'f32', shape: [rows, ...values!.shape.slice(indices!.shape.length)] };
  },
  gradient: (context) => [context.g.gather(only(context), context.node.inputs[1]!), null],
});

export const oneHot = defineOp('oneHot', {
  infer: ([indices], { depth }: { readonly depth: number }) => {
    expectDType('oneHot', ['i32'], indices!);
    return { dtype: 'f32', shape: [...indices!.shape, depth] };
  },
  gradient: null,
});
