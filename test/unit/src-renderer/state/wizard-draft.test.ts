import { describe, expect, it } from 'vitest';
import { runSpecSchema } from '../../../../src-main/shared/run-spec';
import { changesOf, defaultSpec, emptyDraft, parseDraft, problemsOf, reduceWizard, specOf, specsOf, twinChoices, type WizardAction, type WizardDraft } from '../../../../src-renderer/state/wizard-draft';
import { methodCatalogue } from '../../../../src-main/shared/method-catalogue';
import { readField, wizardFields, writeField } from '../../../../src-renderer/state/wizard-fields';
import { specFacts } from '../../../../src-renderer/state/spec-facts';
import { memoryVerdict, specSentences } from '../../../../src-renderer/state/wizard-words';
import { datasets, models } from '../harness/fake-data';

const after = (...actions: readonly WizardAction[]): WizardDraft => actions.reduce(reduceWizard, emptyDraft);
const ready = (...actions: readonly WizardAction[]): WizardDraft => after({ kind: 'model', id: 'smol', contextLength: 8192 }, { kind: 'dataset', id: 'starter' }, ...actions);
const field = (path: string, value: unknown): WizardAction => ({ kind: 'field', path, value });
const messages = (draft: WizardDraft): readonly string[] => problemsOf(draft, models, datasets).map((p) => `${p.step}: ${p.message}`);

describe('the table of fields', () => {
  it('names paths that exist in a spec', () => {
    for (const { path } of wizardFields) expect(readField(defaultSpec, path), path).not.toBeUndefined();
  });
  it('writes without touching the rest', () => {
    const next = writeField(defaultSpec, 'training.epochs', 3);
    expect(next.training.epochs).toBe(3);
    expect(defaultSpec.training.epochs).toBe(1);
    expect(next.probes).toBe(defaultSpec.probes);
  });
});

describe('problemsOf', () => {
  it('asks for model and data first', () => {
    expect(messages(emptyDraft)).toEqual(['model: Choose a model.', 'data: Choose a dataset.']);
    expect(messages(ready())).toEqual([]);
  });
  it('places a mistake at its step, in words', () => {
    expect(messages(ready(field('training.learningRate', -1)))).toEqual(['training: Must be more than 0.']);
    expect(messages(ready(field('training.epochs', Number.NaN)))).toEqual(['training: Needs a number.']);
    expect(messages(ready(field('dataset.evalFraction', 0.95)))).toEqual(['data: Must be at most 90 %.']);
    expect(messages(ready(field('method.labelSmoothing', 0.6)))[0]).toMatch(/^method: Must be at most/);
    expect(messages(ready(field('training.maxSteps', null)))).toEqual([]);
  });
  it('knows the window of the model', () => {
    expect(messages(ready(field('training.maxLength', 9000)))).toEqual(['training: The model reads at most 8192 tokens.']);
  });
  it('says when a chosen thing is gone or useless', () => {
    expect(messages(after({ kind: 'model', id: 'gone', contextLength: 512 }, { kind: 'dataset', id: 'gone' }))).toEqual(['model: The chosen model is no longer in the list; choose another.', 'data: The chosen dataset is no longer in the list; choose another.']);
  });
});

describe('reduceWizard', () => {
  it('shortens the longest pair to what the model reads', () => {
    expect(after({ kind: 'model', id: 'starter', contextLength: 256 }).spec.training.maxLength).toBe(256);
    expect(after(field('training.maxLength', 100), { kind: 'model', id: 'starter', contextLength: 256 }).spec.training.maxLength).toBe(100);
  });
  it('keeps beta over a change of method and drops what was the old method’s own', () => {
    const draft = ready(field('method.beta', 0.3), field('method.sampling', 'expected'), { kind: 'method', id: 'dpo' });
    expect(draft.spec.method).toEqual({ ...defaultSpec.method, id: 'dpo', beta: 0.3 });
    expect(ready({ kind: 'method', id: 'sft' }).spec.objective).toBe('supervised');
  });
  it('applies presets with their learning rate and forgets the preset when one of its fields changes', () => {
    const draft = ready({ kind: 'preset', id: 'llama3-8b' });
    expect([draft.spec.training.learningRate, draft.spec.training.epochs, draft.presetId]).toEqual([4e-7, 3, 'llama3-8b']);
    expect(reduceWizard(draft, field('method.beta', 0.2)).presetId).toBeNull();
    expect(reduceWizard(draft, field('training.seed', 7)).presetId).toBe('llama3-8b');
    expect(reduceWizard(draft, { kind: 'preset', id: null }).spec.training.learningRate).toBe(defaultSpec.training.learningRate);
  });
  it('cannot be its own twin, nor twin a supervised run', () => {
    expect(ready({ kind: 'twin', id: 'sampo' }).twin).toBeNull();
    expect(ready({ kind: 'twin', id: 'dpo' }, { kind: 'method', id: 'dpo' }).twin).toBeNull();
    expect(ready({ kind: 'twin', id: 'dpo' }, { kind: 'method', id: 'sft' }).twin).toBeNull();
    expect(twinChoices(methodCatalogue, 'sampo').map((m) => m.id)).toEqual(['dpo']);
    expect(twinChoices(methodCatalogue, 'sft')).toEqual([]);
  });
});

describe('specs', () => {
  it('hold ids for main to fill in, and pass the schema', () => {
    const spec = specOf(ready());
    expect([spec?.model.path, spec?.dataset.path]).toEqual(['model:smol', 'dataset:starter']);
    expect(runSpecSchema.safeParse(spec).success).toBe(true);
    expect(specOf(emptyDraft)).toBeNull();
  });
  it('of twins differ in the method alone', () => {
    const [first, second] = specsOf(ready({ kind: 'twin', id: 'dpo' }, field('training.seed', 7), field('method.sampling', 'expected')));
    expect(second?.method).toMatchObject({ id: 'dpo', sampling: null });
    expect({ ...second, method: null }).toEqual({ ...first, method: null });
  });
});

describe('words', () => {
  it('list what differs from the defaults, and nothing else', () => {
    expect(changesOf(defaultSpec)).toEqual([]);
    expect(changesOf(ready(field('training.seed', 7), field('method.beta', 0.3)).spec).map((c) => c.label)).toEqual(['Seed', 'Beta']);
    expect(changesOf(ready({ kind: 'adapter', value: 'none' }).spec).map((c) => c.path)).toEqual(['adapter.kind']);
  });
  it('tell the run as sentences', () => {
    const text = specSentences(ready().spec, { model: 'Smol', dataset: 'Demo' }, null).join(' ');
    expect(text).toContain('Train Smol on Demo with SamPO (beta 0.1, down-sampling shared, label smoothing 0).');
    expect(text).toContain('Learning rate 1e-5');
    expect(specFacts(defaultSpec).flatMap((g) => g.facts).find((f) => f.label === 'Longest pair')?.value).toBe('512 tokens');
  });
  it('warn before memory is full', () => {
    const forecast = { steps: 1, usablePairs: 1, evalPairs: 0, problems: 0, cutPairs: 0, droppedPairs: 0, longestPairTokens: 1, tokensKeptShare: null, memoryBytes: 9e9, freeMemoryBytes: 10e9, trainableParameters: 1, warnings: [] };
    expect(memoryVerdict(forecast).level).toBe('warning');
    expect(memoryVerdict({ ...forecast, memoryBytes: 1e9 }).level).toBe('good');
    expect(memoryVerdict({ ...forecast, memoryBytes: 11e9 }).level).toBe('bad');
  });
});

describe('parseDraft', () => {
  it('gives back what was stored', () => {
    const draft = ready({ kind: 'twin', id: 'dpo' }, { kind: 'step', step: 'training' }, field('training.seed', 7));
    expect(parseDraft(JSON.stringify(draft))).toEqual(draft);
  });
  it('drops what does not fit', () => {
    for (const text of [null, '', '{', '{"version":2}', JSON.stringify({ ...emptyDraft, spec: { ...defaultSpec, unknown: 1 } }), JSON.stringify({ ...emptyDraft, step: 'nowhere' })]) expect(parseDraft(text)).toEqual(emptyDraft);
  });
});
