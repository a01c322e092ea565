import type { PreferenceMethod } from './types';

/** APO-zero (D'Oosterlinck et al. 2024, eq. 7): 1 − σ(βa) + σ(βb). */
export const apoZero: PreferenceMethod = {
  id: 'apo_zero',
  pairLoss: (g, { chosen, rejected }, { beta }) =>
    g.add(g.sub(1, g.sigmoid(g.mul(chosen.ratio, beta))), g.sigmoid(g.mul(rejected.ratio, beta))),
};

/** APO-down (eq. 8): σ(βa) + 1 − σ(β (a − b)). */
export const apoDown: PreferenceMethod = {
  id: 'apo_down',
  pairLoss: (g, { chosen, rejected }, { beta }) =>
    g.add(g.sigmoid(g.mul(chosen.ratio, beta)), g.sub(1, g.sigmoid(g.mul(g.sub(chosen.ratio, rejected.ratio), beta)))),
};
