import { describe, expect, it } from 'vitest';
import { renderModelCard, type ModelCardFacts } from '../../../../src-main/shared/model-card';
import { runSpecSchema, type RunSpecInput } from '../../../../src-main/shared/run-spec';

const card = (over: Partial<RunSpecInput>): string =>
  renderModelCard({
    name: 'mine', spec: runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, ...over }), baseModel: 'base "model"', dataset: 'pairs', steps: 40, finalLoss: 0.5, engine: 'TensorFlow',
    length: { probeTokensBefore: 50, probeTokensAfter: 60, marginLengthCorrelation: null, accuracyChosenLonger: 0.5, accuracyChosenShorter: 0.5, heldOutAccuracy: 0.5 },
    verdict: { text: 'Answers are as long as before.', basis: '6 probes' },
  } as unknown as ModelCardFacts);

describe('model card', () => {
  it('names what the method was set to, and nothing that has no effect', () => {
    const text = card({ method: { id: 'dpo', sampling: 'expected', mix: [{ id: 'sft', weight: 0.5 }] }, rounds: 2 });
    for (const row of ['| beta | 0.1 |', '| sampling | expected |', '| mix | [{"id":"sft","weight":0.5}] |', '| rounds | 2, each from the result of the one before, data repeated |']) expect(text).toContain(row);
    expect(text).not.toMatch(/wpo|ldAlpha|fDivergence|tau/);
  });
  it('of supervised fine-tuning has no beta', () => expect(card({ objective: 'supervised', method: { id: 'sft' } })).not.toContain('beta'));
  it('quotes names in its YAML and says what was not measured', () => {
    expect(card({})).toContain('base_model: "base \\"model\\""');
    expect(card({})).toContain('not measured');
    expect(card({})).toContain('Answers are as long as before.');
  });
});
