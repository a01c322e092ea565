import { negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** NCA for pairs (Chen et al. 2024): −log σ(βa) − ½ log σ(−βa) − ½ log σ(−βb). */
export const nca: PreferenceMethod = {
  id: 'nca_pair',
  pairLoss: (g, { chosen, rejected }, { beta }) => {
    const [w, l] = [g.mul(chosen.ratio, beta), g.mul(rejected.ratio, beta)];
    return g.add(negLogSigmoid(g, w), g.mul(g.add(g.softplus(w), g.softplus(l)), 0.5));
  },
};
