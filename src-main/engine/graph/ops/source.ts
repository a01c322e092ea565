import type { DType, Shape, Variable } from '../types';
import { defineOp } from './define';

/** Values without inputs: their type stands in the attributes. */
const declared = (name: string) =>
  defineOp(name, (_inputs, attrs) => ({ dtype: attrs.dtype as DType, shape: attrs.shape as Shape }));

export const input = declared('input'); // {name}: fed by the caller of an entry
export const parameter = declared('parameter'); // {index}: argument of a function
export const constant = declared('constant'); // {data}: small host array
export const fill = declared('fill'); // {value}
export const range = declared('range'); // i32 0, 1, …
export const read = defineOp('read', (_inputs, attrs) => attrs.variable as Variable);
