import { negLogSigmoid } from './scores';
import type { Coupling, PreferenceMethod, SideSums } from './types';

/** Positions of the values in ascending order; ties keep the step's order. */
const order = (values: readonly number[]): readonly number[] =>
  values.map((_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j);

/** For each value of `own`, the value of the same rank in `other`. */
function sameRank(own: readonly number[], other: readonly number[]): readonly number[] {
  const partners = new Array<number>(own.length);
  const ranked = order(other);
  order(own).forEach((i, rank) => (partners[i] = other[ranked[rank]!]!));
  return partners;
}

const ratio = ({ policy, reference }: SideSums): number => policy - reference;

const paired: Coupling = {
  constants: ['partner'],
  needsScores: true,
  couple: ({ chosen, rejected }, _method, memory) => {
    const difference = (pick: (s: SideSums) => number): readonly number[] =>
      chosen.map((c, i) => pick(c) - pick(rejected[i]!));
    return {
      values: {
        partner: sameRank(
          difference((s) => s.policy),
          difference((s) => s.reference),
        ),
      },
      memory,
    };
  },
};

/**
 * AOT, paired (Melnyk et al. 2024): −log σ(β (sort(P_w − P_l) − sort(R_w − R_l))), sorted over the step. Only the
 * policy's side has a gradient, so each pair needs its partner's value.
 */
export const aot: PreferenceMethod = {
  id: 'aot',
  coupling: paired,
  pairLoss: (g, { chosen, rejected, constant }, { beta }) =>
    negLogSigmoid(g, g.mul(g.sub(g.sub(chosen.policy, rejected.policy), constant('partner')), beta)),
};

const unpaired: Coupling = {
  constants: ['chosenPartner', 'rejectedPartner'],
  needsScores: true,
  couple: ({ chosen, rejected }, _method, memory) => {
    const [a, b] = [chosen.map(ratio), rejected.map(ratio)];
    return { values: { chosenPartner: sameRank(a, b), rejectedPartner: sameRank(b, a) }, memory };
  },
};

/**
 * AOT, unpaired: −log σ(β (sort(a) − sort(b))). A pair's chosen and rejected responses meet other partners, so its loss
 * is that of its chosen one, and the term of its rejected one gives its gradient without its value (the sum over the
 * step counts every rank once).
 */
export const aotUnpaired: PreferenceMethod = {
  id: 'aot_unpaired',
  coupling: unpaired,
  pairLoss: (g, { chosen, rejected, constant }, { beta }) => {
    const own = negLogSigmoid(g, g.mul(g.sub(chosen.ratio, constant('chosenPartner')), beta));
    const other = negLogSigmoid(g, g.mul(g.sub(constant('rejectedPartner'), rejected.ratio), beta));
    return g.add(own, g.sub(other, g.stopGradient(other)));
  },
};
