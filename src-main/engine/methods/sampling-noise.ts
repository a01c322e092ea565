import type { SamplingMode } from '../../shared/catalogue/method-catalogue';
import type { TokenRatios } from './sampling';

/**
 * Variance (nats²) over repeated draws of SamPO's margin of log-ratio sums (docs/methods.md, "SamPO's draw"): m (1 −
 * m/n) S² of the longer side's n tokens, of which m are kept; S² is the sample variance of the log-ratios where policy
 * and reference share a draw, and the sum of both variances where each draws its own. Zero for modes that draw nothing.
 */
export function marginVariance(mode: SamplingMode, policy: TokenRatios, reference: TokenRatios): number {
  if (mode !== 'shared' && mode !== 'independent') return 0;
  const longer = policy.chosen.length > policy.rejected.length ? 'chosen' : 'rejected';
  const [p, r] = [policy[longer], reference[longer]];
  const n = p.length;
  const m = Math.min(policy.chosen.length, policy.rejected.length);
  if (n < 2 || m === n) return 0;
  const spread = mode === 'shared' ? sampleVariance(p.map((x, t) => x - r[t]!)) : sampleVariance(p) + sampleVariance(r);
  return m * (1 - m / n) * spread;
}

function sampleVariance(values: Float32Array): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}
