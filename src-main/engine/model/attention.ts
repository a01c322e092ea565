import type { GraphBuilder, Value } from '../graph/types';

// B rows, T tokens, S keys, H heads, K key-value heads, G = H / K query heads a key-value head, d head dim, M = B * T

/**
 * softmax(q kᵀ + bias) v with grouped queries (Ainslie et al. 2023, arXiv 2305.13245): q [B, H, T, d] (scaled by 1 /
 * sqrt(d) already, rope.ts), k and v [B, K, S, d], bias [B, 1, T, S] (0 where a query may look, very negative
 * elsewhere) -> [B, H, T, d]. The G query heads of a key-value head are stacked along T, so keys are never repeated.
 */
export function attention(g: GraphBuilder, q: Value, k: Value, v: Value, bias: Value): Value {
  const mixed = g.batchMatmul(attentionWeights(g, q, k, bias), v); // (B, K, GT, S) x (B, K, S, d)
  return g.withGradient(
    g.reshape(mixed, q.shape),
    [q, k, v],
    (gr, dOut) => attentionGradient(gr, { q, k, v, bias, out: mixed, dOut }),
    [mixed, bias],
  );
}

/** [B, K, GT, S] */
function attentionWeights(g: GraphBuilder, q: Value, k: Value, bias: Value): Value {
  const [rows, heads, tokens, headDim] = q.shape as readonly [number, number, number, number];
  const [, kvHeads, keys] = k.shape as readonly [number, number, number, number];
  const stacked = [rows, kvHeads, (heads / kvHeads) * tokens] as const;
  // (B, H, T, d) read as (B, K, GT, d) x (B, K, S, d)ᵀ
  const scores = g.batchMatmul(g.reshape(q, [...stacked, headDim]), k, { transposeB: true });
  return g.reshape(g.softmax(g.add(g.reshape(scores, [rows, heads, tokens, keys]), bias)), [...stacked, keys]);
}

/**
 * d q, d k, d v of `out` = attention(…) (of any shape). Recomputes the weights instead of keeping [B, H, T, S], and
 * takes the softmax's row term from the output, as FlashAttention does (Dao et al. 2022, arXiv 2205.14135, appendix
 * B.4).
 */
function attentionGradient(
  g: GraphBuilder,
  { q, k, v, bias, out, dOut }: Readonly<Record<'q' | 'k' | 'v' | 'bias' | 'out' | 'dOut', Value>>,
): readonly [Value, Value, Value] {
  const weights = attentionWeights(g, q, k, bias);
  const stacked = [...weights.shape.slice(0, 3), q.shape[3]!];
  const [query, o, d] = [q, out, dOut].map((x) => g.reshape(x, stacked)) as [Value, Value, Value];
  const dV = g.batchMatmul(weights, d, { transposeA: true });
  const dWeights = g.batchMatmul(d, v, { transposeB: true });
  // P (dP − Σ_s P dP), where the sum is dO · O
  const dScores = g.mul(weights, g.sub(dWeights, g.sum(g.mul(d, o), [3], true)));
  return [g.reshape(g.batchMatmul(dScores, k), q.shape), g.batchMatmul(dScores, query, { transposeA: true }), dV];
}

/**
 * Most queries of a block: with half of it, the further ops cost what they save (RESULTS.md, "Blocks of attention").
 */
const blockQueries = 224;
/** Head widths of which the kernel takes whole vectors: those of all published models. */
const kernelWidth = 16;

/**
 * attention() within the rows of shared prefixes (segmentBias): q [B, H, T, d], k and v [B, K, T, d], segments i32 [B,
 * T] -> [M, H d]. Its kernel skips what nobody may see, the other response too; without it queries come in blocks that
 * take the keys up to their own end, so that most of what causality hides is not computed.
 */
export function causalAttention(g: GraphBuilder, q: Value, k: Value, v: Value, segments: Value): Value {
  const [rows, heads, tokens, headDim] = q.shape as readonly [number, number, number, number];
  const fused = (gb: GraphBuilder, ...[kernel, args, body]: Parameters<GraphBuilder['fused']>): readonly Value[] =>
    headDim % kernelWidth === 0 ? gb.fused(kernel, args, body) : body(gb, args);
  const inputs = [q, k, v, segments];
  // the second result is the kernel's note to its gradient, which nothing else reads
  const [out, note] = fused(g, 'CausalAttention', inputs, (gf, [fq, fk, fv, fs]) => {
    const parts = queryBlocks(gf, fq!, fs!).map(({ of, before, bias }) =>
      attention(gf, of(fq!), before(fk!), before(fv!), bias),
    );
    return [gf.transpose(gf.concat(parts, 2), [0, 2, 1, 3]), gf.fill([rows, heads, tokens], 0)];
  }) as readonly [Value, Value];
  const mixed = g.withGradient(
    out,
    [q, k, v],
    (gr, dOut) =>
      fused(gr, 'CausalAttentionGradient', [...inputs, out, note, dOut], (gf, [fq, fk, fv, fs, o, , d]) => {
        const [byHead, dByHead] = [o!, d!].map((x) => gf.transpose(x, [0, 2, 1, 3])) as [Value, Value];
        const parts = queryBlocks(gf, fq!, fs!).map(({ of, before, after, bias }) => {
          const [dQ, dK, dV] = attentionGradient(gf, {
            q: of(fq!),
            k: before(fk!),
            v: before(fv!),
            bias,
            out: of(byHead),
            dOut: of(dByHead),
          });
          return [dQ, after(dK), after(dV)] as const;
        });
        const sum = (values: readonly Value[]): Value => values.reduce((total, x) => gf.add(total, x));
        return [
          gf.concat(
            parts.map(([dQ]) => dQ),
            2,
          ),
          sum(parts.map(([, dK]) => dK)),
          sum(parts.map(([, , dV]) => dV)),
        ];
      }),
    [out, note],
  );
  return g.reshape(mixed, [rows * tokens, heads * headDim]);
}

/**
 * For every block of queries: its part of [B, *, T, d], the keys before its end, the same with zeros after them again,
 * and who sees whom.
 */
function queryBlocks(
  g: GraphBuilder,
  { shape }: Value,
  segments: Value,
): readonly { of(x: Value): Value; before(x: Value): Value; after(x: Value): Value; readonly bias: Value }[] {
  const tokens = shape[2]!;
  const blocks = Math.ceil(tokens / blockQueries);
  const startOf = (block: number): number => Math.round((block * tokens) / blocks);
  const all = segmentBias(g, segments);
  return Array.from({ length: blocks }, (_, block) => {
    const [start, end] = [startOf(block), startOf(block + 1)];
    const cut = (x: Value, from: number): Value =>
      g.slice(x, [0, 0, from, 0], [x.shape[0]!, x.shape[1]!, end - from, x.shape[3]!]);
    return {
      of: (x) => cut(x, start),
      before: (x) => cut(x, 0),
      after: (x) =>
        end === tokens ? x : g.concat([x, g.fill([x.shape[0]!, x.shape[1]!, tokens - end, x.shape[3]!], 0)], 2),
      bias: g.slice(all, [0, 0, start, 0], [all.shape[0]!, 1, end - start, end]),
    };
  });
}

/**
 * Who may look at whom in shared-prefix rows, as a bias [B, 1, T, T]: token i sees token j <= i when j is prompt
 * (segment 0) or of i's own segment; so chosen and rejected both see the prompt and never each other.
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
