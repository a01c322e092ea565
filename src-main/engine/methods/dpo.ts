import type { GraphBuilder, Value } from '../graph/types';
import type { RunSpec } from '../../shared/run-spec';
import { tokenWeights } from './sampling';
import type { PairSums, PreferenceMethod } from './types';

// B pairs. Sums run over response tokens only, weighted per token by `tokenWeights`.

/** Margin [B]: difference of summed log-ratios, (P_w − R_w) − (P_l − R_l). */
export const margin = (g: GraphBuilder, sums: PairSums): Value =>
  g.sub(g.sub(sums.chosenPolicy, sums.chosenReference), g.sub(sums.rejectedPolicy, sums.rejectedReference));

/** DPO (Rafailov et al. 2023, eq. 7) with label smoothing e (cDPO): −(1−e) log σ(βh) − e log σ(−βh), and −log σ(x) = softplus(−x). */
export function sigmoidLoss(g: GraphBuilder, sums: PairSums, { beta, labelSmoothing }: RunSpec['method']): Value {
  const scaled = g.mul(margin(g, sums), beta); // [B]
  const right = g.softplus(g.neg(scaled));
  if (labelSmoothing === 0) return right;
  return g.add(g.mul(right, 1 - labelSmoothing), g.mul(g.softplus(scaled), labelSmoothing));
}

export const dpo: PreferenceMethod = {
  id: 'dpo',
  needsReference: true,
  tokenWeights: (chosen, rejected, { sampling }, random) => tokenWeights(sampling ?? 'none', chosen, rejected, random),
  pairLoss: sigmoidLoss,
};
