import { learningMetrics } from './learning';
import { lengthMetrics } from './length';
import { machineMetrics } from './machine';
import type { Metric } from './metric';

/**
 * All numbers that runs report, in the order of pages. A name that does not stand here does not compile, in the engine
 * as little as on a page.
 */
export const stepMetrics = { ...learningMetrics, ...lengthMetrics, ...machineMetrics };

export type StepMetric = keyof typeof stepMetrics;
export type HeldOutMetric = {
  [M in StepMetric]: (typeof stepMetrics)[M]['heldOut'] extends true ? `eval_${M}` : never;
}[StepMetric];
export type MetricName = StepMetric | HeldOutMetric;

/** What one step reports of the pairs it trained on. */
export type StepValues = Readonly<Partial<Record<StepMetric, number>>>;
/** What one step, or one evaluation, reports. */
export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;

export const heldOutName = (name: StepMetric): HeldOutMetric | null =>
  stepMetrics[name].heldOut ? (`eval_${name}` as HeldOutMetric) : null;

const isStepMetric = (name: string): name is StepMetric => Object.hasOwn(stepMetrics, name);

/** The same with held-out pairs told apart. Null for a name that no step reports: an older version's, say. */
export function metricOf(name: string): Metric | null {
  if (isStepMetric(name)) return stepMetrics[name];
  const trained = name.startsWith('eval_') ? name.slice('eval_'.length) : '';
  if (!isStepMetric(trained) || !stepMetrics[trained].heldOut) return null;
  const { title, meaning, ...rest } = stepMetrics[trained];
  return { ...rest, title: `${title} (held-out)`, meaning: `${meaning} On pairs that training never saw.` };
}

/** What the table of all numbers lists; the machine's have charts instead. */
export const isListed = (name: string): name is StepMetric =>
  isStepMetric(name) && !Object.hasOwn(machineMetrics, name);

/** What the charts of a run's page draw, by the chart's id: columns of its table. */
export const chartMetrics = {
  loss: ['loss', 'eval_loss'],
  accuracy: ['rewards/accuracies', 'eval_rewards/accuracies', 'rewards/margins', 'eval_rewards/margins'],
  rewards: ['rewards/chosen', 'rewards/rejected', 'eval_rewards/chosen', 'eval_rewards/rejected'],
  correlation: ['length/margin_correlation', 'length/full_margin_correlation'],
  kept: ['length/chosen_tokens', 'length/rejected_tokens', 'length/kept_tokens'],
  speed: ['perf/pairs_per_second'],
  memory: ['perf/rss_bytes'],
  'grad-norm': ['grad_norm'],
  'learning-rate': ['learning_rate'],
} as const satisfies Readonly<Record<string, readonly MetricName[]>>;
