import { describe, expect, it } from 'vitest';
import {
  emptyDraft,
  reduceWizard,
  type WizardAction,
  type WizardDraft,
} from '../../../../src-renderer/state/wizard-draft';
import { problemAt, problemsOf } from '../../../../src-renderer/state/wizard-problems';
import { datasets, models } from '../harness/fake-data';

const ready = (...actions: readonly WizardAction[]): WizardDraft =>
  (
    [{ kind: 'model', id: 'smol', contextLength: 8192 }, { kind: 'dataset', id: 'starter' }, ...actions] as const
  ).reduce<WizardDraft>(reduceWizard, emptyDraft);
const field = (path: string, value: unknown): WizardAction => ({ kind: 'field', path, value });
const method = (id: Extract<WizardAction, { kind: 'method' }>['id']): WizardAction => ({ kind: 'method', id });
const problems = (...actions: readonly WizardAction[]): readonly string[] =>
  problemsOf(ready(...actions), models, datasets).map(({ step, path, message }) => `${step} ${path}: ${message}`);

describe('problems of a method', () => {
  it('stand at their parameter', () => {
    expect(problems(field('method.beta', Number.NaN))).toEqual(['method method.beta: Needs a number.']);
    expect(problems(field('method.beta', 0))).toEqual(['method method.beta: Must be more than 0.']);
    expect(problems(method('exo_pair'), field('method.labelSmoothing', 0))).toEqual([
      'method method.labelSmoothing: EXO needs it above 0 (the paper: 0.001).',
    ]);
  });
  it('stand at a term of a mix, and the list shows them too', () => {
    const draft = ready(
      field('method.mix', [
        { id: 'sft', weight: 1 },
        { id: 'ipo', weight: 0 },
      ]),
    );
    const found = problemsOf(draft, models, datasets);
    expect(found.map(({ path }) => path)).toEqual(['method.mix.1.weight']);
    expect([problemAt(found, 'method.mix'), problemAt(found, 'method.mix.0'), problemAt(found, 'method.mi')]).toEqual([
      found[0],
      null,
      null,
    ]);
  });
  it('are not asked of what has no effect', () => {
    expect(problems(method('simpo'), field('method.gamma', Number.NaN))).toEqual([
      'method method.gamma: Needs a number.',
    ]);
    expect(problems(method('simpo'), field('method.gamma', Number.NaN), field('method.variant', 'seed'))).toEqual([]);
    expect(problems(method('dpo'), field('method.ldAlpha', 7), field('method.sampling', 'shared'))).toEqual([]);
  });
});

describe('problems of rounds, stopping and reference', () => {
  it('stand under Training', () => {
    expect(problems(field('rounds', Number.NaN))).toEqual(['training rounds: Needs a whole number.']);
    expect(problems(field('rounds', 0))).toEqual(['training rounds: Must be more than 0.']);
    expect(problems(field('training.earlyStopping', { patience: 0, minDelta: 0 }))).toEqual([
      'training training.earlyStopping.patience: Must be more than 0.',
    ]);
    expect(
      problems(
        { kind: 'adapter', value: 'none' },
        { kind: 'reference', mode: 'follows', modelId: null },
        field('method.referenceSync.everySteps', Number.NaN),
      ),
    ).toEqual(['training method.referenceSync.everySteps: Needs a whole number.']);
  });
  it('include what is right alone and wrong together', () => {
    expect(problems(field('training.microBatchPairs', 9))).toEqual([
      'training training.microBatchPairs: A micro-batch of 9 pairs is larger than a step of 4. Make it at most ' +
        'training.pairsPerStep, or "auto".',
    ]);
  });
  it('ask for a reference that is there and has the same tokens', () => {
    const reference = (modelId: string): WizardAction => ({ kind: 'reference', mode: 'other', modelId });
    expect(problems(reference('gone'))[0]).toBe(
      'training model.reference: The chosen reference is no longer in the list; choose another.',
    );
    expect(problems(reference('pythia'))[0]).toMatch(/^training model\.reference: .*cannot be compared token by token/);
    expect(problems(reference('smol'))).toEqual([]);
    expect(problems(reference('gone'), field('rounds', 2))).toEqual([]);
  });
});
