import type { GraphBuilder, Value } from '../graph/types';

// B rows, T tokens, S keys, H heads, K key-value heads, G = H / K query heads a key-value head, d head dim, D width, M = B * T

/**
 * x / rms(x) * weight over the last axis (Zhang & Sennrich 2019, arXiv 1910.07467); x [M, D], weight [D].
 * With r = 1 / rms(x) and t = weight · dy: dx = r t − x r³ mean(t x), in fewer passes over [M, D] than op by op.
 */
export function rmsNorm(g: GraphBuilder, x: Value, weight: Value, epsilon: number): Value {
  const scaleOf = (gr: GraphBuilder, row: Value): Value => gr.rsqrt(gr.add(gr.mean(gr.square(row), [1], true), epsilon)); // [M, 1]
  const [normalized] = g.fused('RmsNorm', [x, weight, g.constant(epsilon)], (gf, [row, w]) => [gf.mul(gf.mul(row!, scaleOf(gf, row!)), w!)]);
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
  const [out] = g.fused('AddLowRank', [plain, low, b], (gf, [p, l, w]) => [gf.add(p!, gf.matmul(l!, w!, { transposeB: true }))]);
  return g.withGradient(out!, [plain, low, b], (gr, dy) => [
    dy,
    ...gr.fused('LowRankGradient', [dy, low, b], (gf, [d, l, w]) => [gf.matmul(d!, w!), gf.matmul(d!, l!, { transposeA: true })]),
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

/**
 * softmax(q kᵀ + bias) v with grouped queries (Ainslie et al. 2023, arXiv 2305.13245): q [B, H, T, d] (scaled by 1 / sqrt(d) already, rope.ts), k and v [B, K, S, d],
 * bias [B, 1, T, S] (0 where a query may look, very negative elsewhere) -> [B, H, T, d]. The G query heads of a key-value head are stacked along T, so keys are never repeated.
 * The backward pass recomputes the weights instead of keeping [B, H, T, S], and takes the softmax's row term from the output, as FlashAttention does
 * (Dao et al. 2022, arXiv 2205.14135, appendix B.4).
 */
export function attention(g: GraphBuilder, q: Value, k: Value, v: Value, bias: Value): Value {
  const [rows, heads, tokens, headDim] = q.shape as readonly [number, number, number, number];
  const [, kvHeads, keys] = k.shape as readonly [number, number, number, number];
  const stacked = [rows, kvHeads, (heads / kvHeads) * tokens] as const;
  const weightsOf = (gr: GraphBuilder, query: Value): Value => {
    const scores = gr.batchMatmul(query, k, { transposeB: true }); // (B, K, GT, d) x (B, K, S, d)ᵀ
    const [weights] = gr.fused('MaskedSoftmax', [gr.reshape(scores, [rows, heads, tokens, keys]), bias], (gf, [s, b]) => [gf.softmax(gf.add(s!, b!))]);
    return gr.reshape(weights!, [...stacked, keys]);
  };
  const query = g.reshape(q, [...stacked, headDim]); // (B, H, T, d) read as (B, K, GT, d)
  const out = g.batchMatmul(weightsOf(g, query), v); // (B, K, GT, S) x (B, K, S, d)
  const mixed = g.withGradient(
    out,
    [query, k, v],
    (gr, dOut) => {
      const weights = weightsOf(gr, query);
      const dV = gr.batchMatmul(weights, dOut, { transposeA: true });
      const dWeights = gr.batchMatmul(dOut, v, { transposeB: true });
      // P (dP − Σ_s P dP), where the sum is dO · O
      const [dScores] = gr.fused('SoftmaxGradient', [weights, dWeights, dOut, out], (gf, [p, dP, dO, o]) => [gf.mul(p!, gf.sub(dP!, gf.sum(gf.mul(dO!, o!), [3], true)))]);
      return [gr.batchMatmul(dScores!, k), gr.batchMatmul(dScores!, query, { transposeA: true }), dV];
    },
    [out, bias],
  );
  return g.reshape(mixed, [rows, heads, tokens, headDim]);
}

/** Most queries of a block: with half of it, the further kernels cost what they save (RESULTS.md, "Blocks of attention"). */
const blockQueries = 224;

/**
 * attention() where query i looks at keys up to i only, in blocks of queries: each takes the keys up to its own end, so that most of the masked half is never computed.
 * Shapes as there, with S = T; beside order, `bias` may hide more.
 */
export function causalAttention(g: GraphBuilder, q: Value, k: Value, v: Value, bias: Value): Value {
  const tokens = q.shape[2]!;
  const blocks = Math.ceil(tokens / blockQueries);
  const startOf = (block: number): number => Math.round((block * tokens) / blocks);
  const queries = g.split(q, Array.from({ length: blocks }, (_, block) => startOf(block + 1) - startOf(block)), 2);
  const parts = queries.map((query, block) => {
    const [start, end] = [startOf(block), startOf(block + 1)];
    const before = (x: Value): Value => g.slice(x, [0, 0, 0, 0], [...x.shape.slice(0, 2), end, x.shape[3]!]);
    const seen = g.slice(bias, [0, 0, start, 0], [...bias.shape.slice(0, 2), end - start, end]);
    return attention(g, query, before(k), before(v), seen);
  });
  return g.concat(parts, 2);
}

/**
 * Who may look at whom in shared-prefix rows, as a bias [B, 1, T, T]: token i sees token j <= i when j is prompt (segment 0) or of i's own segment;
 * so chosen and rejected both see the prompt and never each other.
 */
export function segmentBias(g: GraphBuilder, segments: Value): Value {
  const [rows, tokens] = segments.shape as readonly [number, number];
  const of = (shape: readonly number[]): Value => g.reshape(segments, shape);
  const order = g.range(tokens);
  const earlier = g.lessEqual(g.reshape(order, [1, 1, 1, tokens]), g.reshape(order, [1, 1, tokens, 1])); // [1, 1, T, T]
  const keySegment = of([rows, 1, 1, tokens]);
  const isPrompt = g.equal(keySegment, g.constant([0], 'i32', [1, 1, 1, 1]));
  const isOwn = g.equal(keySegment, of([rows, 1, tokens, 1]));
  return maskBias(g, g.and(earlier, g.or(isPrompt, isOwn)));
}

/** 0 where `allowed`, a number whose exponential is exactly 0 elsewhere. */
export const maskBias = (g: GraphBuilder, allowed: Value): Value => g.where(allowed, g.constant(0), g.constant(-1e9));
