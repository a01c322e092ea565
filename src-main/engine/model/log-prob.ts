import type { FunctionFactory, GraphBuilder, GraphFunction, Value } from '../graph/types';

// N completion tokens in chunks of C, D width, V vocabulary

/**
 * At most this many bytes of float32 logits at a time: 64 MB is 340 rows of a 49 k vocabulary, enough for full matrix
 * speed.
 */
const chunkBytes = 64 << 20;

const chunkRows = (completions: number, vocabulary: number): number => {
  const most = Math.max(16, Math.floor(chunkBytes / (4 * vocabulary)));
  const chunks = Math.ceil(completions / most);
  return Math.ceil(completions / chunks);
};

/**
 * What is to be differentiated: nothing; the hidden states alone (LoRA: the chunk computes its slope while its logits
 * are there, and the backward pass is one multiplication, as Liger-Kernel's fused linear losses do for a scalar loss);
 * or head and hidden states (the backward pass recomputes the chunk's logits, since d E needs d logp first).
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
    const made =
      functions.get(size) ??
      factory.function(`${name}/log_prob_${size}`, 'none', types, (gf, args) => chunk(gf, names, args));
    functions.set(size, made);
    return made;
  };

  const parts = new Map<Name, Value[]>(names.map((n) => [n, []]));
  const sizes = Array.from({ length: Math.ceil(completions / rows) }, (_, i) => Math.min(rows, completions - i * rows));
  const inChunks = (x: Value): readonly Value[] => g.split(x, sizes, 0);
  const [states, ids, referenceStates] = [inChunks(hidden), inChunks(targets), reference && inChunks(reference.hidden)];
  let previous: Value | null = null;
  sizes.forEach((size, i) => {
    // one chunk after the other: their logits never live side by side
    const h = previous ? g.after(states[i]!, previous) : states[i]!;
    const ofReference = reference && referenceStates ? [referenceStates[i]!, reference.head] : [];
    const results = g.call(chunkFunction(size), [h, head, ids[i]!, ...ofReference]);
    const found = new Map(names.map((n, index) => [n, results[index]!]));
    previous = found.get('logprobs')!;
    for (const [n, value] of found) {
      const slope = found.get(n === 'kl' ? 'klSlope' : 'slope');
      parts
        .get(n)!
        .push(
          slope && (n === 'logprobs' || n === 'kl')
            ? g.withGradient(value, [h], (gr, d) => [gr.mul(gr.reshape(d, [size, 1]), slope)], [slope])
            : value,
        );
    }
  });
  const whole = (n: Name): Value | null => (names.includes(n) ? g.concat(parts.get(n)!, 0) : null);
  return {
    logprobs: whole('logprobs')!,
    entropy: whole('entropy'),
    meanLogit: whole('meanLogit'),
    top1: whole('top1'),
    collision: whole('collision'),
    kl: whole('kl'),
  };
}

const resultNames = ({ gradient, statistics, collision, reference }: HeadRequest): readonly Name[] => [
  'logprobs',
  ...(gradient === 'hidden' ? (['slope'] as const) : []),
  ...(statistics ? (['entropy', 'meanLogit', 'top1'] as const) : []),
  ...(collision ? (['collision'] as const) : []),
  ...(reference ? (['kl'] as const) : []),
  ...(reference && gradient === 'hidden' ? (['klSlope'] as const) : []),
];

/** The target's logit is summed in another order than the matrix product: ties within rounding count as hits. */
const rounding = 1e-4;

/**
 * Of logits z [C, V]: softmax(z), log Σ e^z, the largest and the mean. Only the logarithm has a gradient, which is the
 * softmax.
 */
function normalize(
  g: GraphBuilder,
  logits: Value,
): { readonly probabilities: Value; readonly logNormalizer: Value; readonly top: Value; readonly meanLogit: Value } {
  const [size] = logits.shape as readonly [number, number];
  const [probabilities, logarithm, top, meanLogit] = g.fused(
    'SoftmaxStatistics',
    [g.stopGradient(logits)],
    (gf, [z]) => {
      const p = gf.softmax(z!);
      const largest = gf.max(z!, [1]);
      // the library's softmax is one pass; then log Σ e^z = z_top − log π_top, and π_top is at least 1 / V
      return [p, gf.sub(largest, gf.log(gf.max(p, [1]))), largest, gf.mean(z!, [1])];
    },
  ) as readonly [Value, Value, Value, Value];
  const logNormalizer = g.withGradient(
    logarithm,
    [logits],
    (gr, d) => [gr.mul(gr.reshape(d, [size, 1]), probabilities)],
    [probabilities],
  );
  return { probabilities, logNormalizer, top, meanLogit };
}

/**
 * One chunk: h [C, D], e [V, D], y [C], and the reference's h and e. Results in the order of `names`, which lowerings
 * prune to what is used.
 */
function chunk(
  g: GraphBuilder,
  names: readonly Name[],
  [h, storedHead, y, hRef, storedReference]: readonly Value[],
): readonly Value[] {
  const e = g.cast(storedHead!, 'f32');
  const size = h!.shape[0]!;
  const logits = g.matmul(h!, e, { transposeB: true }); // [C, V]
  const target = g.cast(g.gather(storedHead!, y!), 'f32'); // [C, D]
  const picked = g.sum(g.mul(h!, target), [1]); // [C] the target's logit
  const { probabilities, logNormalizer, top, meanLogit } = normalize(g, logits);
  const made: Partial<Record<Name, Value>> = { logprobs: g.sub(picked, logNormalizer) };
  const wants = (name: Name): boolean => names.includes(name);

  const expected = wants('slope') ? g.matmul(probabilities, e) : null; // [C, D] Σ_v π_v E[v]
  if (expected) made.slope = g.sub(target, expected);
  if (wants('entropy')) {
    // Σ_v π_v z_v
    const expectedLogit = expected ? g.sum(g.mul(h!, expected), [1]) : g.sum(g.mul(probabilities, logits), [1]);
    made.entropy = g.sub(logNormalizer, expectedLogit);
    made.meanLogit = meanLogit;
    made.top1 = g.cast(g.lessEqual(top, g.add(picked, rounding)), 'f32');
  }
  if (wants('collision')) made.collision = g.log(g.sum(g.square(probabilities), [1]));
  if (wants('kl')) {
    const logitsRef = g.matmul(hRef!, g.cast(storedReference!, 'f32'), { transposeB: true });
    const column = (x: Value): Value => g.reshape(x, [size, 1]);
    const ofReference = normalize(g, logitsRef);
    const logRef = g.sub(logitsRef, column(ofReference.logNormalizer)); // [C, V]
    const logPolicy = g.sub(logits, column(logNormalizer));
    made.kl = g.sum(g.mul(ofReference.probabilities, g.sub(g.stopGradient(logRef), logPolicy)), [1]);
    if (expected && wants('klSlope')) made.klSlope = g.sub(expected, g.matmul(ofReference.probabilities, e));
  }
  return names.map((name) => made[name]!);
}
