import { describe, expect, it } from 'vitest';
import { metricMeaning } from '../../../../src-main/shared/metric-meanings';
import { metricsOf, randomPairs, specOf, tinyRun } from '../engine/train/fixture';

describe('metric meanings', () => {
  it.each([['sampo'], ['tdpo']] as const)('explain everything that a run of %s reports', async (id) => {
    const { events } = await tinyRun({
      spec: specOf({ method: { id }, training: { maxSteps: 3, pairsPerStep: 4 } }),
      pairs: randomPairs(8),
      held: randomPairs(4, 9, 101),
    });
    const names = new Set(metricsOf(events).flatMap((e) => Object.keys(e.values)));
    expect(names.size).toBeGreaterThan(50);
    expect([...names].filter((name) => metricMeaning(name) === null)).toEqual([]);
  });
  it('know nothing of other names', () => {
    for (const name of ['length/wisdom', 'eval_wisdom', 'constructor', 'eval_toString', ''])
      expect(metricMeaning(name)).toBeNull();
  });
  it('say when pairs were held out', () => expect(metricMeaning('eval_loss')!.sentence).toContain('never saw'));
  it('have the unit that the number has', () => {
    const units: Readonly<Record<string, string>> = {
      nats: 'entropy logps/chosen logps/rejected length/drift_chosen length/drift_rejected length/kl_chosen length/kl_rejected',
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
    const titles = new Set<string>();
    for (const [unit, names] of Object.entries(units))
      for (const name of names.split(' ')) {
        const meaning = metricMeaning(name)!;
        expect([name, meaning.unit]).toEqual([name, unit]);
        expect(meaning.title, name).toMatch(/^[A-Z]/);
        expect(meaning.sentence, name).toMatch(/^[A-Z].*\.$/);
        expect(titles).not.toContain(meaning.title);
        titles.add(meaning.title);
        expect(metricMeaning(`eval_${name}`)).toEqual({
          title: `${meaning.title} (held-out)`,
          unit,
          sentence: expect.stringMatching(/\. On pairs that training never saw\.$/),
        });
      }
  });
});
