import type { HostArray, OpDefinition, TensorType, Variable } from '../types';
import { defineOp } from './define';

/** Values without inputs: their type stands in the attributes. */
const declared =
  <Attrs>() =>
  <const Name extends string>(name: Name): OpDefinition<Attrs & TensorType, Name> =>
    defineOp(name, { infer: (_inputs, { dtype, shape }: Attrs & TensorType) => ({ dtype, shape }), gradient: null });

/** Fed by the caller of an entry. */
export const input = declared<{ readonly name: string }>()('input');
/** Argument of a function. */
export const parameter = declared<{ readonly index: number }>()('parameter');
/** A small host array; `exact`: a scalar before it was rounded to f32, for the tests' double-precision oracle. */
export const constant = declared<{ readonly data: HostArray; readonly exact?: number }>()('constant');
export const fill = declared<{ readonly value: number }>()('fill');
/** i32 0, 1, … */
export const range = declared<unknown>()('range');
export const read = defineOp('read', {
  infer: (_inputs, { variable }: { readonly variable: Variable }) => variable,
  gradient: null,
});
