import { negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/**
 * SimPO (Meng et al. 2024, eq. 6) on mean log-probs m = P/T: −log σ(β (m_w − m_l) − γ); the seed's form −β log σ(m_w −
 * m_l − λ/β).
 */
export const simpo: PreferenceMethod = {
  id: 'simpo',
  pairLoss: (g, { chosen, rejected }, { beta, gamma, lambda, variant }) => {
    const difference = g.sub(g.div(chosen.full, chosen.tokens), g.div(rejected.full, rejected.tokens));
    if (variant === 'seed') return g.mul(negLogSigmoid(g, g.sub(difference, lambda! / beta)), beta);
    return negLogSigmoid(g, g.sub(g.mul(difference, beta), gamma!));
  },
};
