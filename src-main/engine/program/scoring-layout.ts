import type { MethodSpec } from '../../shared/spec/method-spec';
import { lossTerms, termsNeedDistributions, termsNeedPrompt, type LossTerm } from '../methods/terms';

/** How rows are laid out and which terms the loss adds up. */
export interface ScoringLayout {
  readonly terms: readonly LossTerm[];
  readonly withPrompt: boolean;
  readonly withDivergence: boolean;
}

/** Responses alone: what inference scores. */
export const plainLayout: ScoringLayout = { terms: [], withPrompt: false, withDivergence: false };

export function layoutOf(method: MethodSpec): ScoringLayout {
  const terms = lossTerms(method);
  return { terms, withPrompt: termsNeedPrompt(terms), withDivergence: termsNeedDistributions(terms) };
}
