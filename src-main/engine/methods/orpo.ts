import type { GraphBuilder, Value } from '../graph/types';
import { negLogSigmoid } from './scores';
import type { Coupling, PreferenceMethod } from './types';

/** log(1 − e^m) for m < 0 without cancellation: with x = −m/2, 1 − e^−2x = tanh(x) (1 + e^−2x). */
function log1mExp(g: GraphBuilder, m: Value): Value {
  const x = g.maximum(g.mul(m, -0.5), 1e-7); // a response of probability 1 has infinite odds
  return g.add(g.log(g.tanh(x)), g.softplus(g.mul(x, -2)));
}

/** 1 / mean of T over the step, so that the mean over pairs is a mean over tokens. */
const coupling: Coupling = {
  constants: ['tokenScale'],
  needsScores: false,
  couple: ({ chosen, promptTokens }, { variant }, memory) => {
    const tokens = chosen.map(({ tokens: T }, i) => T + (variant === 'seed' ? promptTokens[i]! : 0));
    const scale = tokens.length / tokens.reduce((sum, n) => sum + n, 0);
    return { values: { tokenScale: tokens.map(() => scale) }, memory };
  },
};

/**
 * ORPO (Hong et al. 2024, eq. 6): token-mean NLL of the chosen response − β log σ(log odds_w − log odds_l), log odds of
 * m = P/T. `seed` counts the prompt's tokens in the NLL too (TRL 0.9.3 and later; the seed's code counts padding as
 * well, which does not exist here).
 */
export const orpo: PreferenceMethod = {
  id: 'orpo',
  ignoresPairWeights: true,
  needsPrompt: ({ variant }) => variant === 'seed',
  coupling,
  pairLoss: (g, { chosen, rejected, prompt, constant }, { beta, variant }) => {
    const [w, l] = [g.div(chosen.full, chosen.tokens), g.div(rejected.full, rejected.tokens)];
    const odds = g.sub(g.sub(w, l), g.sub(log1mExp(g, w), log1mExp(g, l)));
    const supervised = g.mul(variant === 'seed' ? g.add(chosen.full, prompt) : chosen.full, constant('tokenScale'));
    return g.sub(g.mul(negLogSigmoid(g, odds), beta), supervised);
  },
};
