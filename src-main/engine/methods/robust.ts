import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** Robust DPO (Chowdhury et al. 2024): (−(1−e) log σ(βh) + e log σ(−βh)) / (1 − 2e). */
export const robust: PreferenceMethod = {
  id: 'robust',
  pairLoss: (g, inputs, method) => {
    const scaled = g.mul(margin(g, inputs, method), method.beta);
    const e = method.labelSmoothing;
    return g.mul(g.sub(g.mul(negLogSigmoid(g, scaled), 1 - e), g.mul(g.softplus(scaled), e)), 1 / (1 - 2 * e));
  },
};
