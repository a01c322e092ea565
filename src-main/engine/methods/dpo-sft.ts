import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** The seed's `mix`: −log σ(βh) − λ P_w / T_w, the supervised part always on all of the chosen response's tokens. */
export const dpoSft: PreferenceMethod = {
  id: 'dpo_sft',
  pairLoss: (g, inputs, method) =>
    g.sub(
      negLogSigmoid(g, g.mul(margin(g, inputs, method), method.beta)),
      g.mul(g.div(inputs.chosen.full, inputs.chosen.tokens), method.sftWeight!),
    ),
};
