import { describe, expect, it } from 'vitest';
import { defaultsOf } from '../../../../src-main/shared/spec/method-spec';
import { startLoss } from '../../../../src-renderer/state/start-loss';

describe('startLoss', () => {
  it('is what TRL and the SamPO code give a model that is its own reference', () => {
    const measured = {
      dpo: 0.693147,
      hinge: 1,
      ipo: 25,
      exo_pair: 2.761231,
      nca_pair: 1.386294,
      robust: 0.693147,
      bco_pair: 1.386294,
      sppo_hard: 50,
      aot: 0.693147,
      apo_zero: 1,
      apo_down: 1,
      discopop: 0.846574,
      sigmoid_norm: 0.693147,
    } as const;
    for (const [id, loss] of Object.entries(measured))
      expect(startLoss(defaultsOf(id as keyof typeof measured)), id).toBeCloseTo(loss, 5);
    expect(startLoss({ ...defaultsOf('ipo'), beta: 0.05 })).toBeCloseTo(100, 9);
  });
  it('is unknown where it hangs on model or data', () => {
    for (const id of ['simpo', 'orpo', 'sft', 'dpo_sft', 'r_dpo'] as const)
      expect(startLoss(defaultsOf(id)), id).toBeNull();
    const dpo = defaultsOf('dpo');
    for (const change of [
      { wpo: true },
      { referenceFree: true },
      { sampling: 'independent' },
      { mix: [{ id: 'sft', weight: 1 }] },
    ] as const)
      expect(startLoss({ ...dpo, ...change }), JSON.stringify(change)).toBeNull();
    expect(startLoss({ ...dpo, labelSmoothing: 0.2, sampling: 'shared' })).toBeCloseTo(Math.LN2, 12);
  });
});
