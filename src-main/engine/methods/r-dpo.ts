import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** R-DPO (Park et al. 2024), the seed's lenN: −log σ(βh + α (T_w − T_l)). */
export const rDpo: PreferenceMethod = {
  id: 'r_dpo',
  pairLoss: (g, inputs, method) =>
    negLogSigmoid(
      g,
      g.add(
        g.mul(margin(g, inputs, method), method.beta),
        g.mul(g.sub(inputs.chosen.tokens, inputs.rejected.tokens), method.alpha!),
      ),
    ),
};
