import type { MethodSpec } from '../../shared/spec/method-spec';
import type { GraphBuilder, Value } from '../graph/types';
import { constantNames, lossTerms, termsNeedPrompt } from '../methods/terms';
import type { PairInputs, Side } from '../methods/types';
import type { Bucket } from '../batch/types';

// B pairs, N completion slots

/** What the head says about every completion slot, all f32 [N]; null: not asked for. */
export interface SlotValues {
  readonly logprobs: Value;
  readonly collision: Value | null; // log Σ_v π_v² (WPO)
  readonly kl: Value | null; // KL(ref ‖ π) (TDPO)
}

/**
 * The loss of a run's method over B pairs: sums over weighted tokens, WPO's pair weights, and the weighted terms.
 * Feeds: types.ts lists them. Returns losses [B] and their sum weighted by pairScale.
 */
export function pairLosses(
  g: GraphBuilder,
  method: MethodSpec,
  bucket: Bucket,
  slots: SlotValues,
): { readonly losses: Value; readonly loss: Value } {
  const { rows } = bucket;
  const terms = lossTerms(method);
  const sums = sideSums(g, bucket, termsNeedPrompt(terms));
  const policyWeights = g.input('policyWeights', 'f32', [bucket.completions]);
  const referenceWeights = g.input('referenceWeights', 'f32', [bucket.completions]);
  const referenceLogprobs = g.input('referenceLogprobs', 'f32', [bucket.completions]);
  const counts = g.input('tokenCounts', 'f32', [2 * rows]);
  const pairScale = g.input('pairScale', 'f32', [rows]);
  const names = constantNames(terms);
  const constants = names.length > 0 ? g.input('constants', 'f32', [names.length, rows]) : null;

  const policy = sums(g.mul(policyWeights, slots.logprobs));
  const reference = sums(g.mul(referenceWeights, referenceLogprobs));
  const full = sums(slots.logprobs);
  const divergence = slots.kl && sums(g.mul(policyWeights, slots.kl));
  const part = (x: Value, index: number): Value => g.slice(x, [index * rows], [rows]);
  const side = (index: 0 | 1): Side => ({
    policy: part(policy, index),
    reference: part(reference, index),
    ratio: g.sub(part(policy, index), part(reference, index)),
    full: part(full, index),
    tokens: part(counts, index),
    divergence: divergence ? part(divergence, index) : g.fill([rows], 0),
  });
  const inputs: Omit<PairInputs, 'constant'> = {
    chosen: side(0),
    rejected: side(1),
    prompt: termsNeedPrompt(terms) ? part(full, 2) : g.fill([rows], 0),
  };
  const pairWeights = method.wpo ? wpoWeights(g, slots, sums, counts, rows) : null;

  const losses = terms
    .map(({ method: own, spec, weight, key }) => {
      const constant = (name: string): Value =>
        g.reshape(g.slice(constants!, [names.indexOf(`${key}/${name}`), 0], [1, rows]), [rows]);
      const plain = own.pairLoss(g, { ...inputs, constant }, spec);
      const weighed = pairWeights && !own.ignoresPairWeights ? g.mul(plain, pairWeights) : plain;
      return weight === 1 ? weighed : g.mul(weighed, weight);
    })
    .reduce((total, x) => g.add(total, x));
  return { losses, loss: g.sum(g.mul(losses, pairScale), [0]) };
}

/**
 * Sums of a value per slot by side: [N] -> [2B], or [3B] where prompts are scored. Multiply and add rather than a
 * matrix product: with policy = reference both sums then round alike, and the loss is ln 2 to the last bit.
 */
function sideSums(g: GraphBuilder, { rows, completions }: Bucket, withPrompt: boolean): (values: Value) => Value {
  const membership = g.input('membership', 'f32', [(withPrompt ? 3 : 2) * rows, completions]);
  return (values) => g.sum(g.mul(membership, g.reshape(values, [1, completions])), [1]);
}

/** WPO (Zhou et al. 2024, eq. 2): w_w · w_l with w = exp(mean_t (p_t − log Σ_v π_v²)), no gradient through it. */
function wpoWeights(
  g: GraphBuilder,
  { logprobs, collision }: SlotValues,
  sums: (values: Value) => Value,
  counts: Value,
  rows: number,
): Value {
  const aligned = g.slice(sums(g.sub(logprobs, collision!)), [0], [2 * rows]);
  const weights = g.exp(g.div(aligned, counts)); // [2B]
  return g.stopGradient(g.mul(g.slice(weights, [0], [rows]), g.slice(weights, [rows], [rows])));
}
