import type { SamplingMode } from '../../shared/catalogue/method-catalogue';
import type { PairWeights } from './types';

/** Policy minus reference of every token: what `topk` chooses by. */
export interface TokenRatios {
  readonly chosen: Float32Array; // [T_w]
  readonly rejected: Float32Array; // [T_l]
}

export interface WeightOptions {
  /** LD-DPO's weight of tokens beyond the shorter response's length; 1: all count alike. */
  readonly ldAlpha?: number;
  /** What `topk` chooses by. */
  readonly ratios?: TokenRatios | null;
}

/**
 * `topk` chooses among tokens by their log-ratios under the present weights; all other modes need the lengths alone.
 */
export const needsRatios = (mode: SamplingMode): boolean => mode === 'topk';

/**
 * Token weights of a pair. SamPO (Lu et al. 2024, eq. 10; docs/methods.md, "SamPO's draw"): the longer response counts
 * with m = min(T_w, T_l) tokens.
 * - `shared` draws them once, for policy and reference alike (the paper);
 * - `independent` draws twice (the reference code);
 * - `expected` weighs m / n each: the mean over all draws, without their noise (ours);
 * - `topk` keeps those with the largest log-ratio (the paper's ablation);
 * - `average` makes both sums means times the pair's mean length, half of T_w + T_l (DPO-SANorm, the paper's other
 *   ablation).
 *
 * LD-DPO (Liu et al. 2024) weighs the tail beyond m tokens with `ldAlpha`, in policy and reference (TRL).
 */
export function tokenWeights(
  mode: SamplingMode,
  chosenTokens: number,
  rejectedTokens: number,
  random: () => number,
  { ldAlpha = 1, ratios = null }: WeightOptions = {},
): PairWeights {
  const kept = Math.min(chosenTokens, rejectedTokens);
  const isChosenLonger = chosenTokens > rejectedTokens;
  /**
   * The same weights for policy and reference; `longer` makes those of the longer side, the shorter one counts whole.
   */
  const alike = (longer: (tokens: number) => Float32Array): PairWeights => {
    const weigh = (tokens: number): Float32Array => (tokens > kept ? longer(tokens) : ones(tokens));
    return shared(weigh(chosenTokens), weigh(rejectedTokens), kept);
  };
  switch (mode) {
    case 'none':
      return ldAlpha === 1
        ? everyToken(chosenTokens, rejectedTokens)
        : {
            ...alike((n) => ones(n).fill(ldAlpha, kept)),
            keptTokens: kept + ldAlpha * (Math.max(chosenTokens, rejectedTokens) - kept),
          };
    case 'expected':
      return alike((n) => new Float32Array(n).fill(kept / n));
    case 'shared':
      return alike((n) => drawSubset(n, kept, random));
    case 'independent': {
      const draw = (tokens: number): Float32Array => (tokens > kept ? drawSubset(tokens, kept, random) : ones(tokens));
      const [chosenPolicy, rejectedPolicy] = [draw(chosenTokens), draw(rejectedTokens)];
      return {
        chosenPolicy,
        rejectedPolicy,
        chosenReference: draw(chosenTokens),
        rejectedReference: draw(rejectedTokens),
        keptTokens: kept,
      };
    }
    case 'topk':
      if (ratios === null) throw new Error('topk needs log-ratios');
      return alike(() => largest(isChosenLonger ? ratios.chosen : ratios.rejected, kept));
    case 'average': {
      const mean = (chosenTokens + rejectedTokens) / 2;
      const weigh = (tokens: number): Float32Array => new Float32Array(tokens).fill(mean / tokens);
      return shared(weigh(chosenTokens), weigh(rejectedTokens), mean);
    }
  }
}

const ones = (tokens: number): Float32Array => new Float32Array(tokens).fill(1);
const shared = (chosen: Float32Array, rejected: Float32Array, keptTokens: number): PairWeights => ({
  chosenPolicy: chosen,
  rejectedPolicy: rejected,
  chosenReference: chosen,
  rejectedReference: rejected,
  keptTokens,
});

export const everyToken = (chosenTokens: number, rejectedTokens: number): PairWeights =>
  shared(ones(chosenTokens), ones(rejectedTokens), Math.max(chosenTokens, rejectedTokens));

/** A 0/1 mask of `size` positions out of `total`, uniform without replacement (partial Fisher-Yates). */
export function drawSubset(total: number, size: number, random: () => number): Float32Array {
  const positions = Uint32Array.from({ length: total }, (_, i) => i);
  const mask = new Float32Array(total);
  for (let drawn = 0; drawn < size; drawn++) {
    const other = drawn + Math.floor(random() * (total - drawn));
    const position = positions[other]!;
    positions[other] = positions[drawn]!;
    positions[drawn] = position;
    mask[position] = 1;
  }
  return mask;
}

/** A 0/1 mask of the `size` largest values; of equal ones the earlier. */
function largest(values: Float32Array, size: number): Float32Array {
  const mask = new Float32Array(values.length);
  const order = Array.from(values.keys()).sort((i, j) => values[j]! - values[i]! || i - j);
  for (const position of order.slice(0, size)) mask[position] = 1;
  return mask;
}
