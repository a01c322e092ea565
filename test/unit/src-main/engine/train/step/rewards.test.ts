import { describe, expect, it } from 'vitest';
import { dot, pairRewards, total } from '../../../../../../src-main/engine/train/step/rewards';
import { methodOf } from '../../../../support/pair-sums';

const f = (...values: readonly number[]): Float32Array => new Float32Array(values);
const pair = {
  policy: { chosen: f(-1, -2, -3), rejected: f(-4, -5) },
  reference: { chosen: f(-2, -4, -8), rejected: f(-4.5, -7) },
  weights: {
    chosenPolicy: f(1, 0, 0.5),
    chosenReference: f(0, 1, 1),
    rejectedPolicy: f(0.5, 1),
    rejectedReference: f(1, 0.25),
    keptTokens: 2,
  },
  divergence: { chosen: f(8, 16, 32), rejected: f(2, 4) },
};

describe('rewards', () => {
  it('are β times the weighted log-ratio, with each side’s own weights; the full margin is of all tokens', () => {
    // chosen: (−1 − 1.5) − (−4 − 8) = 9.5; rejected: (−2 − 5) − (−4.5 − 1.75) = −0.75; all: (−6 + 14) − (−9 + 11.5) =
    // 5.5
    expect(pairRewards({ ...pair, divergence: null }, methodOf({ id: 'dpo', beta: 0.5 }))).toEqual({
      chosen: 4.75,
      rejected: -0.375,
      fullMargin: 2.75,
    });
  });
  it('have TDPO’s divergence added, weighed as the policy is', () => {
    // chosen: 8 + 16 more; rejected: 1 + 4 more
    const { chosen, rejected, fullMargin } = pairRewards(pair, methodOf({ id: 'tdpo', beta: 0.5 }));
    expect([chosen, rejected, fullMargin]).toEqual([0.5 * (9.5 + 24), 0.5 * (-0.75 + 5), 2.75]);
  });
  it('without a reference are β times the mean log-prob of all tokens', () => {
    const { chosen, rejected, fullMargin } = pairRewards(pair, methodOf({ id: 'simpo', beta: 2 }));
    expect([chosen, rejected, fullMargin]).toEqual([-4, -9, 5]);
    const empty = { ...pair, policy: { chosen: f(-1, -2, -3), rejected: f() } };
    expect(pairRewards(empty, methodOf({ id: 'simpo', beta: 2 }))).toMatchObject({ rejected: 0, fullMargin: -4 });
  });
  it('are summed in doubles', () => {
    expect([total(f(1, 2, 4)), total(f()), dot(f(1, 2), f(3, 5)), dot(f(), f())]).toEqual([7, 0, 13, 0]);
  });
});
