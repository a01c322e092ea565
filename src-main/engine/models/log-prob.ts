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
 * What is to be differentiated: nothing; the hidden states alone (LoRA: the chunk computes its slope while its logits are there, and the backward pass is one multiplication,
 * as Liger-Kernel's fused linear losses do for a scalar loss); or head and hidden states (the backward pass recomputes the chunk's logits, since d E needs d logp first).
 */
export type HeadGradient = 'none' | 'hidden' | 'all';

export interface HeadRequest {
  readonly hidden: Value; // [N, D]
  readonly head: Value; // E [V, D], f32 or stored as halves where it is frozen
  readonly targets: Value; // i32 [N]
  readonly gradient: HeadGradient;
  /** Entropy, mean logit and top-1 hits beside the log-probs. */
  readonly statistics: boolean;
  /** log Σ_v π_v², for WPO's weights. */
  readonly collision: boolean;
  /** Hidden states and head of the reference, for KL(ref ‖ π). */
  readonly reference: { readonly hidden: Value; readonly head: Value } | null;
}

/** All f32 [N]; only `logprobs` and `kl` have gradients. */
export interface HeadValues {
  readonly logprobs: Value; // log softmax(h Eᵀ)[y]
  readonly entropy: Value | null; // −Σ_v π_v log π_v, nats
  readonly meanLogit: Value | null; // mean over the vocabulary
  readonly top1: Value | null; // 1 where no token has a higher logit than y
  readonly collision: Value | null;
  readonly kl: Value | null; // Σ_v ref_v (log ref_v − log π_v), nats
}

type Name = keyof HeadValues | 'slope' | 'klSlope';

/** Values per completion token without ever keeping [N, V]: logits exist for one chunk at a time. */
export function headValues(factory: FunctionFactory, g: GraphBuilder, name: string, request: HeadRequest): HeadValues {
  const { hidden, head, targets, reference } = request;
  const [completions, width] = hidden.shape as readonly [number, number];
  const [vocabulary] = head.shape as readonly [number, number];
  const rows = chunkRows(completions, vocabulary);
  const names = resultNames(request);
  const functions = new Map<number, GraphFunction>(); // the last chunk may be shorter
  const chunkFunction = (size: number): GraphFunction => {
    const states = { dtype: 'f32', shape: [size, width] } as const;
    const table = { dtype: head.dtype, shape: [vocabulary, width] } as const;
    const types = [states, table, { dtype: 'i32', shape: [size] } as const, ...(reference ? [states, table] : [])];
    const made = functions.get(size) ?? factory.function(`${name}/log_prob_${size}`, 'none', types, (gf, args) => chunk(gf, request, names, args));
    functions.set(size, made);
    return made;
  };

  const parts = new Map<Name, Value[]>(names.map((n) => [n, []]));
  let previous: Value | null = null;
  for (let start = 0; start < completions; start += rows) {
    const size = Math.min(rows, completions - start);
    const own = g.slice(hidden, [start, 0], [size, width]);
    const h = previous ? g.after(own, previous) : own; // one chunk after the other: their logits never live side by side
    const ofReference = reference ? [g.slice(reference.hidden, [start, 0], [size, width]), reference.head] : [];
    const results = g.call(chunkFunction(size), [h, head, g.slice(targets, [start], [size]), ...ofReference]);
    const found = new Map(names.map((n, i) => [n, results[i]!]));
    previous = found.get('logprobs')!;
    for (const [n, value] of found) {
      const slope = found.get(n === 'kl' ? 'klSlope' : 'slope');
      parts.get(n)!.push(slope && (n === 'logprobs' || n === 'kl') ? g.withGradient(value, [h], (gr, d) => [gr.mul(gr.reshape(d, [size, 1]), slope)], [slope]) : value);
    }
  }
  const whole = (n: Name): Value | null => (names.includes(n) ? g.concat(parts.get(n)!, 0) : null);
  return {
    logprobs: whole('logprobs')!,
    entropy: whole('entropy'),
    meanLogit: request.statistics ? g.sum(g.mul(hidden, g.mean(g.cast(head, 'f32'), [0], true)), [1]) : null, // the mean of h·E is h·(mean of E)
    top1: whole('top1'),
    collision: whole('collision'),
    kl: whole('kl'),
  };
}

const resultNames = ({ gradient, statistics, collision, reference }: HeadRequest): readonly Name[] => [
  'logprobs',
  ...(gradient === 'hidden' ? (['slope'] as const) : []),
  ...(statistics ? (['entropy', 'top1'] as const) : []),
  ...(collision ? (['collision'] as const) : []),
  ...(reference ? (['kl'] as const) : []),
  ...(reference && gradient === 'hidden' ? (['klSlope'] as const) : []),
];

/** The target's logit is summed in another order than the matrix product: ties within rounding count as hits. */
const rounding = 1e-4;

/** One chunk: h [C, D], e [V, D], y [C], and the reference's h and e. Results in the order of `names`, which lowerings prune to what is used. */
function chunk(g: GraphBuilder, { gradient }: HeadRequest, names: readonly Name[], [h, storedHead, y, hRef, storedReference]: readonly Value[]): readonly Value[] {
  const e = g.cast(storedHead!, 'f32');
  const size = h!.shape[0]!;
  const flat = (column: Value): Value => g.reshape(column, [size]);
  const logits = g.matmul(h!, e, { transposeB: true }); // [C, V]
  const target = g.cast(g.gather(storedHead!, y!), 'f32'); // [C, D]
  const picked = g.sum(g.mul(h!, target), [1]); // [C] the target's logit
  const top = g.max(logits, [1], true); // [C, 1]
  // without a gradient through the head, the softmax is never normalized: (e^z E) / Σ e^z
  const powers = g.exp(g.sub(logits, gradient === 'all' ? g.stopGradient(top) : top)); // [C, V]
  const total = g.sum(powers, [1], true); // [C, 1]
  const logNormalizer = gradient === 'all' ? g.logSumExp(logits) : flat(g.add(top, g.log(total))); // [C]
  const logprobs = g.sub(picked, logNormalizer);
  const made: Partial<Record<Name, Value>> = { logprobs };
  const wants = (name: Name): boolean => names.includes(name);

  const expected = wants('slope') ? g.div(g.matmul(powers, e), total) : null; // [C, D] Σ_v π_v E[v]
  if (expected) made.slope = g.sub(target, expected);
  if (wants('entropy')) {
    const meanLogit = expected ? g.sum(g.mul(h!, expected), [1]) : g.div(g.sum(g.mul(powers, logits), [1]), flat(total)); // Σ_v π_v z_v
    made.entropy = g.sub(logNormalizer, meanLogit);
    const near = g.lessEqual(flat(top), g.add(picked, rounding));
    made.top1 = g.cast(near, 'f32');
  }
  if (wants('collision')) made.collision = g.sub(g.log(g.sum(g.square(powers), [1])), g.mul(g.log(flat(total)), 2));
  if (wants('kl')) {
    const logitsRef = g.matmul(hRef!, g.cast(storedReference!, 'f32'), { transposeB: true });
    const logRef = g.sub(logitsRef, g.reshape(g.logSumExp(logitsRef), [size, 1])); // [C, V]
    const ref = g.stopGradient(g.exp(logRef));
    const logPolicy = g.sub(logits, g.reshape(logNormalizer, [size, 1]));
    made.kl = g.sum(g.mul(ref, g.sub(g.stopGradient(logRef), logPolicy)), [1]);
    if (expected && wants('klSlope')) made.klSlope = g.sub(expected, g.matmul(ref, e));
  }
  return names.map((name) => made[name]!);
}
