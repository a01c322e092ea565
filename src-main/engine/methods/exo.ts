import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** EXO for pairs (Ji et al. 2024, eq. 16): KL(q ‖ (1−e, e)) with q = σ(βh). */
export const exo: PreferenceMethod = {
  id: 'exo_pair',
  pairLoss: (g, inputs, method) => {
    const scaled = g.mul(margin(g, inputs, method), method.beta);
    const e = method.labelSmoothing;
    const term = (x: typeof scaled, logTarget: number): typeof scaled =>
      g.mul(g.sigmoid(x), g.sub(g.neg(negLogSigmoid(g, x)), logTarget));
    return g.add(term(scaled, Math.log1p(-e)), term(g.neg(scaled), Math.log(e)));
  },
};
