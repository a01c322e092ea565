import { negLogSigmoid } from './scores';
import type { Coupling, PreferenceMethod } from './types';

/**
 * BCO's reward shift δ: the plain average of the mean reward of every step so far, this one included (the seed and
 * TRL's experimental.bco update before use). `paper` learns it from training steps only, `seed` from evaluations too,
 * `trl` has none.
 */
const coupling: Coupling = {
  constants: ['shift'],
  needsScores: true,
  couple: ({ chosen, rejected }, { beta, variant }, memory, phase) => {
    const { sum = 0, count = 0 } = memory;
    const spread = (shift: number): readonly number[] => chosen.map(() => shift);
    if (variant === 'trl') return { values: { shift: spread(0) }, memory };
    const rewards = [...chosen, ...rejected].map(({ policy, reference }) => beta * (policy - reference));
    const batch = rewards.reduce((all, x) => all + x, 0) / rewards.length;
    if (phase === 'eval' && variant === 'paper')
      return { values: { shift: spread(count === 0 ? batch : sum / count) }, memory };
    const next = { sum: sum + batch, count: count + 1 };
    return { values: { shift: spread(next.sum / next.count) }, memory: next };
  },
};

/** BCO on pairs (Jung et al. 2024): −log σ(βa − δ) − log σ(−(βb − δ)). */
export const bco: PreferenceMethod = {
  id: 'bco_pair',
  coupling,
  pairLoss: (g, { chosen, rejected, constant }, { beta }) => {
    const shift = constant('shift');
    return g.add(
      negLogSigmoid(g, g.sub(g.mul(chosen.ratio, beta), shift)),
      g.softplus(g.sub(g.mul(rejected.ratio, beta), shift)),
    );
  },
};
