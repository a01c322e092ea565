import { margin } from './scores';
import type { PreferenceMethod } from './types';

/** Hinge (SLiC, Zhao et al. 2023; RSO, Liu et al. 2023): max(0, 1 − βh). */
export const hinge: PreferenceMethod = {
  id: 'hinge',
  pairLoss: (g, inputs, method) => g.maximum(0, g.sub(1, g.mul(margin(g, inputs, method), method.beta))),
};
