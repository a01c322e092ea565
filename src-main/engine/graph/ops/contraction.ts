import { refuse, sameShape } from '../shapes';
import type { GradientContext, TensorType, Value } from '../types';
import { defineOp, expectDType, only } from './define';

/** Which sides are taken transposed (their last two axes). */
export interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

type Product = (a: Value, b: Value, options: Partial<Transposed>) => Value;

function productShape(
  op: string,
  a: TensorType,
  b: TensorType,
  { transposeA, transposeB }: Transposed,
): readonly number[] {
  const [rowsA, colsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, colsB] = b.shape.slice(-2) as [number, number];
  const [n, k] = transposeA ? [colsA, rowsA] : [rowsA, colsA];
  const [k2, m] = transposeB ? [colsB, rowsB] : [rowsB, colsB];
  if (k !== k2) refuse(op, `inner sizes differ, ${k} and ${k2}`, a, b);
  return [...a.shape.slice(0, -2), n, m];
}

/** y = op(a) op(b): each side's gradient is a product again, transposed as that side was. */
function productGradient(context: GradientContext<Transposed>, product: Product): readonly (Value | null)[] {
  const { node, needs } = context;
  const [a, b] = node.inputs as readonly [Value, Value];
  const d = only(context);
  const { transposeA: tA, transposeB: tB } = node.attrs;
  const dA = (): Value =>
    tA ? product(b, d, { transposeA: tB, transposeB: true }) : product(d, b, { transposeB: !tB });
  const dB = (): Value =>
    tB ? product(d, a, { transposeA: true, transposeB: tA }) : product(a, d, { transposeA: !tA });
  return [needs[0] ? dA() : null, needs[1] ? dB() : null];
}

/** [N, K] x [K, M]; two matrices of halves give halves, summed in float32. */
export const matmul = defineOp('matmul', {
  infer: ([a, b], attrs: Transposed) => {
    expectDType('matmul', ['f32', 'bf16', 'f16'], a!, b!);
    if (a!.dtype !== b!.dtype) refuse('matmul', 'needs two of one type', a!, b!);
    if (a!.shape.length !== 2 || b!.shape.length !== 2) refuse('matmul', 'needs two matrices', a!, b!);
    return { dtype: a!.dtype, shape: productShape('matmul', a!, b!, attrs) };
  },
  gradient: (context) => productGradient(context, (a, b, options) => context.g.matmul(a, b, options)),
});

/** [..., N, K] x [..., K, M] with equal leading axes */
export const batchMatmul = defineOp('batchMatmul', {
  infer: ([a, b], attrs: Transposed) => {
    expectDType('batchMatmul', ['f32'], a!, b!);
    if (a!.shape.length < 3 || !sameShape(a!.shape.slice(0, -2), b!.shape.slice(0, -2)))
      refuse('batchMatmul', 'needs equal leading axes', a!, b!);
    return { dtype: 'f32', shape: productShape('batchMatmul', a!, b!, attrs) };
  },
  gradient: (context) => productGradient(context, (a, b, options) => context.g.batchMatmul(a, b, options)),
});
