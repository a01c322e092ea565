import { describe, expect, it } from 'vitest';
import { tokenWeights } from '../../../../../src-main/engine/methods/sampling';
import { marginVariance } from '../../../../../src-main/engine/methods/sampling-noise';
import { Random } from '../../../../../src-main/shared/random';
import { levelB } from '../../../support/token-logits';

describe('SamPO’s sampling noise', () => {
  it('is what all draws of level B have', async () => {
    const { scored } = await levelB({ id: 'sampo' });
    const of = (mode: 'shared' | 'independent'): readonly number[] =>
      scored.map((s) => marginVariance(mode, s.policy, s.reference));
    [0.0702705421, 0.2961882405].forEach((variance, i) => expect(of('shared')[i]).toBeCloseTo(variance, 5));
    [4.645789044, 4.5093384998].forEach((variance, i) => expect(of('independent')[i]).toBeCloseTo(variance, 5));
    expect(marginVariance('expected', scored[0]!.policy, scored[0]!.reference)).toBe(0);
  });

  it.each(['shared', 'independent'] as const)('is the variance of many draws (%s)', (mode) => {
    const random = Random.keyed(1, 7);
    const side = (n: number): Float32Array => Float32Array.from({ length: n }, () => -3 * random.next());
    const policy = { chosen: side(20), rejected: side(6) };
    const reference = { chosen: side(20), rejected: side(6) };
    const dot = (weights: Float32Array, values: Float32Array): number =>
      weights.reduce((sum, w, t) => sum + w * values[t]!, 0);
    const margins = Array.from({ length: 20_000 }, () => {
      const { chosenPolicy, chosenReference } = tokenWeights(mode, 20, 6, () => random.next());
      return dot(chosenPolicy, policy.chosen) - dot(chosenReference, reference.chosen);
    });
    const mean = margins.reduce((a, b) => a + b, 0) / margins.length;
    const variance = margins.reduce((sum, x) => sum + (x - mean) ** 2, 0) / margins.length;
    expect(variance / marginVariance(mode, policy, reference)).toBeCloseTo(1, 1);
  });
});
