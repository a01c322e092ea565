import type { Coupling, PreferenceMethod } from './types';

const coupling: Coupling = {
  constants: ['tokenScale'],
  needsScores: false,
  couple: ({ chosen }, _method, memory) => {
    const scale = chosen.length / chosen.reduce((sum, { tokens }) => sum + tokens, 0);
    return { values: { tokenScale: chosen.map(() => scale) }, memory };
  },
};

/**
 * Negative log-likelihood of the chosen response; the mean over pairs is the step's mean over tokens, as TRL's `sft`
 * loss.
 */
export const sft: PreferenceMethod = {
  id: 'sft',
  ignoresPairWeights: true,
  coupling,
  pairLoss: (g, { chosen, constant }) => g.neg(g.mul(chosen.full, constant('tokenScale'))),
};
