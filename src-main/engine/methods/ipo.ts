import { meanMargin } from './scores';
import type { PreferenceMethod } from './types';

/** IPO (Azar et al. 2023, eq. 17) on token means, as its authors confirmed to TRL: (s_w/T_w − s_l/T_l − 1/(2β))². */
export const ipo: PreferenceMethod = {
  id: 'ipo',
  pairLoss: (g, inputs, method) => g.square(g.sub(meanMargin(g, inputs, method), 1 / (2 * method.beta))),
};
