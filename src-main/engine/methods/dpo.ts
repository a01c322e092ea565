import { margin, negLogSigmoid } from './scores';
import type { PreferenceMethod } from './types';

/** DPO (Rafailov et al. 2023, eq. 7) with label smoothing e (cDPO): −(1−e) log σ(βh) − e log σ(−βh). */
export const sigmoidLoss: PreferenceMethod['pairLoss'] = (g, inputs, method) => {
  const scaled = g.mul(margin(g, inputs, method), method.beta);
  const right = negLogSigmoid(g, scaled);
  const e = method.labelSmoothing;
  return e === 0 ? right : g.add(g.mul(right, 1 - e), g.mul(g.softplus(scaled), e));
};

export const dpo: PreferenceMethod = { id: 'dpo', pairLoss: sigmoidLoss };
