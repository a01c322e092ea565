import { sigmoidLoss } from './dpo';
import { tokenWeights } from './sampling';
import type { PreferenceMethod } from './types';

/** SamPO (Lu et al. 2024, arXiv 2406.10957, eq. 10): DPO's loss on equally many tokens of both responses. */
export const sampo: PreferenceMethod = {
  id: 'sampo',
  needsReference: true,
  tokenWeights: (chosen, rejected, { sampling }, random) => tokenWeights(sampling ?? 'shared', chosen, rejected, random),
  pairLoss: sigmoidLoss,
};
