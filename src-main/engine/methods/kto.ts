import type { Coupling, PreferenceMethod, SideSums } from './types';

const ratio = ({ policy, reference }: SideSums): number => policy - reference;
const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * KTO's baselines K_w = max(0, mean a) and K_l = max(0, mean b) over the step. `slope*` is what the loss, per pair,
 * loses through them: the seed does not detach K, so each a and b moves it; zero in the paper's form.
 */
const coupling: Coupling = {
  constants: ['chosenBaseline', 'rejectedBaseline', 'chosenSlope', 'rejectedSlope'],
  needsScores: true,
  couple: ({ chosen, rejected }, { beta, variant }, memory) => {
    const [a, b] = [chosen.map(ratio), rejected.map(ratio)];
    const [meanA, meanB] = [average(a), average(b)];
    const [K_w, K_l] = [Math.max(0, meanA), Math.max(0, meanB)];
    const slope = (x: number): number => beta * sigmoid(x) * (1 - sigmoid(x));
    // torch's clamp(min=0) lets the gradient through at 0 itself
    const throughChosen = variant === 'seed' && meanA >= 0 ? -0.5 * average(b.map((x) => slope(beta * (K_w - x)))) : 0;
    const throughRejected = variant === 'seed' && meanB >= 0 ? 0.5 * average(a.map((x) => slope(beta * (x - K_l)))) : 0;
    const same = (x: number): readonly number[] => a.map(() => x);
    return {
      values: {
        chosenBaseline: same(K_w),
        rejectedBaseline: same(K_l),
        chosenSlope: same(throughChosen),
        rejectedSlope: same(throughRejected),
      },
      memory,
    };
  },
};

/**
 * KTO on pairs (Ethayarajh et al. 2024; TRL 0.8.6 and the seed): the mean of 1 − σ(β (a − K_l)) and 1 − σ(β (K_w − b)).
 */
export const kto: PreferenceMethod = {
  id: 'kto_pair',
  coupling,
  pairLoss: (g, { chosen, rejected, constant }, { beta }) => {
    const term = (x: typeof chosen.ratio): typeof x => g.sub(1, g.sigmoid(g.mul(x, beta)));
    const own = g.mul(
      g.add(
        term(g.sub(chosen.ratio, constant('rejectedBaseline'))),
        term(g.sub(constant('chosenBaseline'), rejected.ratio)),
      ),
      0.5,
    );
    const onlySlope = (x: typeof own, slope: string): typeof own => g.mul(constant(slope), g.sub(x, g.stopGradient(x)));
    return g.add(own, g.add(onlySlope(chosen.ratio, 'chosenSlope'), onlySlope(rejected.ratio, 'rejectedSlope')));
  },
};
