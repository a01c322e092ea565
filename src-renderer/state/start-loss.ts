import type { MethodId } from '../../src-main/shared/catalogue/method-catalogue';
import type { MethodSpec } from '../../src-main/shared/spec/method-spec';

const ln2 = Math.LN2;

/**
 * The loss of a pair while the model is still its own reference (a = b = 0 in the catalogue's formulas;
 * docs/methods.md, "The loss before the first step").
 */
const untrained: Readonly<Partial<Record<MethodId, (method: MethodSpec) => number>>> = {
  sampo: () => ln2,
  dpo: () => ln2,
  sigmoid_norm: () => ln2,
  robust: () => ln2,
  dpop: () => ln2,
  tdpo: () => ln2,
  aot: () => ln2,
  aot_unpaired: () => ln2,
  nca_pair: () => 2 * ln2,
  bco_pair: () => 2 * ln2,
  hinge: () => 1,
  apo_zero: () => 1,
  apo_down: () => 1,
  kto_pair: () => 0.5,
  ipo: ({ beta }) => 1 / (4 * beta * beta),
  sppo_hard: ({ beta }) => 1 / (2 * beta * beta),
  exo_pair: ({ labelSmoothing: e }) => -ln2 - 0.5 * (Math.log(1 - e) + Math.log(e)),
  discopop: () => 0.5 * ln2 + 0.5,
};

/**
 * Where the loss of a run begins, or null where that depends on the model or the data (no reference, added losses,
 * weights of pairs, own draws for the reference).
 */
export function startLoss(method: MethodSpec): number | null {
  const isOwn = method.referenceFree || method.mix.length > 0 || method.wpo || method.sampling === 'independent';
  return isOwn ? null : (untrained[method.id]?.(method) ?? null);
}
