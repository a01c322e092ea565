import { everyToken } from './sampling';
import type { PreferenceMethod } from './types';

/** Negative log-likelihood of the chosen response; with a pair scale of 1 / Σ T_w over the step it is the step's token mean, as TRL's `sft` loss. */
export const sft: PreferenceMethod = {
  id: 'sft',
  needsReference: false,
  tokenWeights: (chosen) => everyToken(chosen, 0),
  pairLoss: (g, { chosenPolicy }) => g.neg(chosenPolicy),
};
