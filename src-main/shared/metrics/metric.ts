/** A number that a run reports of its steps. */
export interface Metric {
  readonly title: string;
  readonly unit: string; // '' for a pure number
  /** A sentence that stands beside the number wherever it does (style: every length number next to its meaning). */
  readonly meaning: string;
  /** null: neither direction is better by itself. */
  readonly better: 'lower' | 'higher' | null;
  /**
   * Which runs report it: every one; those on pairs (not supervised ones); of these, those whose method has a
   * reference, compares whole distributions (TDPO), or draws which tokens count (SamPO's `shared` and `independent`
   * sampling).
   */
  readonly from: 'every run' | 'preference' | 'reference' | 'distributions' | 'drawn tokens';
  /** Whether evaluations report it of held-out pairs too, under `eval_` and its name. */
  readonly heldOut: boolean;
}
