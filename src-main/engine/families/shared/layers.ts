import type { GraphBuilder, Value } from '../../graph/types';

// B rows, T tokens, H heads, D width, F feed-forward width, M = B * T

/**
 * x / rms(x) * weight over the last axis (Zhang & Sennrich 2019, arXiv 1910.07467); x [M, D], weight [D].
 * With r = 1 / rms(x) and t = weight · dy: dx = r t − x r³ mean(t x), in fewer passes over [M, D] than op by op.
 */
export function rmsNorm(g: GraphBuilder, x: Value, weight: Value, epsilon: number): Value {
  const scaleOf = (gr: GraphBuilder, row: Value): Value =>
    gr.rsqrt(gr.add(gr.mean(gr.square(row), [1], true), epsilon)); // [M, 1]
  const [normalized] = g.fused('RmsNorm', [x, weight, g.constant(epsilon)], (gf, [row, w]) => [
    gf.mul(gf.mul(row!, scaleOf(gf, row!)), w!),
  ]);
  return g.withGradient(normalized!, [x, weight], (gr, dy) => {
    const [dx] = gr.fused('RmsNormGradient', [x, weight, dy, gr.constant(epsilon)], (gf, [row, w, d]) => {
      const r = scaleOf(gf, row!);
      const t = gf.mul(d!, w!);
      const along = gf.mul(gf.mean(gf.mul(t, row!), [1], true), gf.mul(gf.square(r), r)); // [M, 1]
      return [gf.sub(gf.mul(t, r), gf.mul(row!, along))];
    });
    return [dx!, gr.sum(gr.mul(dy, gr.mul(x, scaleOf(gr, x))), [0])];
  });
}

/** silu(gate) * up (Shazeer 2020, arXiv 2002.05202); [M, F] all. */
export function swiglu(g: GraphBuilder, gate: Value, up: Value): Value {
  const [out] = g.fused('Swiglu', [gate, up], (gf, [a, b]) => [gf.mul(gf.silu(a!), b!)]);
  return g.withGradient(out!, [gate, up], (gr, dy) =>
    gr.fused('SwigluGradient', [gate, up, dy], (gf, [a, b, d]) => {
      const s = gf.sigmoid(a!);
      const silu = gf.mul(a!, s);
      return [gf.mul(gf.mul(d!, b!), gf.add(s, gf.mul(silu, gf.sub(1, s)))), gf.mul(d!, silu)];
    }),
  );
}

/** plain + low bᵀ: what a LoRA adapter adds; plain [M, out], low [M, rank], b [out, rank]. */
export function addLowRank(g: GraphBuilder, plain: Value, low: Value, b: Value): Value {
  const [out] = g.fused('AddLowRank', [plain, low, b], (gf, [p, l, w]) => [
    gf.add(p!, gf.matmul(l!, w!, { transposeB: true })),
  ]);
  return g.withGradient(out!, [plain, low, b], (gr, dy) => [
    dy,
    ...gr.fused('LowRankGradient', [dy, low, b], (gf, [d, l, w]) => [
      gf.matmul(d!, w!),
      gf.matmul(d!, l!, { transposeA: true }),
    ]),
  ]);
}

/** (x − mean) / sqrt(var + epsilon) * weight + bias over the last axis (Ba et al. 2016, arXiv 1607.06450). */
export function layerNorm(g: GraphBuilder, x: Value, weight: Value, bias: Value, epsilon: number): Value {
  const last = x.shape.length - 1;
  const centred = g.sub(x, g.mean(x, [last], true));
  const scale = g.rsqrt(g.add(g.mean(g.square(centred), [last], true), epsilon));
  return g.add(g.mul(g.mul(centred, scale), weight), bias);
}

/** gelu as torch's default computes it: x Φ(x). */
export const gelu = (g: GraphBuilder, x: Value): Value => g.mul(g.mul(x, 0.5), g.add(g.erf(g.mul(x, Math.SQRT1_2)), 1));

/** The tanh approximation (`gelu_new`, `gelu_pytorch_tanh`). */
export const geluTanh = (g: GraphBuilder, x: Value): Value => {
  const inner = g.mul(g.add(x, g.mul(g.mul(g.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return g.mul(g.mul(x, 0.5), g.add(g.tanh(inner), 1));
};

/** [M, heads * d] -> [B, heads, T, d] */
export function splitHeads(g: GraphBuilder, x: Value, rows: number, heads: number): Value {
  const tokens = x.shape[0]! / rows;
  return g.transpose(g.reshape(x, [rows, tokens, heads, x.shape[1]! / heads]), [0, 2, 1, 3]);
}

/** [B, heads, T, d] -> [M, heads * d] */
export function joinHeads(g: GraphBuilder, x: Value): Value {
  const [rows, heads, tokens, headDim] = x.shape as readonly [number, number, number, number];
  return g.reshape(g.transpose(x, [0, 2, 1, 3]), [rows * tokens, heads * headDim]);
}
