import { describe, expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import type { Halves, Value } from '../../../../../src-main/engine/graph/types';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import { compileTensorflow } from '../../../../../src-main/engine/backends/tensorflow/session';
import { halfProduct } from '../../../../../src-main/engine/model/half-product';
import { halves, seeded } from '../../../support/tiny-config';

const [rows, input, out] = [5, 8, 6];

/**
 * x Wᵀ and the gradients of Σ scale · target · y, in halves and in float32. A frozen W is stored as halves, and has no
 * gradient.
 */
async function both(
  format: Halves,
  scale: number,
  isTrained: boolean,
): Promise<Readonly<Record<string, Float32Array>>> {
  const program = new ProgramBuilder();
  const [x, w] = [
    program.variable('x', 'f32', [rows, input]),
    program.variable('w', isTrained ? 'f32' : format, [out, input]),
  ];
  program.entry('run', (g) => {
    const [xs, ws] = [g.read(x), g.read(w)];
    const target = g.cast(g.reshape(g.range(rows * out), [rows, out]), 'f32');
    const wide = g.cast(ws, 'f32');
    const [half, full] = [halfProduct(g, xs, ws, format), g.matmul(xs, wide, { transposeB: true })];
    const gradientsOf = (y: Value, of: readonly Value[]): readonly Value[] =>
      gradients(g, g.sum(g.mul(g.mul(y, target), scale), [0, 1]), of);
    const [dHalf, wHalf] = gradientsOf(half, isTrained ? [xs, ws] : [xs]);
    const [dFull, wFull] = gradientsOf(full, [xs, wide]);
    return {
      outputs: { half, full, dHalf: dHalf!, dFull: dFull!, ...(wHalf ? { wHalf, wFull: wFull! } : {}) },
      updates: [],
    };
  });
  const session = await compileTensorflow(program.build());
  try {
    const random = seeded(5);
    const uniform = (size: number): Float32Array => Float32Array.from({ length: size }, () => random() - 0.5);
    session.setVariable('x', uniform(rows * input));
    session.setVariable('w', isTrained ? uniform(out * input) : halves(uniform(out * input), format));
    return session.run('run', {}) as Readonly<Record<string, Float32Array>>;
  } finally {
    session.dispose();
  }
}

const norm = (v: Float32Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
/** |a − b| / |b| of two vectors. */
const apart = (a: Float32Array, b: Float32Array): number => norm(a.map((v, i) => v - b[i]!)) / norm(b);

describe.each([
  ['bf16', 'frozen', 1e-2],
  ['f16', 'frozen', 1e-3],
  ['bf16', 'trained', 1e-2],
  ['f16', 'trained', 1e-3],
] as const)('halfProduct in %s of a %s matrix', (format, kind, tolerance) => {
  const isTrained = kind === 'trained';
  it.each([1, 1e-12, 1e8])('agrees with float32, forward and backward, at a loss scale of %s', async (scale) => {
    const { half, full, dHalf, dFull, wHalf, wFull } = await both(format, scale, isTrained);
    expect(apart(half!, full!)).toBeLessThan(tolerance);
    expect(apart(dHalf!, dFull!)).toBeLessThan(tolerance);
    if (isTrained) expect(apart(wHalf!, wFull!)).toBeLessThan(tolerance);
    expect(apart(half!, full!)).toBeGreaterThan(0); // it was computed in halves
  });

  it('gives no gradient where none arrives', async () => {
    const { dHalf, wHalf } = await both(format, 0, isTrained);
    expect([...dHalf!, ...(wHalf ?? [])].every((v) => v === 0)).toBe(true);
  });
});
