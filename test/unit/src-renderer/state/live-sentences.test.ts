import { describe, expect, it } from 'vitest';
import type { SeriesByName } from '../../../../src-main/shared/views/run';
import { bucketWidth } from '../../../../src-renderer/state/buckets';
import {
  accuracySentence,
  bucketSentence,
  keptSentence,
  lossSentence,
  profileSentence,
  rewardsSentence,
} from '../../../../src-renderer/state/live-sentences';
import { noMetrics, type RunMetrics } from '../../../../src-renderer/state/run-metrics';
import { pairPoints } from '../harness/fake-data';

const metrics = (series: Readonly<Record<string, readonly number[]>>): RunMetrics => ({
  ...noMetrics,
  series: Object.fromEntries(
    Object.entries(series).map(([name, values]) => [
      name,
      values.map((value, i) => ({ step: i + 1, value, min: value, max: value })),
    ]),
  ) as SeriesByName,
});
const times = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value);

describe('sentences under the charts', () => {
  it('are silent without data', () => {
    expect([
      lossSentence(noMetrics),
      accuracySentence(noMetrics),
      rewardsSentence(noMetrics),
      keptSentence(noMetrics),
      bucketSentence([], { fit: null, expectedR2: null }, 'train'),
      bucketSentence(pairPoints('dpo', 5, 4, 1), { fit: null, expectedR2: null }, 'train'),
      profileSentence(null),
    ]).toEqual([null, null, null, null, null, null, null]);
  });
  it('tell a falling, rising and resting loss apart', () => {
    expect(lossSentence(metrics({ loss: [...times(10, 0.7), ...times(10, 0.5)] }))).toBe(
      'Loss fell: 0.700 over the first 10 steps, 0.500 over the last.',
    );
    expect(lossSentence(metrics({ loss: [...times(10, 0.5), ...times(10, 0.7)] }))).toMatch(/^Loss rose/);
    expect(lossSentence(metrics({ loss: times(20, 0.7) }))).toMatch(/^Loss has hardly moved/);
    expect(lossSentence(metrics({ loss: [0.7] }))).toBe('Loss 0.700 at step 1.');
  });
  it('warn when the held-out loss leaves its best behind', () => {
    expect(lossSentence(metrics({ loss: times(20, 0.2), eval_loss: [0.6, 0.5, 0.7] }))).toContain('may only memorize');
    expect(lossSentence(metrics({ loss: times(20, 0.2), eval_loss: [0.6, 0.5, 0.51] }))).not.toContain('memorize');
  });
  it('explain rewards that both fall', () => {
    expect(rewardsSentence(metrics({ 'rewards/chosen': [-1], 'rewards/rejected': [-2] }))).toContain('That is common');
    expect(rewardsSentence(metrics({ 'rewards/chosen': [0], 'rewards/rejected': [0.001] }))).toContain(
      'hardly moved from its reference',
    );
    expect(rewardsSentence(metrics({ 'rewards/chosen': [1], 'rewards/rejected': [-1] }))).toContain(
      'more likely and rejected ones less likely',
    );
    expect(rewardsSentence(metrics({ 'rewards/chosen': [1], 'rewards/rejected': [2] }))).toContain(
      'Rejected answers have the higher reward',
    );
  });
  it('do not speak of a reference where there is none', () => {
    expect(rewardsSentence(metrics({ 'rewards/chosen': [-2], 'rewards/rejected': [-3] }), false)).toBe(
      'Without a reference rewards are scaled log-probs (chosen −2.0, rejected −3.0), below zero by nature; what ' +
        'counts is the distance between them.',
    );
  });
  it('say which tokens count', () => {
    expect(
      keptSentence(
        metrics({ 'length/kept_tokens': [40], 'length/chosen_tokens': [50], 'length/rejected_tokens': [41] }),
      ),
    ).toContain('40.0 of each side count');
    expect(
      keptSentence(
        metrics({ 'length/kept_tokens': [50], 'length/chosen_tokens': [50], 'length/rejected_tokens': [41] }),
      ),
    ).toContain('Every token counts');
  });
  it('name the sign of reward per token', () => {
    const pairs = pairPoints('dpo', 5, 4, 1);
    const fit = { slope: -0.002, intercept: 0, r2: 0.25 };
    expect(bucketSentence(pairs, { fit, expectedR2: null }, 'train')).toMatch(
      /0\.20 less reward; length explains 25\s% of its variance \(40 training responses\)\.$/,
    );
    expect(bucketSentence(pairs, { fit: { ...fit, slope: 0.002 }, expectedR2: 0.09 }, 'eval')).toMatch(
      /0\.20 more reward; .* \(40 held-out responses\); rewards that knew only which one is chosen would give 9\s%\.$/,
    );
    expect(bucketSentence(pairs, { fit: { ...fit, slope: 0 }, expectedR2: null }, 'train')).toContain(
      'on average the same reward',
    );
  });
});

describe('bucketWidth', () => {
  it('makes about ten round buckets', () => {
    const pair = pairPoints('dpo', 1, 1, 1)[0];
    if (pair === undefined) throw new Error('no pair');
    expect(
      [8, 90, 180, 900].map((chosenTokens) => bucketWidth([{ ...pair, chosenTokens, rejectedTokens: 3 }])),
    ).toEqual([2, 10, 20, 100]);
    expect(bucketWidth([])).toBe(2);
  });
});
