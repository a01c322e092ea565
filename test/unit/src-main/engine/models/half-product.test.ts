import { describe, expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import { compileTensorflow } from '../../../../../src-main/engine/lower/tensorflow/session';
import { halfProduct } from '../../../../../src-main/engine/models/half-product';
import { halves, seeded } from '../../../support/tiny-config';

const [rows, input, out] = [5, 8, 6];

/** x Wᵀ and the gradient of Σ scale · target · y, in halves and in float32 with the same (rounded) W. */
async function both(dtype: 'bf16' | 'f16', scale: number): Promise<Readonly<Record<string, Float32Array>>> {
  const program = new ProgramBuilder();
  const [x, w] = [program.variable('x', 'f32', [rows, input]), program.variable('w', dtype, [out, input])];
  program.entry('run', (g) => {
    const [xs, ws] = [g.read(x), g.read(w)];
    const target = g.cast(g.reshape(g.range(rows * out), [rows, out]), 'f32');
    const dx = (y: typeof xs): typeof xs => gradients(g, g.sum(g.mul(g.mul(y, target), scale), [0, 1]), [xs])[0]!;
    const [half, full] = [halfProduct(g, xs, ws), g.matmul(xs, g.cast(ws, 'f32'), { transposeB: true })];
    return { outputs: { half, full, dHalf: dx(half), dFull: dx(full) }, updates: [] };
  });
  const session = await compileTensorflow(program.build());
  try {
    const random = seeded(5);
    const uniform = (size: number): Float32Array => Float32Array.from({ length: size }, () => random() - 0.5);
    session.setVariable('x', uniform(rows * input));
    session.setVariable('w', halves(uniform(out * input), dtype));
    return session.run('run', {}) as Readonly<Record<string, Float32Array>>;
  } finally {
    session.dispose();
  }
}

/** |a − b| / |b| of two vectors. */
const apart = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...b);

describe.each([
  ['bf16', 1e-2],
  ['f16', 1e-3],
] as const)('halfProduct in %s', (dtype, tolerance) => {
  it.each([1, 1e-12, 1e8])('agrees with float32, forward and backward, at a loss scale of %s', async (scale) => {
    const { half, full, dHalf, dFull } = await both(dtype, scale);
    expect(apart(half!, full!)).toBeLessThan(tolerance);
    expect(apart(dHalf!, dFull!)).toBeLessThan(tolerance);
    expect(apart(half!, full!)).toBeGreaterThan(0); // it was computed in halves
  });

  it('gives no gradient where none arrives', async () => {
    const { dHalf } = await both(dtype, 0);
    expect([...dHalf!].every((v) => v === 0)).toBe(true);
  });
});
