import type { GraphBuilder, Value } from '../graph/types';

/** Keeps 0 / 0 away where no gradient arrives. */
const smallest = 1e-30;

/**
 * x Wᵀ for x [M, in] in float32 and a frozen W [out, in] stored as halves, multiplied in that format; the result is float32.
 * bfloat16 has the exponents of float32. For float16 the gradient is divided by its largest magnitude before it is rounded, and multiplied by it afterwards: loss scaling
 * (Micikevicius et al. 2018, arXiv 1710.03740, section 3.2) for each product by itself. So nothing under- or overflows whatever the loss's scale, and no step is lost while a
 * scale is sought.
 */
export function halfProduct(g: GraphBuilder, x: Value, w: Value): Value {
  const product = (gr: GraphBuilder, a: Value, transposeB: boolean): Value => gr.cast(gr.matmul(gr.cast(a, w.dtype), w, { transposeB }), 'f32');
  return g.withGradient(product(g, x, true), [x], (gr, dy) => {
    if (w.dtype === 'bf16') return [product(gr, dy, false)];
    const largest = gr.maximum(gr.max(gr.abs(dy), [0, 1], true), smallest); // [1, 1]
    return [gr.mul(product(gr, gr.div(dy, largest), false), largest)];
  });
}
