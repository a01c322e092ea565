import { sigmoidLoss } from './dpo';
import type { PreferenceMethod } from './types';

/**
 * SamPO (Lu et al. 2024, arXiv 2406.10957, eq. 10): DPO's loss on equally many tokens of both responses; the catalogue
 * gives it `sampling: shared`.
 */
export const sampo: PreferenceMethod = { id: 'sampo', pairLoss: sigmoidLoss };
