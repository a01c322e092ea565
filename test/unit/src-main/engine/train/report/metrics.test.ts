import { describe, expect, it } from 'vitest';
import { lengthMetrics } from '../../../../../../src-main/engine/train/report/length-metrics';
import {
  batchMetrics,
  pairPoint,
  PairWindow,
  positionProfile,
  profileBinTokens,
  tokensSeen,
} from '../../../../../../src-main/engine/train/report/metrics';
import { methodOf } from '../../../../support/pair-sums';
import type { ScoredPair } from '../../../../../../src-main/engine/program/scoring';

// chosen 3 tokens, rejected 2; SamPO kept the first and last chosen one
const all = (n: number): Float32Array => new Float32Array(n).fill(1);
const mask = Float32Array.of(1, 0, 1);
const scored: ScoredPair = {
  pair: {
    row: 4,
    promptIds: [1, 2],
    chosenIds: [3, 4, 5],
    rejectedIds: [6, 7],
    cut: { prompt: 0, chosen: 0, rejected: 0 },
  },
  policy: { chosen: Float32Array.of(-1, -2, -3), rejected: Float32Array.of(-2, -2) },
  reference: { chosen: Float32Array.of(-1.5, -4, -3.25), rejected: Float32Array.of(-1, -2) },
  weights: {
    chosenPolicy: mask,
    rejectedPolicy: all(2),
    chosenReference: mask,
    rejectedReference: all(2),
    keptTokens: 2,
  },
  statistics: {
    entropy: { chosen: Float32Array.of(1, 2, 3), rejected: Float32Array.of(4, 5) },
    meanLogit: { chosen: Float32Array.of(0.5, 1, 1.5), rejected: Float32Array.of(-1, -2) },
    top1: { chosen: Float32Array.of(1, 0, 1), rejected: Float32Array.of(0, 0) },
  },
  divergence: null,
  loss: 0.5,
};
const dpo = methodOf({ id: 'dpo' });
const preference = { supervised: false, needsReference: true, method: dpo };

describe('pairPoint', () => {
  it('has rewards of the kept tokens and the margin of all of them', () => {
    // chosen: 0.1 ((−1 − 3) − (−1.5 − 3.25)) = 0.075; rejected: 0.1 (−4 + 3) = −0.1; all tokens: 0.1 ((−6 + 8.75) + 1)
    // = 0.375
    expect(pairPoint(scored, 7, 'train', dpo)).toEqual({
      row: 4,
      step: 7,
      split: 'train',
      chosenTokens: 3,
      rejectedTokens: 2,
      keptTokens: 2,
      chosenReward: expect.closeTo(0.075, 12),
      rejectedReward: expect.closeTo(-0.1, 12),
      margin: expect.closeTo(0.175, 12),
      fullMargin: expect.closeTo(0.375, 12),
    });
  });
});

describe('batchMetrics', () => {
  const points = [pairPoint(scored, 1, 'train', dpo)];
  it('are means with TRL’s names', () => {
    expect(batchMetrics([scored], points, preference)).toMatchObject({
      loss: 0.5,
      'rewards/accuracies': 1,
      'logps/chosen': -6,
      'logps/rejected': -4,
      'length/kept_tokens': 2,
    });
  });
  it('are means over pairs', () => {
    const other = {
      ...points[0]!,
      chosenTokens: 5,
      rejectedTokens: 8,
      keptTokens: 6,
      chosenReward: 1,
      rejectedReward: 2,
      margin: -1,
      fullMargin: 3,
    };
    const found = batchMetrics([scored, { ...scored, loss: 1 }], [points[0]!, other], preference);
    for (const [name, value] of Object.entries({
      loss: 0.75,
      'rewards/chosen': (0.075 + 1) / 2,
      'rewards/rejected': (-0.1 + 2) / 2,
      'rewards/accuracies': 0.5,
      'rewards/margins': (0.175 - 1) / 2,
      'length/chosen_tokens': 4,
      'length/rejected_tokens': 5,
      'length/kept_tokens': 4,
      'length/full_margins': (0.375 + 3) / 2,
    }))
      expect(found[name as keyof typeof found], name).toBeCloseTo(value, 12);
  });
  it('have the divergence of each side, where the method compares distributions', () => {
    const divergence = { chosen: Float32Array.of(1, 2, 4), rejected: Float32Array.of(8, 16) };
    expect(batchMetrics([{ ...scored, divergence }], points, preference)).toMatchObject({
      'length/kl_chosen': 7,
      'length/kl_rejected': 24,
    });
    expect(batchMetrics([scored, { ...scored, divergence }], [...points, ...points], preference)).not.toHaveProperty(
      'length/kl_chosen',
    );
  });
  it('rank log-probs per token against lengths', () => {
    // per token −2 at 3 tokens and −4 at 1: more tokens, likelier ones
    const one = {
      ...scored,
      pair: { ...scored.pair, rejectedIds: [6] },
      policy: { ...scored.policy, rejected: Float32Array.of(-4) },
    };
    expect(batchMetrics([one], points, preference)['length/logp_rank_correlation']).toBeCloseTo(1, 12);
    expect(batchMetrics([one], points, preference)['length/likelihood_agreement']).toBe(1);
    const wrong = points.map((point) => ({ ...point, margin: 0 }));
    expect(batchMetrics([one], wrong, preference)).not.toHaveProperty('length/likelihood_agreement');
  });
  it('are means over tokens where TRL’s are', () => {
    // entropy over all five response tokens; accuracy over chosen ones
    expect(batchMetrics([scored], points, preference)).toMatchObject({
      entropy: 3,
      mean_token_accuracy: expect.closeTo(2 / 3, 12),
      'logits/chosen': 1,
      'logits/rejected': -1.5,
    });
  });
  it('say what happened to length', () => {
    // chosen −6 against −8.75, rejected −4 against −3; per token −2 and −2, so the right reward is not the likelier
    // response
    expect(batchMetrics([scored], points, preference)).toMatchObject({
      'length/drift_chosen': 2.75,
      'length/drift_rejected': -1,
      'length/likelihood_agreement': 0,
    });
    expect(batchMetrics([scored], points, { ...preference, needsReference: false })).not.toHaveProperty(
      'length/drift_chosen',
    );
    expect(batchMetrics([scored], points, preference)).not.toHaveProperty('length/sampling_noise');
    expect(
      batchMetrics([scored], points, { ...preference, method: methodOf({ id: 'sampo' }) })['length/sampling_noise'],
    ).toBeGreaterThan(0);
  });
  it('count a tie as wrong', () => {
    const tie = { ...points[0]!, chosenReward: 0, rejectedReward: 0 };
    expect(batchMetrics([scored], [tie], preference)['rewards/accuracies']).toBe(0);
  });
  it('supervised: the loss is per token and nothing is said about rejected ones', () => {
    const values = batchMetrics([{ ...scored, loss: 2 }], points, { ...preference, supervised: true });
    expect(values).toMatchObject({ loss: 2, 'logps/chosen': -6, 'length/chosen_tokens': 3 });
    expect(Object.keys(values).filter((name) => /rejected|rewards/.test(name))).toEqual([]);
  });
  it('count both sequences, as TRL does', () => {
    expect(tokensSeen([scored.pair], false)).toBe(2 * 2 + 3 + 2);
    expect(tokensSeen([scored.pair], true)).toBe(2 + 3);
  });
});

describe('length metrics', () => {
  it('leave out what is not defined yet', () => {
    const point = pairPoint(scored, 1, 'train', dpo);
    const one = lengthMetrics([point]);
    expect(one).toMatchObject({ 'length/accuracy_chosen_longer': 1 });
    for (const name of [
      'length/margin_correlation',
      'length/margin_slope',
      'length/accuracy_chosen_shorter',
      'length/accuracy_gap',
    ])
      expect(one).not.toHaveProperty(name);
  });
  it('have slopes, ranks and the share that length explains', () => {
    const base = pairPoint(scored, 1, 'train', dpo);
    // margin = 0.1 Δ exactly, Δ = 1, 4, −5
    const points = [
      [3, 2],
      [9, 5],
      [2, 7],
    ].map(([chosenTokens, rejectedTokens], row) => ({
      ...base,
      row,
      chosenTokens: chosenTokens!,
      rejectedTokens: rejectedTokens!,
      margin: 0.1 * (chosenTokens! - rejectedTokens!),
      chosenReward: 0.1 * chosenTokens!,
      rejectedReward: 0.1 * rejectedTokens!,
    }));
    const found = lengthMetrics(points);
    for (const [name, value] of Object.entries({
      'length/margin_correlation': 1,
      'length/margin_rank_correlation': 1,
      'length/margin_r2': 1,
      'length/margin_slope': 0.1,
      'length/reward_correlation': 1,
      'length/reward_rank_correlation': 1,
      'length/reward_r2': 1,
      'length/reward_slope': 0.1,
      'length/accuracy_gap': 1,
    }))
      expect(found[name as keyof typeof found], name).toBeCloseTo(value, 12);
  });
  it('run over the last 256 pairs', () => {
    const window = new PairWindow();
    const point = pairPoint(scored, 1, 'train', dpo);
    window.push(Array.from({ length: 300 }, (_, i) => ({ ...point, row: i })));
    expect(window.points).toHaveLength(256);
    expect(window.points.at(0)!.row).toBe(44);
  });
});

describe('positionProfile', () => {
  it('averages log-ratios in bins over the pairs that reach them', () => {
    const { chosen, rejected } = positionProfile([scored], 1, 2);
    expect(chosen).toEqual([
      { mean: expect.closeTo((0.5 + 2) / 2, 6), count: 2 },
      { mean: expect.closeTo(0.25, 6), count: 1 },
    ]);
    expect(rejected).toEqual([{ mean: expect.closeTo(-0.5, 6), count: 2 }]);
  });
  it('has about 32 bins', () =>
    expect([0, 10, 32, 33, 64, 65, 500, 4096, 4097].map(profileBinTokens)).toEqual([1, 1, 1, 2, 2, 4, 16, 128, 256]));
});
