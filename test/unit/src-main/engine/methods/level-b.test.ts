import { describe, expect, it } from 'vitest';
import type { TokenizedPair } from '../../../../../src-main/engine/batch/types';
import type { RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';
import { worstError } from '../../../support/pair-sums';
import { levelB } from '../../../support/token-logits';

// test/golden/README.md, "Levels", B: mean loss and norm of d loss / d policy logits, through packing, token weights,
// coupling, head and loss as a training step runs them.
type Row = readonly [name: string, method: RunSpecInput['method'], loss: number, gradNorm: number | null];
const rows: readonly Row[] = [
  ['sigmoid', { id: 'dpo' }, 0.6728901748, 0.096674596],
  ['hinge', { id: 'hinge' }, 0.9549969859, 0.1997922216],
  ['ipo', { id: 'ipo' }, 26.0399138029, 6.1341594101],
  ['kto_pair, seed', { id: 'kto_pair', variant: 'seed' }, 0.4943703259, 0.0249178076],
  ['dpop 50', { id: 'dpop', lambda: 50 }, 3.9469478713, 4.1082609649],
  ['dpo_sft 1', { id: 'dpo_sft', sftWeight: 1 }, 3.1753564609, 0.5432692099],
  ['lenN .01', { id: 'r_dpo', alpha: 0.01 }, 0.6804108458, 0.0973885929],
  ['bco_pair, seed', { id: 'bco_pair', variant: 'seed' }, 1.3661232491, 0.0982294482],
  ['bco_pair, TRL', { id: 'bco_pair', variant: 'trl' }, 1.3664095793, 0.0979771281],
  ['nca_pair', { id: 'nca_pair' }, 1.3785669414, 0.0489224527],
  ['sppo_hard', { id: 'sppo_hard' }, 47.5944702762, 18.6876790869],
  ['tdpo2 alpha .5', { id: 'tdpo', version: 2, alpha: 0.5 }, 0.6737560643, 0.0966018275],
  ['tdpo1', { id: 'tdpo', version: 1 }, (0.6126892412 + 0.7365562214) / 2, null],
  ['exo_pair 1e-3', { id: 'exo_pair', labelSmoothing: 0.001 }, 2.686086248, 0.3399303177],
  ['robust .1', { id: 'robust', labelSmoothing: 0.1 }, 0.6672647981, 0.1216079611],
  ['aot', { id: 'aot' }, 0.6708998383, 0.0976219325],
  ['aot_unpaired', { id: 'aot_unpaired' }, 0.6728901748, 0.096674596],
  ['apo_zero', { id: 'apo_zero' }, 0.9887406518, 0.0498356152],
  ['apo_down', { id: 'apo_down' }, 0.9859753242, 0.0376595817],
  ['discopop', { id: 'discopop' }, 0.813728358, 0.1150322858],
  ['sigmoid_norm', { id: 'sigmoid_norm' }, 0.6974469355, 0.0295607958],
  ['sft', { id: 'sft' }, 2.3630716329, 0.4346297907],
  ['RPO 1:1', { id: 'dpo', mix: [{ id: 'sft', weight: 1 }] }, 3.0359618078, 0.5027982944],
  ['sigmoid + ld_alpha .5', { id: 'dpo', ldAlpha: 0.5 }, 0.6720272733, 0.0908779625],
  ['sigmoid + ld_alpha 0', { id: 'dpo', ldAlpha: 0 }, 0.6713464933, 0.0889877804],
  ['sigmoid + WPO', { id: 'dpo', wpo: true }, 0.0264310449, 0.0040433185],
  ['sigmoid + forward_kl', { id: 'dpo', fDivergence: { type: 'forward_kl' } }, 0.7226820892, 0.2338839837],
  ['sigmoid + js', { id: 'dpo', fDivergence: { type: 'js' } }, 0.6907890443, 0.0594711669],
  ['SimPO 2.5/.3, seed', { id: 'simpo', variant: 'seed', beta: 2.5, lambda: 0.3 }, 2.0127159369, 0.8604186027],
  ['SimPO 2.5/.3, paper', { id: 'simpo', variant: 'paper', beta: 2.5, gamma: 0.3 }, 1.1089575452, 1.0317295726],
];

describe('level B', () => {
  it.each(rows)('%s', async (_name, method, loss, gradNorm) => {
    for (const gradient of ['hidden', 'all'] as const) {
      const ours = await levelB(method, { gradient });
      expect(worstError([ours.loss], [loss])).toBeLessThan(1e-5);
      if (gradNorm !== null) expect(worstError([ours.gradNorm], [gradNorm])).toBeLessThan(1e-5);
      // the logits of a token that are raised and lowered alike change nothing
      for (let slot = 0; slot < ours.gradient.length; slot += 5)
        expect(Math.abs(ours.gradient.subarray(slot, slot + 5).reduce((a, b) => a + b, 0))).toBeLessThan(
          1e-5 * Math.max(1, ours.gradNorm),
        );
    }
  });

  it('MPO: sigmoid, BCO and SFT in the weights of its paper', async () => {
    const ours = await levelB({
      id: 'dpo',
      mix: [
        { id: 'bco_pair', weight: 0.2 },
        { id: 'sft', weight: 1 },
      ],
    });
    expect(ours.loss).toBeCloseTo(0.6728901748 + 0.2 * 1.3664095793 + 2.3630716329, 5);
  });

  it('ORPO: response-only and seed (prompt included) negative log-likelihood, and the odds term', async () => {
    const paper = await levelB({ id: 'orpo', variant: 'paper' });
    expect(paper.loss).toBeCloseTo(2.3630716329 + 0.0747391296, 5);
    const seed = await levelB({ id: 'orpo', variant: 'seed' });
    expect(seed.loss).toBeCloseTo(2.575640496 + 0.0747391296, 5); // TRL's, whose padding does not count
  });

  it('per pair: TDPO', async () => {
    expect(
      worstError(
        (await levelB({ id: 'tdpo', version: 2, alpha: 0.5 })).scored.map((s) => s.loss),
        [0.611925857, 0.7355862717],
      ),
    ).toBeLessThan(1e-5);
    const { scored } = await levelB({ id: 'tdpo', version: 1 });
    expect(
      worstError(
        scored.map((s) => s.loss),
        [0.6126892412, 0.7365562214],
      ),
    ).toBeLessThan(1e-5);
    const sums = scored.flatMap(({ divergence }) =>
      [divergence!.chosen, divergence!.rejected].map((x) => x.reduce((a, b) => a + b, 0)),
    );
    expect(worstError(sums, [0.1798821074, 0.2132248353, 0.1094040982, 0.1466376891])).toBeLessThan(1e-5);
  });

  it('SamPO: the subset of the first m tokens, and the mean of all subsets', async () => {
    const first = ({ chosenIds, rejectedIds }: TokenizedPair) => {
      const m = Math.min(chosenIds.length, rejectedIds.length);
      const [chosen, rejected] = [chosenIds, rejectedIds].map((side) =>
        Float32Array.from(side, (_, t) => (t < m ? 1 : 0)),
      ) as [Float32Array, Float32Array];
      return {
        chosenPolicy: chosen,
        rejectedPolicy: rejected,
        chosenReference: chosen,
        rejectedReference: rejected,
        keptTokens: m,
      };
    };
    expect(
      worstError(
        (await levelB({ id: 'sampo' }, { weights: first })).scored.map((s) => s.loss),
        [0.6360501526, 0.706642834],
      ),
    ).toBeLessThan(1e-5);
    expect(
      worstError(
        (await levelB({ id: 'sampo', sampling: 'expected' })).scored.map((s) => s.loss),
        expectedLoss,
      ),
    ).toBeLessThan(1e-5);
  });

  it('statistics are TRL’s: entropy and mean logits over completion tokens', async () => {
    const { scored } = await levelB({ id: 'dpo' });
    const all = scored.flatMap(({ statistics: { entropy } }) => [...entropy.chosen, ...entropy.rejected]);
    expect(all.reduce((a, b) => a + b, 0) / all.length).toBeCloseTo(1.04263296, 5);
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(scored.flatMap((s) => [...s.statistics.meanLogit.chosen]))).toBeCloseTo(0.02914503, 5);
    expect(mean(scored.flatMap((s) => [...s.statistics.meanLogit.rejected]))).toBeCloseTo(-0.00905233, 5);
    // no chosen token is the likeliest (TRL's mean_token_accuracy is 0); of the rejected ones those are with more than
    // half the probability, at least
    expect(scored.flatMap((s) => [...s.statistics.top1.chosen])).toEqual([0, 0, 0, 0, 0, 0]);
    for (const { policy, statistics } of scored)
      policy.rejected.forEach((p, t) => p > Math.log(0.5) && expect(statistics.top1.rejected[t]).toBe(1));
    expect(scored.flatMap((s) => [...s.statistics.top1.rejected]).filter((x) => x === 1)).not.toHaveLength(0);
  });
});

/** −log σ(β (Σ_w − (m/n) Σ_l)) from the sums of level B: pair 0 keeps 4 of 5 rejected tokens, pair 1 keeps 2 of 4. */
const expectedLoss = [
  [-8.337129306 + 9.5506410379, (4 / 5) * (-13.132906132 + 12.6334724647)],
  [-5.8413004915 + 4.4011491862, (2 / 4) * (-9.3454884345 + 8.7182222473)],
].map(([a, b]) => Math.log1p(Math.exp(-0.1 * (a! - b!))));
