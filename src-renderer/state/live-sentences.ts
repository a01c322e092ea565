import { smallest } from '../../src-main/shared/extremes';
import type { RewardLength } from '../../src-main/shared/length/length-bias';
import type { PairPoint, PositionProfile } from '../../src-main/shared/metrics/reports';
import { formatCount, formatNumber, formatPercent, plural } from './format';
import { lastValue, recentMean, type RunMetrics } from './run-metrics';

/** One sentence under each chart: its present state in measured numbers. Thresholds stand here. */
const liveThresholds = {
  /** Steps averaged at both ends. */
  window: 10,
  /** Relative change of the loss that counts as falling or rising. */
  lossChange: 0.03,
  /** Held-out loss above its best by this share: overfitting is likely. */
  overfit: 0.1,
  /** Rewards closer to zero than this are "about zero". */
  reward: 0.02,
} as const;

export function lossSentence(metrics: RunMetrics): string | null {
  const train = metrics.series['loss'] ?? [];
  const last = train.at(-1);
  if (last === undefined) return null;
  const held = metrics.series['eval_loss'] ?? [];
  const lastHeld = held.at(-1);
  const heldText = lastHeld ? `; held out ${formatNumber(lastHeld.value)} at step ${formatCount(lastHeld.step)}` : '';
  if (train.length < 4) return `Loss ${formatNumber(last.value)} at step ${formatCount(last.step)}${heldText}.`;
  const size = Math.min(liveThresholds.window, Math.floor(train.length / 2));
  const start = mean(train.slice(0, size).map((p) => p.value));
  const now = mean(train.slice(-size).map((p) => p.value));
  const change = start === 0 ? 0 : (now - start) / Math.abs(start);
  const verb =
    change < -liveThresholds.lossChange ? 'fell' : change > liveThresholds.lossChange ? 'rose' : 'has hardly moved';
  const bestHeld = held.length > 1 ? smallest(held, (p) => p.value) : null;
  const isOverfit =
    bestHeld !== null && lastHeld !== undefined && lastHeld.value > bestHeld * (1 + liveThresholds.overfit);
  const doubt = isOverfit
    ? ` Held-out loss is above its best (${formatNumber(bestHeld)}): more steps may only memorize.`
    : '';
  return (
    `Loss ${verb}: ${formatNumber(start)} over the first ${plural(size, 'step')}, ${formatNumber(now)} over the ` +
    `last${heldText}.${doubt}`
  );
}

export function accuracySentence(metrics: RunMetrics): string | null {
  const steps = metrics.series['rewards/accuracies']?.length ?? 0;
  const accuracy = recentMean(metrics, 'rewards/accuracies', liveThresholds.window);
  if (accuracy === null) return null;
  const margin = recentMean(metrics, 'rewards/margins', liveThresholds.window);
  const held = lastValue(metrics, 'eval_rewards/accuracies');
  const heldText = held === null ? '' : `, ${formatPercent(held)} of held-out pairs`;
  return (
    `Over the last ${plural(Math.min(steps, liveThresholds.window), 'step')} the chosen answer had the higher ` +
    `reward in ${formatPercent(accuracy)} of pairs${heldText}; mean margin ${formatNumber(margin, 2)}.`
  );
}

export function rewardsSentence(metrics: RunMetrics, hasReference = true): string | null {
  const chosen = recentMean(metrics, 'rewards/chosen', liveThresholds.window);
  const rejected = recentMean(metrics, 'rewards/rejected', liveThresholds.window);
  if (chosen === null || rejected === null) return null;
  const numbers = `chosen ${formatNumber(chosen, 2)}, rejected ${formatNumber(rejected, 2)}`;
  if (!hasReference)
    return (
      `Without a reference rewards are scaled log-probs (${numbers}), below zero by nature; what counts is the ` +
      'distance between them.'
    );
  const near = (value: number): boolean => Math.abs(value) < liveThresholds.reward;
  if (near(chosen) && near(rejected))
    return `Both rewards are still about zero (${numbers}): the model has hardly moved from its reference.`;
  if (chosen < 0 && rejected < 0)
    return (
      `Both rewards are below zero (${numbers}): both answers have become less likely than under the reference. ` +
      'That is common; what counts is the distance between them.'
    );
  if (chosen > 0 && rejected < 0)
    return `Chosen answers became more likely and rejected ones less likely than under the reference (${numbers}).`;
  return chosen > rejected
    ? `Both answers became more likely, chosen more so (${numbers}).`
    : `Rejected answers have the higher reward now (${numbers}).`;
}

/**
 * Beside what length explains stands what it would explain for rewards that only knew which response is the chosen one.
 */
export function bucketSentence(
  pairs: readonly PairPoint[],
  { fit, expectedR2 }: Pick<RewardLength, 'fit' | 'expectedR2'>,
  split: PairPoint['split'],
): string | null {
  if (pairs.length < 2 || fit === null) return null;
  const per100 = fit.slope * 100;
  const change =
    signOf(per100) === 0
      ? 'on average the same reward'
      : `on average ${formatNumber(Math.abs(per100), 2)} ${per100 < 0 ? 'less' : 'more'} reward`;
  const expected =
    expectedR2 === null ? '' : `; rewards that knew only which one is chosen would give ${formatPercent(expectedR2)}`;
  return (
    `A response 100 tokens longer has ${change}; length explains ${formatPercent(fit.r2)} of its variance ` +
    `(${formatCount(pairs.length * 2)} ${split === 'eval' ? 'held-out' : 'training'} responses)${expected}.`
  );
}

/** 0 where two digits would show none. */
const signOf = (value: number): number => (/[1-9]/.test(formatNumber(value, 2)) ? Math.sign(value) : 0);

export function profileSentence(profile: PositionProfile | null): string | null {
  if (profile === null) return null;
  const mass = (side: PositionProfile['chosen']): { readonly early: number; readonly late: number } => {
    const half = Math.ceil(side.length / 2);
    const weighted = (part: PositionProfile['chosen']): number => {
      const count = part.reduce((sum, bin) => sum + bin.count, 0);
      return count === 0 ? 0 : part.reduce((sum, bin) => sum + bin.mean * bin.count, 0) / count;
    };
    return { early: weighted(side.slice(0, half)), late: weighted(side.slice(half)) };
  };
  const chosen = mass(profile.chosen);
  const rejected = mass(profile.rejected);
  return (
    `Per token, first half against second half: chosen ${formatNumber(chosen.early, 2)} and ` +
    `${formatNumber(chosen.late, 2)}, rejected ${formatNumber(rejected.early, 2)} and ` +
    `${formatNumber(rejected.late, 2)} (step ${formatCount(profile.step)}).`
  );
}

export function keptSentence(metrics: RunMetrics): string | null {
  const kept = recentMean(metrics, 'length/kept_tokens', 50);
  const chosen = recentMean(metrics, 'length/chosen_tokens', 50);
  const rejected = recentMean(metrics, 'length/rejected_tokens', 50);
  if (kept === null || chosen === null || rejected === null) return null;
  const longer = Math.max(chosen, rejected);
  const share = kept / Math.max(1, longer);
  if (share > 0.995)
    return (
      `Every token counts: chosen ${formatNumber(chosen)}, rejected ${formatNumber(rejected)} tokens a pair on ` +
      'average.'
    );
  return (
    `Of ${formatNumber(chosen)} chosen and ${formatNumber(rejected)} rejected tokens, ${formatNumber(kept)} of each ` +
    'side count in a pair on average.'
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
