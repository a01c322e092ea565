import { describe, expect, it } from 'vitest';
import { runSpecSchema, type RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { defaultsOf } from '../../../../src-main/shared/spec/method-spec';
import { methodCatalogue } from '../../../../src-main/shared/catalogue/method-catalogue';
import { defaultSpec } from '../../../../src-renderer/state/default-spec';
import {
  emptyDraft,
  parseDraft,
  reduceWizard,
  specOf,
  specsOf,
  twinChoices,
  type WizardAction,
  type WizardDraft,
} from '../../../../src-renderer/state/wizard-draft';
import { isShown, readField, wizardFields, writeField } from '../../../../src-renderer/state/wizard-fields';
import { changesOf } from '../../../../src-renderer/state/spec-changes';
import { specFacts } from '../../../../src-renderer/state/spec-facts';
import { presetState } from '../../../../src-renderer/state/wizard-presets';
import { problemsOf } from '../../../../src-renderer/state/wizard-problems';
import { memoryVerdict, specSentences } from '../../../../src-renderer/state/wizard-words';
import { datasets, forecast, models } from '../harness/fake-data';

const after = (...actions: readonly WizardAction[]): WizardDraft => actions.reduce(reduceWizard, emptyDraft);
const ready = (...actions: readonly WizardAction[]): WizardDraft =>
  after({ kind: 'model', id: 'smol', contextLength: 8192 }, { kind: 'dataset', id: 'starter' }, ...actions);
const field = (path: string, value: unknown): WizardAction => ({ kind: 'field', path, value });
const messages = (draft: WizardDraft): readonly string[] =>
  problemsOf(draft, models, datasets).map((p) => `${p.step}: ${p.message}`);

describe('the table of fields', () => {
  it('names paths that exist in a spec', () => {
    const everything: RunSpec = {
      ...defaultSpec,
      rounds: 2,
      training: { ...defaultSpec.training, earlyStopping: { patience: 1, minDelta: 0 } },
    };
    for (const field of wizardFields) {
      expect(isShown(field, everything), field.path).toBe(true);
      expect(readField(everything, field.path), field.path).not.toBeUndefined();
    }
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
    expect(messages(ready(field('training.maxLength', 9000)))).toEqual([
      'training: The model reads at most 8192 tokens.',
    ]);
  });
  it('says when a chosen thing is gone or useless', () => {
    expect(messages(after({ kind: 'model', id: 'gone', contextLength: 512 }, { kind: 'dataset', id: 'gone' }))).toEqual(
      [
        'model: The chosen model is no longer in the list; choose another.',
        'data: The chosen dataset is no longer in the list; choose another.',
      ],
    );
  });
});

describe('reduceWizard', () => {
  it('shortens the longest pair to what the model reads', () => {
    expect(after({ kind: 'model', id: 'starter', contextLength: 256 }).spec.training.maxLength).toBe(256);
    expect(
      after(field('training.maxLength', 100), { kind: 'model', id: 'starter', contextLength: 256 }).spec.training
        .maxLength,
    ).toBe(100);
  });
  it('changes the method with what was set and means the same, and the objective with it', () => {
    const draft = ready(field('method.beta', 0.3), field('method.sampling', 'expected'), { kind: 'method', id: 'dpo' });
    expect(draft.spec.method).toEqual({ ...defaultsOf('dpo'), beta: 0.3 });
    expect(ready({ kind: 'method', id: 'sft' }).spec.objective).toBe('supervised');
    expect(ready({ kind: 'method', id: 'sft' }, { kind: 'method', id: 'ipo' }).spec.objective).toBe('preference');
  });
  it('applies presets with their learning rate and says what was changed since', () => {
    const draft = ready(field('training.schedule', 'cosine'), { kind: 'preset', id: 'llama3-8b' });
    expect(draft.spec.training).toMatchObject({
      learningRate: 4e-7,
      epochs: 3,
      pairsPerStep: 128,
      schedule: 'linear',
      warmupRatio: 0.1,
    });
    expect(presetState(draft)?.changes).toEqual([]);
    const changed = [
      field('method.beta', 0.2),
      field('method.mix', [{ id: 'sft', weight: 1 }]),
      field('training.epochs', 2),
      field('training.pairsPerStep', 8),
      field('training.seed', 7),
    ].reduce(reduceWizard, draft);
    expect(presetState(changed)).toMatchObject({
      preset: { id: 'llama3-8b' },
      changes: ['beta 0.2', 'added losses Supervised fine-tuning × 1', 'epochs 2', 'pairs per step 8'],
    });
    const back = reduceWizard(changed, { kind: 'preset', id: null });
    expect([presetState(back), back.spec.method]).toEqual([null, defaultsOf('sampo')]);
    expect(back.spec.training).toEqual({ ...defaultSpec.training, seed: 7 });
  });
  it('takes back what a preset had set when another is chosen, and leaves what somebody typed', () => {
    const others = ready({ kind: 'method', id: 'simpo' }, field('training.warmupRatio', 0.3), {
      kind: 'preset',
      id: 'llama3-8b',
    });
    // this preset says nothing of warm-up
    expect(others.spec.training).toMatchObject({ learningRate: 1e-6, epochs: 1, warmupRatio: 0.3 });
    const changed = ready({ kind: 'preset', id: 'llama3-8b' }, field('training.pairsPerStep', 8), {
      kind: 'preset',
      id: 'pythia-hh',
    });
    expect(changed.spec.training).toMatchObject({ learningRate: 1e-6, epochs: 1, pairsPerStep: 128 });
    // rows of NCA: the paper's own preset, with nothing of the batch
    const kept = ready(
      { kind: 'method', id: 'nca_pair' },
      { kind: 'preset', id: 'llama3-8b' },
      field('training.warmupRatio', 0.3),
      { kind: 'preset', id: 'paper' },
    );
    expect(kept.spec.training).toMatchObject({
      learningRate: 5e-6,
      pairsPerStep: defaultSpec.training.pairsPerStep,
      warmupRatio: 0.3,
    });
  });
  it('keeps the name of a preset over a change of method only where it still holds', () => {
    const tldr = ready({ kind: 'preset', id: 'pythia-tldr' }, { kind: 'method', id: 'dpo' });
    expect([presetState(tldr)?.preset.name, tldr.spec.method.beta]).toEqual(['Pythia-2.8B, TL;DR', 0.5]);
    expect(ready({ kind: 'preset', id: 'llama3-8b' }, { kind: 'method', id: 'simpo' }).presetId).toBeNull();
  });
  it('sets one kind of reference at a time', () => {
    const other = ready({ kind: 'reference', mode: 'other', modelId: 'pythia' });
    expect(other.spec.model.reference).toBe('model:pythia');
    const follows = reduceWizard(other, { kind: 'reference', mode: 'follows', modelId: null });
    expect([
      follows.spec.model.reference,
      follows.spec.method.referenceSync.everySteps,
      follows.spec.method.referenceFree,
    ]).toEqual([null, 100, false]);
    const none = reduceWizard(follows, { kind: 'reference', mode: 'none', modelId: null });
    expect([none.spec.method.referenceSync.everySteps, none.spec.method.referenceFree]).toEqual([0, true]);
    expect(reduceWizard(none, { kind: 'reference', mode: 'itself', modelId: null }).spec).toEqual(ready().spec);
  });
  it('cannot be its own twin, nor twin a supervised run', () => {
    expect(ready({ kind: 'twin', id: 'sampo' }).twin).toBeNull();
    expect(ready({ kind: 'twin', id: 'dpo' }, { kind: 'method', id: 'dpo' }).twin).toBeNull();
    expect(ready({ kind: 'twin', id: 'dpo' }, { kind: 'method', id: 'sft' }).twin).toBeNull();
    expect(twinChoices(methodCatalogue, 'sampo').map((m) => m.id)).toEqual(
      methodCatalogue.map((m) => m.id).filter((id) => id !== 'sampo' && id !== 'sft'),
    );
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
    const [first, second] = specsOf(
      ready(
        { kind: 'twin', id: 'dpo' },
        field('training.seed', 7),
        field('method.beta', 0.2),
        field('method.sampling', 'expected'),
      ),
    );
    expect(second?.method).toEqual({ ...defaultsOf('dpo'), beta: 0.2 });
    expect({ ...second, method: null }).toEqual({ ...first, method: null });
  });
  it('hold for every method and every twin what the schema takes', () => {
    for (const { id } of methodCatalogue)
      for (const twin of [null, ...twinChoices(methodCatalogue, id).map((m) => m.id)])
        for (const spec of specsOf(ready({ kind: 'method', id }, { kind: 'twin', id: twin })))
          expect(runSpecSchema.safeParse(spec).data, `${id} ${twin}`).toEqual(spec);
  });
  it('leave out what has no effect, which the draft keeps', () => {
    const draft = ready({ kind: 'method', id: 'simpo' }, field('method.gamma', 2), field('method.variant', 'seed'));
    expect([
      specOf(draft)?.method.gamma,
      specOf(reduceWizard(draft, field('method.variant', 'paper')))?.method.gamma,
    ]).toEqual([1.4, 2]);
  });
});

describe('words', () => {
  it('list what differs from the defaults, and nothing else', () => {
    expect(changesOf(defaultSpec)).toEqual([]);
    expect(changesOf(ready(field('training.seed', 7), field('method.beta', 0.3)).spec).map((c) => c.label)).toEqual([
      'Seed',
      'Beta',
    ]);
    expect(changesOf(ready({ kind: 'adapter', value: 'none' }).spec).map((c) => c.path)).toEqual(['adapter.kind']);
    expect(changesOf(ready({ kind: 'method', id: 'simpo' }).spec)).toEqual([]);
    expect(
      changesOf(
        ready(
          { kind: 'method', id: 'dpo' },
          field('method.sampling', 'topk'),
          field('training.earlyStopping', { patience: 3, minDelta: 0 }),
        ).spec,
      ).map((c) => [c.label, c.value, c.byDefault]),
    ).toEqual([
      ['Stop early', 'yes', 'no'],
      ['Down-sampling', 'topk', 'none'],
    ]);
  });
  it('tell the run as sentences', () => {
    const text = specSentences(ready().spec, { model: 'Smol', dataset: 'Demo' }, null).join(' ');
    expect(text).toContain('Train Smol on Demo with SamPO (beta 0.1, label smoothing 0, down-sampling shared).');
    expect(text).toContain('Learning rate 1e-5');
    expect(
      specFacts(defaultSpec)
        .flatMap((g) => g.facts)
        .find((f) => f.label === 'Longest pair')?.value,
    ).toBe('512 tokens');
  });
  it('tell rounds, references, early stopping and a run without held-out pairs', () => {
    const names = { model: 'Smol', dataset: 'Demo', reference: 'Pythia' };
    const text = (...actions: readonly WizardAction[]): string =>
      specSentences(ready(...actions).spec, names, null).join(' ');
    expect(text(field('rounds', 3), field('roundData', 'split'))).toContain(
      'Do so in 3 rounds, each from the last one’s result, with its own share of the pairs. Go once through the ' +
        'data, in every round, 4 pairs a step.',
    );
    expect(text(field('training.maxSteps', 30), field('rounds', 3))).toContain(
      'Take 30 steps, however often that goes through the data, in every round, 4 pairs a step.',
    );
    expect(text({ kind: 'reference', mode: 'other', modelId: 'pythia' })).toContain('Measure rewards against Pythia.');
    expect(text({ kind: 'adapter', value: 'none' }, { kind: 'reference', mode: 'follows', modelId: null })).toContain(
      'The reference follows the model by 0.6 every 100 steps.',
    );
    expect(text({ kind: 'method', id: 'simpo' })).toContain('No reference holds the model');
    expect(text(field('training.earlyStopping', { patience: 2, minDelta: 0 }))).toContain(
      'Stop early after 2 measurements',
    );
    expect(text(field('dataset.evalFraction', 0))).toMatch(/Keep no pairs aside.*a checkpoint every 50 steps\.$/);
  });
  it('read the config of an old run', () => {
    const old = {
      ...defaultSpec,
      method: { id: 'dpo', beta: 0.2, labelSmoothing: 0, sampling: null },
    } as unknown as RunSpec;
    const facts = specFacts(old)[0]?.facts.map((f) => `${f.label}: ${f.value}`) ?? [];
    expect(facts.slice(0, 4)).toEqual([
      'Method: DPO',
      'Beta: 0.2',
      'Label smoothing: 0',
      'Reference: the model before training',
    ]);
  });
  it('warn before memory is full', () => {
    const level = (memoryBytes: number): string =>
      memoryVerdict({ ...forecast, memoryBytes, freeMemoryBytes: 10e9 }).level;
    expect([1e9, 9e9, 11e9].map(level)).toEqual(['good', 'warning', 'bad']);
  });
});

describe('parseDraft', () => {
  it('gives back what was stored', () => {
    const draft = ready({ kind: 'twin', id: 'dpo' }, { kind: 'step', step: 'training' }, field('training.seed', 7));
    expect(parseDraft(JSON.stringify(draft))).toEqual(draft);
  });
  it('drops what does not fit', () => {
    for (const text of [
      null,
      '',
      '{',
      '{"version":2}',
      JSON.stringify({ ...emptyDraft, spec: { ...defaultSpec, unknown: 1 } }),
      JSON.stringify({ ...emptyDraft, step: 'nowhere' }),
    ])
      expect(parseDraft(text)).toEqual(emptyDraft);
  });
});
