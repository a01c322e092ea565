import { meanMargin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** Length-normalized DPO (Tulu 3, Lambert et al. 2024): −log σ(β (s_w/T_w − s_l/T_l)). */
export const sigmoidNorm: PreferenceMethod = {
  id: 'sigmoid_norm',
  pairLoss: (g, inputs, method) => negLogSigmoid(g, g.mul(meanMargin(g, inputs, method), method.beta)),
};
