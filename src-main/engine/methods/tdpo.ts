import { negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/**
 * TDPO (Zeng et al. 2024; the authors' trainers.py): KL_w, KL_l are sums over tokens of KL(π_ref ‖ π).
 * Version 1: −log σ(β (h + KL_w − KL_l)). Version 2: −log σ(β (h − α (KL_l − sg(KL_w)))).
 */
export const tdpo: PreferenceMethod = {
  id: 'tdpo',
  needsDistributions: true,
  pairLoss: (g, { chosen, rejected }, { beta, version, alpha }) => {
    const h = g.sub(chosen.ratio, rejected.ratio);
    const correction =
      version === 1
        ? g.sub(rejected.divergence, chosen.divergence)
        : g.mul(g.sub(rejected.divergence, g.stopGradient(chosen.divergence)), alpha!);
    return negLogSigmoid(g, g.mul(g.sub(h, correction), beta));
  },
};
