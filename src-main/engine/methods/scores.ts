import type { MethodSpec } from '../../shared/spec/method-spec';
import type { GraphBuilder, Value } from '../graph/types';
import type { PairInputs } from './types';

// all [B]

/** −log σ(x) = softplus(−x), stable at both ends. */
export const negLogSigmoid = (g: GraphBuilder, x: Value): Value => g.softplus(g.neg(x));

/** Largest exponent of the alpha divergence (TRL 1.16): e^80 still fits float32. */
const largestExponent = 80;

/**
 * Score f'(π/π_ref) of a log-ratio (f-DPO, Wang et al. 2023; TRL 1.16; docs/methods.md, "Scores of other divergences"):
 * reverse KL ρ, forward KL 1 − e^−ρ, Jensen-Shannon log 2 + log σ(ρ), alpha (e^((c−1)ρ) − 1) / (c−1).
 */
function score(g: GraphBuilder, ratio: Value, { type, alpha }: MethodSpec['fDivergence']): Value {
  switch (type) {
    case 'reverse_kl':
      return ratio;
    case 'forward_kl':
      return g.sub(1, g.exp(g.neg(ratio)));
    case 'js':
      return g.sub(Math.LN2, negLogSigmoid(g, ratio));
    case 'alpha': {
      const c = alpha - 1;
      if (Math.abs(c) < 1e-6) return ratio;
      return g.mul(g.sub(g.exp(g.minimum(g.mul(ratio, c), largestExponent)), 1), 1 / c);
    }
  }
}

/**
 * h = s_w − s_l. For log-ratios this is (P_w − R_w) − (P_l − R_l) in this order: policy = reference gives exactly 0.
 */
export const margin = (g: GraphBuilder, { chosen, rejected }: PairInputs, { fDivergence }: MethodSpec): Value =>
  g.sub(score(g, chosen.ratio, fDivergence), score(g, rejected.ratio, fDivergence));

/** s_w / T_w − s_l / T_l */
export const meanMargin = (g: GraphBuilder, { chosen, rejected }: PairInputs, { fDivergence }: MethodSpec): Value =>
  g.sub(
    g.div(score(g, chosen.ratio, fDivergence), chosen.tokens),
    g.div(score(g, rejected.ratio, fDivergence), rejected.tokens),
  );
