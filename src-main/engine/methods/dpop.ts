import { negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/**
 * DPO-Positive (Pal et al. 2024): −log σ(β (h − λ max(0, R_w − P_w))); where chosen is exactly as likely as under the
 * reference the penalty has no slope.
 */
export const dpop: PreferenceMethod = {
  id: 'dpop',
  pairLoss: (g, { chosen, rejected }, { beta, lambda }) => {
    const fall = g.maximum(0, g.neg(chosen.ratio));
    return negLogSigmoid(g, g.mul(g.sub(g.sub(chosen.ratio, rejected.ratio), g.mul(fall, lambda!)), beta));
  },
};
