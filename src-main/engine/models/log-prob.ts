import type { GraphBuilder, GraphFunction, Value } from '../graph/types';
import type { FunctionFactory } from './types';

// N completion tokens in chunks of C, D width, V vocabulary

/** At most this many bytes of float32 logits at a time: 64 MB is 340 rows of a 49 k vocabulary, enough for full matrix speed. */
const chunkBytes = 64 << 20;

export const chunkRows = (completions: number, vocabulary: number): number => {
  const most = Math.max(16, Math.floor(chunkBytes / (4 * vocabulary)));
  const chunks = Math.ceil(completions / most);
  return Math.ceil(completions / chunks);
};

/**
 * Per-token log-probs log softmax(h Eᵀ)[y] for hidden states h [N, D], head E [V, D] and targets y [N], without ever keeping [N, V]:
 * logits exist for one chunk at a time. Two ways back:
 * - the head is frozen (LoRA): the chunk also computes d logp / d h = E[y] − softmax(z) E while its logits are there, so the backward pass is one
 *   multiplication by d logp (as Liger-Kernel's fused linear losses do for a scalar loss);
 * - the head is trained: the backward pass recomputes the chunk's logits, since d E needs d logp first.
 */
export function linearLogProb(factory: FunctionFactory, g: GraphBuilder, name: string, hidden: Value, head: Value, targets: Value, headFrozen: boolean): Value {
  const [completions, width] = hidden.shape as readonly [number, number];
  const [vocabulary] = head.shape as readonly [number, number];
  const rows = chunkRows(completions, vocabulary);
  const functions = new Map<number, GraphFunction>(); // the last chunk may be shorter
  const chunkFunction = (size: number): GraphFunction => {
    const known = functions.get(size);
    if (known) return known;
    const types = [
      { dtype: 'f32', shape: [size, width] },
      { dtype: 'f32', shape: [vocabulary, width] },
      { dtype: 'i32', shape: [size] },
    ] as const;
    const made = factory.function(`${name}/log_prob_${size}`, 'none', types, (gf, [h, e, y]) => (headFrozen ? frozenChunk(gf, h!, e!, y!) : [trainedChunk(gf, h!, e!, y!)]));
    functions.set(size, made);
    return made;
  };

  const parts: Value[] = [];
  for (let start = 0; start < completions; start += rows) {
    const size = Math.min(rows, completions - start);
    const previous = parts.at(-1);
    const own = g.slice(hidden, [start, 0], [size, width]);
    const h = previous ? g.after(own, previous) : own; // one chunk after the other: their logits never live side by side
    const y = g.slice(targets, [start], [size]);
    if (!headFrozen) {
      parts.push(g.call(chunkFunction(size), [h, head, y])[0]!);
      continue;
    }
    const [logprobs, slope] = g.call(chunkFunction(size), [h, head, y]) as readonly [Value, Value];
    parts.push(g.withGradient(logprobs, [h], (gr, d) => [gr.mul(gr.reshape(d, [size, 1]), slope)], [slope]));
  }
  return parts.length === 1 ? parts[0]! : g.concat(parts, 0);
}

function trainedChunk(g: GraphBuilder, h: Value, e: Value, y: Value): Value {
  const logits = g.matmul(h, e, { transposeB: true }); // [C, V]
  const picked = g.sum(g.mul(h, g.gather(e, y)), [1]); // [C] the target's logit
  return g.sub(picked, g.logSumExp(logits));
}

/** Log-probs [C] and their slope [C, D] with respect to h; the softmax is never normalized: (e^z E) / Σ e^z. */
function frozenChunk(g: GraphBuilder, h: Value, e: Value, y: Value): readonly Value[] {
  const logits = g.matmul(h, e, { transposeB: true }); // [C, V]
  const top = g.max(logits, [1], true); // [C, 1]
  const powers = g.exp(g.sub(logits, top)); // [C, V]
  const total = g.sum(powers, [1], true); // [C, 1]
  const target = g.gather(e, y); // [C, D]
  const size = h.shape[0]!;
  const logNormalizer = g.reshape(g.add(top, g.log(total)), [size]);
  const logprobs = g.sub(g.sum(g.mul(h, target), [1]), logNormalizer);
  const slope = g.sub(target, g.div(g.matmul(powers, e), total));
  return [logprobs, slope];
}
