import type { GraphBuilder, Halves, Value } from '../graph/types';

/** Keeps 0 / 0 away where no gradient arrives. */
const smallest = 1e-30;

/**
 * x Wᵀ for x [M, in] in float32, with both sides rounded to halves and multiplied in that format; the result is
 * float32. W [out, in] is stored as halves (frozen, no gradient), or in float32 (trained: rounded for each product,
 * with a gradient that is multiplied in halves too, as torch.autocast does it). bfloat16 has the exponents of float32.
 * For float16 the incoming gradient is divided by its largest magnitude before it is rounded, and what it gives is
 * multiplied by it afterwards: loss scaling (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2) for each product
 * by itself. So nothing under- or overflows whatever the loss's scale, and no step is lost while a scale is sought.
 */
export function halfProduct(g: GraphBuilder, x: Value, w: Value, format: Halves): Value {
  const product = (
    gr: GraphBuilder,
    a: Value,
    b: Value,
    options: { transposeA?: boolean; transposeB?: boolean } = {},
  ): Value => gr.cast(gr.matmul(gr.cast(a, format), gr.cast(b, format), options), 'f32');
  const isTrained = w.dtype === 'f32';
  return g.withGradient(product(g, x, w, { transposeB: true }), isTrained ? [x, w] : [x], (gr, dy) => {
    const largest = format === 'f16' ? gr.maximum(gr.max(gr.abs(dy), [0, 1], true), smallest) : null; // [1, 1]
    const d = gr.cast(largest ? gr.div(dy, largest) : dy, format);
    const scaled = (value: Value): Value => (largest ? gr.mul(value, largest) : value);
    return [scaled(product(gr, d, w)), ...(isTrained ? [scaled(product(gr, d, x, { transposeA: true }))] : [])];
  });
}
