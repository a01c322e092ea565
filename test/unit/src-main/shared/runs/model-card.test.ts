import { describe, expect, it } from 'vitest';
import { renderModelCard, type ModelCardFacts } from '../../../../../src-main/shared/runs/model-card';
import { runSpecSchema, type RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';

const card = (over: Partial<RunSpecInput>, facts: Partial<ModelCardFacts> = {}): string =>
  renderModelCard({
    name: 'mine',
    form: 'merged',
    lora: null,
    spec: runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, ...over }),
    baseModel: 'base "model"',
    dataset: 'pairs',
    steps: 40,
    finalLoss: 0.5,
    engine: 'TensorFlow',
    length: {
      probeTokensBefore: 50,
      probeTokensAfter: 60,
      marginLengthCorrelation: null,
      accuracyChosenLonger: 0.5,
      accuracyChosenShorter: 0.5,
      heldOutAccuracy: 0.5,
    },
    verdict: { text: 'Answers are as long as before.', basis: '6 probes' },
    ...facts,
  } as unknown as ModelCardFacts);

describe('model card', () => {
  it('names what the method was set to, and nothing that has no effect', () => {
    const text = card({ method: { id: 'dpo', sampling: 'expected', mix: [{ id: 'sft', weight: 0.5 }] }, rounds: 2 });
    for (const row of [
      '| beta | 0.1 |',
      '| sampling | expected |',
      '| mix | [{"id":"sft","weight":0.5}] |',
      '| rounds | 2, each from the result of the one before, data repeated |',
    ])
      expect(text).toContain(row);
    expect(text).not.toMatch(/wpo|ldAlpha|fDivergence|tau/);
  });
  it('of supervised fine-tuning has no beta', () =>
    expect(card({ objective: 'supervised', method: { id: 'sft' } })).not.toContain('beta'));
  it('is of the library that opens the form', () => {
    expect(card({}, { form: 'adapter' })).toContain('library_name: peft');
    expect(card({}, { form: 'merged' })).toContain('library_name: transformers');
  });
  it('prints the rank and alpha in use, not those that the spec would have had', () => {
    const from = { adapter: { kind: 'lora', rank: 16, alpha: 32, from: '/other' } } as const;
    const own = { 'a.q_proj': { rank: 6, alpha: 8 } };
    const lora = { rank: 4, alpha: 8, modules: ['a.q_proj', 'a.v_proj'], rankStabilized: true, own };
    const trained = (text: string): string => /\| trained \| (.*) \|/.exec(text)![1]!;
    expect(trained(card(from, { lora }))).toBe(
      'LoRA, rank 4, alpha 8, rank-stabilized (scale alpha / √rank), 2 layers (1 of them with their own: ranks 4 ' +
        'and 6, alphas 8), begun from another adapter',
    );
    expect(trained(card(from))).toBe('LoRA, of the adapter that it goes on with, begun from another adapter');
    expect(trained(card({ adapter: { kind: 'lora', rank: 3, alpha: 5 } }))).toBe('LoRA, rank 3, alpha 5');
    expect(trained(card({ adapter: { kind: 'none' } }))).toBe('all weights');
  });
  it('quotes names in its YAML and says what was not measured', () => {
    expect(card({})).toContain('base_model: "base \\"model\\""');
    expect(card({})).toContain('not measured');
    expect(card({})).toContain('Answers are as long as before.');
  });
  it('has a row of each number, rounded', () => {
    const length = {
      probeTokensBefore: 51.234,
      probeTokensAfter: 60,
      marginLengthCorrelation: -0.1234,
      accuracyChosenLonger: 0.5678,
      accuracyChosenShorter: 0.4321,
      heldOutAccuracy: 0.6543,
    } as unknown as ModelCardFacts['length'];
    const text = card({}, { length, finalLoss: 0.123_456, engine: null });
    for (const row of [
      '| final loss | 0.123 |',
      '| engine | unknown |',
      '| mean tokens of probe answers, before and after | 51.2 and 60 |',
      '| correlation of margin and length difference | -0.12 |',
      '| accuracy when chosen is longer, shorter | 0.57, 0.43 |',
      '| held-out accuracy | 0.65 |',
      '| steps | 40 of 4 pairs, max length 512, seed 42 |',
      '| learning rate | 0.00001, linear, warm-up 0.1 |',
      'base "model", tuned with SamPO on pairs by SamPO Studio.',
    ])
      expect(text).toContain(row);
    expect(card({})).toContain('| engine | TensorFlow |');
  });
  it('has rows for rounds and a reference only where there are such', () => {
    expect(card({})).not.toMatch(/rounds|\| reference|\| id/);
    expect(card({ rounds: 2, roundData: 'split' })).toContain('data split over them |');
    expect(card({ model: { path: 'm', reference: '/secret' } })).toContain('| reference | another model |');
    expect(card({ model: { path: 'm', reference: '/secret' } })).not.toContain('secret');
    expect(card({})).toMatch(/\| method \| .* \(.+\) \|\n\| beta \| 0\.1 \|\n/);
  });
});
