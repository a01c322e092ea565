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
  it('know nothing of other names', () => expect(metricMeaning('length/wisdom')).toBeNull());
  it('say when pairs were held out', () => expect(metricMeaning('eval_loss')!.sentence).toContain('never saw'));
});
