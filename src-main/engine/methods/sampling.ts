import type { SamplingMode } from '../../shared/method-catalogue';
import type { PairWeights } from './types';

/**
 * Token weights of a pair (SamPO, Lu et al. 2024, eq. 10; methods.md 1.3): the longer response counts with m = min(T_w, T_l) tokens.
 * `shared` draws them once, for policy and reference alike (the paper); `independent` draws twice (the reference code);
 * `expected` weighs every token of the longer side m / n: the mean over all draws, without their noise (ours).
 */
export function tokenWeights(mode: SamplingMode, chosenTokens: number, rejectedTokens: number, random: () => number): PairWeights {
  const kept = Math.min(chosenTokens, rejectedTokens);
  const chosenIsLonger = chosenTokens > rejectedTokens;
  const both = (longer: () => Float32Array): PairWeights => {
    const draw = (tokens: number): Float32Array => (tokens > kept ? longer() : new Float32Array(tokens).fill(1));
    const chosenPolicy = draw(chosenTokens);
    const rejectedPolicy = draw(rejectedTokens);
    if (mode !== 'independent') return { chosenPolicy, rejectedPolicy, chosenReference: chosenPolicy, rejectedReference: rejectedPolicy, keptTokens: kept };
    return { chosenPolicy, rejectedPolicy, chosenReference: draw(chosenTokens), rejectedReference: draw(rejectedTokens), keptTokens: kept };
  };
  const longest = chosenIsLonger ? chosenTokens : rejectedTokens;
  switch (mode) {
    case 'none':
      return everyToken(chosenTokens, rejectedTokens);
    case 'expected':
      return both(() => new Float32Array(longest).fill(kept / longest));
    case 'shared':
    case 'independent':
      return both(() => drawSubset(longest, kept, random));
  }
}

export function everyToken(chosenTokens: number, rejectedTokens: number): PairWeights {
  const chosen = new Float32Array(chosenTokens).fill(1);
  const rejected = new Float32Array(rejectedTokens).fill(1);
  return { chosenPolicy: chosen, rejectedPolicy: rejected, chosenReference: chosen, rejectedReference: rejected, keptTokens: Math.max(chosenTokens, rejectedTokens) };
}

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
