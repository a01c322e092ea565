import type { PreferenceMethod } from './types';

/** SPPO with hard preferences (Wu et al. 2024, eq. 4.7): (a − 1/(2β))² + (b + 1/(2β))². */
export const sppo: PreferenceMethod = {
  id: 'sppo_hard',
  pairLoss: (g, { chosen, rejected }, { beta }) =>
    g.add(g.square(g.sub(chosen.ratio, 0.5 / beta)), g.square(g.add(rejected.ratio, 0.5 / beta))),
};
