import type { RunSpec } from '../../../shared/spec/run-spec';

/**
 * Scalars that `apply` takes (graph/types.ts, Update 'adam'): they fold bias correction and decay, so that the update
 * equals torch.optim.AdamW's.
 */
export interface AdamScalars {
  readonly rate: number;
  readonly epsilon: number;
  readonly decay: number;
}

/**
 * torch: p ← p (1 − lr wd); p ← p − (lr / (1 − b1^t)) m / (sqrt(v) / sqrt(1 − b2^t) + eps).
 * Multiplying numerator and denominator by sqrt(1 − b2^t) gives the form of the update. `update` counts from 1.
 */
export function adamScalars(
  {
    adamBetas: [beta1, beta2],
    adamEpsilon,
    weightDecay,
  }: Pick<RunSpec['training'], 'adamBetas' | 'adamEpsilon' | 'weightDecay'>,
  learningRate: number,
  update: number,
): AdamScalars {
  const root = Math.sqrt(1 - beta2 ** update);
  return {
    rate: (learningRate * root) / (1 - beta1 ** update),
    epsilon: adamEpsilon * root,
    decay: 1 - learningRate * weightDecay,
  };
}

/** What `apply` takes for "no clipping": far above any finite gradient norm, and still finite in float32. */
export const noClipping = 1e38;
