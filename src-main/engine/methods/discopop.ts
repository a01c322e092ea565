import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** Of the exponential: the square of its gradient, summed over all weights, still fits float32. */
const largestExponent = 30;

/** DiscoPOP (Lu et al. 2024, arXiv 2406.08414, eq. 5): −log σ(z) (1 − σ(z/τ)) + e^−z σ(z/τ), z = βh. */
export const discopop: PreferenceMethod = {
  id: 'discopop',
  pairLoss: (g, inputs, method) => {
    const z = g.mul(margin(g, inputs, method), method.beta);
    const steep = g.mul(z, 1 / method.tau!);
    // e^−z σ(z/τ) as one power: its factors overflow apart. With τ above 1 it grows without end for a wrong pair;
    // beyond the cap a pair teaches nothing more.
    const exponential = g.exp(g.minimum(g.sub(g.neg(z), negLogSigmoid(g, steep)), largestExponent));
    return g.add(g.mul(negLogSigmoid(g, z), g.sigmoid(g.neg(steep))), exponential);
  },
};
