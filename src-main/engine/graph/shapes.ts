import type { Shape, TensorType } from './types';

export const elementCount = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);
export const showShape = (shape: Shape): string => `[${shape.join(', ')}]`;
const showType = ({ dtype, shape }: TensorType): string => `${dtype}${showShape(shape)}`;
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** Refuses with the op, the argument and the shapes at hand. */
export function refuse(op: string, message: string, ...types: readonly TensorType[]): never {
  throw new Error(`${op}: ${message} (got ${types.map(showType).join(', ')})`);
}

/** NumPy's rule: shapes are aligned at the end; a 1 stretches. */
export function broadcastShape(op: string, a: TensorType, b: TensorType): Shape {
  const rank = Math.max(a.shape.length, b.shape.length);
  return Array.from({ length: rank }, (_, axis) => {
    const da = a.shape[axis - rank + a.shape.length] ?? 1;
    const db = b.shape[axis - rank + b.shape.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) refuse(op, `shapes do not broadcast at axis ${axis}`, a, b);
    return da === 1 ? db : da;
  });
}

export function reducedShape(op: string, x: TensorType, axes: readonly number[], keepDims: boolean): Shape {
  for (const axis of axes)
    if (!Number.isInteger(axis) || axis < 0 || axis >= x.shape.length) refuse(op, `axis ${axis} is out of range`, x);
  return x.shape.flatMap((d, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [d]));
}
