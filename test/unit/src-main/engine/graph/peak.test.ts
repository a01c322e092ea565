import { describe, expect, it } from 'vitest';
import { gradients } from '../../../../../src-main/engine/graph/gradients';
import { entryPeakBytes } from '../../../../../src-main/engine/graph/peak';
import { ProgramBuilder } from '../../../../../src-main/engine/graph/program';
import type { GraphBuilder, Residuals, Value } from '../../../../../src-main/engine/graph/types';

/** Peak of an entry over x [8, 4] f32: 128 bytes, called `unit` below. */
const unit = 128;
const peakOf = (body: (g: GraphBuilder, x: Value, program: ProgramBuilder) => Value): number => {
  const program = new ProgramBuilder();
  return entryPeakBytes(
    program.entry('e', (g) => ({ outputs: { y: body(g, g.input('x', 'f32', [8, 4]), program) }, updates: [] })),
  );
};

describe('entryPeakBytes', () => {
  it('counts no inputs, constants and variables', () => {
    expect(peakOf((_g, x) => x)).toBe(0);
    expect(peakOf((g, _x, program) => g.reshape(g.read(program.variable('w', 'f32', [6, 6])), [36]))).toBe(0);
  });
  it('lets an element-wise op write over what nobody wants any more, but never over what is wanted or borrowed', () => {
    expect(peakOf((g, x) => g.exp(x))).toBe(unit);
    expect(peakOf((g, x) => g.tanh(g.neg(g.exp(x))))).toBe(unit);
    expect(
      peakOf((g, x) => {
        const e = g.exp(x);
        return g.add(g.neg(e), e); // e is still wanted while −e is made; the sum takes the place of one
      }),
    ).toBe(2 * unit);
  });
  it('does not take a view for a copy, and keeps what a view still shows', () => {
    expect(peakOf((g, x) => g.neg(g.reshape(g.stopGradient(g.exp(x)), [4, 8])))).toBe(unit);
    expect(
      peakOf((g, x) => {
        const view = g.reshape(g.exp(x), [32]);
        return g.add(g.reshape(g.transpose(x, [1, 0]), [32]), view);
      }),
    ).toBe(2 * unit);
  });
  it('frees a value after its last use', () => {
    // of three, two at a time
    expect(peakOf((g, x) => g.transpose(g.transpose(g.transpose(x, [1, 0]), [1, 0]), [1, 0]))).toBe(2 * unit);
    expect(peakOf((g, x) => g.logSumExp(x))).toBe(unit + 8 * 4); // exponentials of the whole, and 8 results
  });
  it('counts a called function’s inside only while it is called, and only where it is asked to', () => {
    const program = new ProgramBuilder();
    const wide = program.function('wide', 'none', [{ dtype: 'f32', shape: [8, 4] }], (g, [x]) => [
      g.sum(g.batchMatmul(g.reshape(x!, [1, 8, 4]), g.reshape(x!, [1, 8, 4]), { transposeB: true }), [0, 1, 2]),
    ]); // 8 x 8: 2 units
    const entry = program.entry('e', (g) => {
      const x = g.input('x', 'f32', [8, 4]);
      return { outputs: { y: g.add(g.call(wide, [x])[0]!, g.call(wide, [g.neg(x)])[0]!) }, updates: [] };
    });
    // the first call's sum, −x, the second call's product and its sum
    expect(entryPeakBytes(entry)).toBe(4 + unit + 2 * unit + 4);
    expect(entryPeakBytes(entry, (fn) => fn === wide)).toBe(4 + unit + 4);
  });
  it('takes a function with a kernel for one op, which writes over an input where it can', () => {
    const fused = (kernel: string) => (g: GraphBuilder, x: Value) =>
      g.fused(kernel, [g.exp(x), x], (gf, [a, b]) => [
        gf.mul(gf.exp(gf.transpose(gf.transpose(a!, [1, 0]), [1, 0])), b!),
      ])[0]!;
    expect(peakOf(fused('SwigluGradient'))).toBe(unit);
    expect(peakOf(fused('RmsNorm'))).toBe(2 * unit);
  });
  it('counts what the kernels of attention hold for themselves', () => {
    const attention = (kernel: string) => (g: GraphBuilder, x: Value) => {
      const q = g.reshape(g.exp(x), [1, 2, 4, 4]);
      return g.fused(kernel, [q, g.slice(q, [0, 0, 0, 0], [1, 1, 4, 4])], (gf, [a]) => [gf.exp(a!)])[0]!;
    };
    // queries, keys, results; keys once more
    expect(peakOf(attention('CausalAttention'))).toBe((1 + 0.5 + 1 + 0.5) * unit);
    // keys and values once more, and sums for each query head
    expect(peakOf(attention('CausalAttentionGradient'))).toBe((1 + 0.5 + 1 + 2 * (0.5 + 1)) * unit);
  });
  it('adds what the backward pass of each layer keeps: all, products, or the input alone', () => {
    const training = (layers: number, residuals: Residuals): number => {
      const program = new ProgramBuilder();
      const w = program.variable('w', 'f32', [4, 4]);
      const layer = program.function('layer', residuals, [{ dtype: 'f32', shape: [8, 4] }, w], (g, [x, weight]) => [
        g.add(x!, g.tanh(g.exp(g.matmul(x!, weight!)))),
      ]);
      const entry = program.entry('e', (g) => {
        const weight = g.read(w);
        let x = g.input('x', 'f32', [8, 4]);
        for (let i = 0; i < layers; i++) x = g.call(layer, [x, weight])[0]!;
        return {
          outputs: {},
          updates: [{ kind: 'assign-add', variable: w, value: gradients(g, g.sum(g.square(x), [0, 1]), [weight])[0]! }],
        };
      });
      return entryPeakBytes(entry);
    };
    const perLayer = (residuals: Residuals): number => (training(12, residuals) - training(4, residuals)) / 8;
    expect(perLayer('none')).toBe(unit); // x
    expect(perLayer('products')).toBe(2 * unit); // x, x w
    expect(perLayer('all')).toBe(3 * unit); // x, e^(x w), its tanh
  });
});
