import { describe, expect, it } from 'vitest';
import type { Metric } from '../../../../../src-main/shared/metrics/metric';
import {
  chartMetrics,
  heldOutName,
  isListed,
  metricOf,
  stepMetrics,
  type MetricName,
  type StepMetric,
} from '../../../../../src-main/shared/metrics/registry';
import { metricsOf, randomPairs, specOf, tinyRun } from '../../engine/train/fixture';

const names = Object.keys(stepMetrics) as readonly StepMetric[];
const reportedBy = (sources: readonly Metric['from'][]): readonly StepMetric[] =>
  names.filter((name) => sources.includes(stepMetrics[name].from));

/** Names that a run of a few steps reports, of its own pairs and of held-out ones. */
async function reported(spec: Parameters<typeof specOf>[0]): Promise<ReadonlySet<string>> {
  const { events } = await tinyRun({
    spec: specOf({ ...spec, training: { maxSteps: 3, pairsPerStep: 4 } }),
    pairs: randomPairs(8),
    held: randomPairs(4, 9, 101),
  });
  return new Set(metricsOf(events).flatMap((e) => Object.keys(e.values)));
}

describe('the registry of metrics', () => {
  it.each([
    ['sampo', { method: { id: 'sampo' } }, ['every run', 'preference', 'reference', 'drawn tokens']],
    ['dpo', { method: { id: 'dpo' } }, ['every run', 'preference', 'reference']],
    ['simpo', { method: { id: 'simpo' } }, ['every run', 'preference']],
    ['tdpo', { method: { id: 'tdpo' } }, ['every run', 'preference', 'reference', 'distributions']],
    ['supervised', { objective: 'supervised' }, ['every run']],
  ] as const)('says what a run of %s reports, neither less nor more', async (_name, spec, sources) => {
    const found = await reported(spec);
    const expected = reportedBy(sources);
    expect([...found].filter((name) => metricOf(name) === null)).toEqual([]);
    expect([...found].filter((name) => !name.startsWith('eval_')).sort()).toEqual([...expected].sort());
    const heldOut = [...found].filter((name) => name.startsWith('eval_'));
    const allowed = new Set<string | null>(expected.map(heldOutName));
    expect(heldOut.filter((name) => !allowed.has(name))).toEqual([]);
    expect(heldOut).toContain('eval_loss');
  });

  it('has no words for names that no run reports', () => {
    for (const name of [
      'length/wisdom',
      'eval_length/wisdom',
      'eval_grad_norm',
      'eval_',
      '',
      'toString',
      'eval_toString',
    ])
      expect(metricOf(name), name).toBeNull();
  });

  it('tells held-out pairs apart, and says the same else', () => {
    expect(metricOf('eval_loss')).toEqual({
      ...stepMetrics.loss,
      title: 'Loss (held-out)',
      meaning: `${stepMetrics.loss.meaning} On pairs that training never saw.`,
    });
    expect([heldOutName('loss'), heldOutName('grad_norm')]).toEqual(['eval_loss', null]);
  });

  it('has the unit that the number has', () => {
    const units: Readonly<Record<string, string>> = {
      nats:
        'entropy logps/chosen logps/rejected length/drift_chosen length/drift_rejected length/kl_chosen ' +
        'length/kl_rejected',
      tokens: 'num_tokens length/chosen_tokens length/rejected_tokens length/kept_tokens',
      ρ: 'length/logp_rank_correlation length/margin_rank_correlation length/reward_rank_correlation',
      r: 'length/margin_correlation length/full_margin_correlation length/reward_correlation',
      'R²': 'length/margin_r2 length/reward_r2',
      'per token': 'length/margin_slope length/reward_slope',
      ms: 'perf/step_ms',
      'pairs/s': 'perf/pairs_per_second',
      bytes: 'perf/rss_bytes',
      '':
        'loss grad_norm learning_rate epoch mean_token_accuracy logits/chosen logits/rejected rewards/chosen ' +
        'rewards/rejected rewards/accuracies rewards/margins length/full_margins length/likelihood_agreement ' +
        'length/sampling_noise length/accuracy_chosen_longer length/accuracy_chosen_shorter length/accuracy_gap',
    };
    const told = Object.entries(units).flatMap(([unit, those]) =>
      those.split(' ').map((name) => [name, unit] as const),
    );
    expect(told.map(([name]) => name).sort()).toEqual([...names].sort());
    for (const [name, unit] of told) expect([name, metricOf(name)!.unit]).toEqual([name, unit]);
  });

  it('knows in which direction a number is better: what a comparison calls best', () => {
    const lower = names.filter((name) => stepMetrics[name].better === 'lower');
    expect(lower).toEqual(['loss', 'grad_norm', 'perf/step_ms', 'perf/rss_bytes']);
    expect(stepMetrics['length/margin_correlation'].better).toBeNull();
    expect(metricOf('eval_rewards/accuracies')!.better).toBe('higher');
  });

  it('lists every number but the machine’s, which have charts', () => {
    expect(names.filter((name) => !isListed(name))).toEqual([
      'perf/step_ms',
      'perf/pairs_per_second',
      'perf/rss_bytes',
    ]);
    expect(isListed('eval_loss')).toBe(false);
  });

  it('has a title and a whole sentence for each, and no title twice', () => {
    for (const name of names) {
      const { title, meaning } = stepMetrics[name];
      expect(title, name).toMatch(/^[A-Z]/);
      expect(meaning, name).toMatch(/^[A-Z].*\.$/s);
    }
    expect(new Set(names.map((name) => stepMetrics[name].title)).size).toBe(names.length);
  });

  it('lets no misspelt name compile', () => {
    // @ts-expect-error: it is rewards/accuracies
    const misspelt: MetricName = 'rewards/accuracy';
    // @ts-expect-error: evaluations have no gradient
    const notHeldOut: MetricName = 'eval_grad_norm';
    expect([metricOf(misspelt), metricOf(notHeldOut)]).toEqual([null, null]);
  });

  it('draws only numbers that it knows', () => {
    for (const name of Object.values(chartMetrics).flat()) expect(metricOf(name), name).not.toBeNull();
  });
});
