import { describe, expect, it } from 'vitest';
import type { RunForecastView } from '../../../../src-main/shared/views/run';
import { defaultSpec } from '../../../../src-renderer/state/default-spec';
import { emptyDraft, proposalFor, reduceWizard } from '../../../../src-renderer/state/wizard-draft';
import { proposals } from '../../../../src-renderer/state/wizard-proposals';
import { forecast as some, models } from '../harness/fake-data';
import { noMemory } from '../../support/memory-parts';

const parts = { ...noMemory, runtime: 4e8, parameters: 5e8, activations: 1e8, logits: 1e8 };
const forecast: RunForecastView = {
  ...some,
  longestPairTokens: 498,
  memoryBytes: 1.1e9,
  memoryParts: parts,
  freeMemoryBytes: 16e9,
  medianAnswerTokens: 120,
  pairTokens: { most: 480, longest: 498 },
};
const large = { ...models[1]!, contextLength: 8192 };
const of = (change: Partial<RunForecastView> = {}, model = large) =>
  Object.fromEntries(
    proposals(defaultSpec, { ...forecast, ...change }, model).map(({ path, value, why }) => [path, { value, why }]),
  );

describe('what the wizard proposes', () => {
  it('is as long as the longest pair, or as most pairs where a few are much longer', () => {
    expect(of()['training.maxLength']).toEqual({ value: 512, why: 'From your longest pair: 498 tokens.' });
    expect(of({ pairTokens: { most: 480, longest: 3000 } })['training.maxLength']).toMatchObject({
      value: 480,
      why: expect.stringMatching(/^99 of 100 pairs have at most 480 tokens \(the longest 3.000\)\.$/),
    });
    expect(of({ pairTokens: { most: 20, longest: 22 } })['training.maxLength']?.value).toBe(64);
  });

  it('stays within the model, within memory and within reason, and says so', () => {
    const long = { pairTokens: { most: 5000, longest: 5100 } };
    expect(of(long)['training.maxLength']).toMatchObject({
      value: 2048,
      why: expect.stringMatching(/to spare time and memory/),
    });
    expect(of({}, { ...large, contextLength: 256 })['training.maxLength']).toMatchObject({
      value: 256,
      why: expect.stringMatching(/The model reads 256/),
    });
    // 498 tokens take 0.2 GB beside 0.9 GB: 0.8 of 1.3 GB leave room for 348
    expect(of({ freeMemoryBytes: 1.3e9 })['training.maxLength']).toMatchObject({
      value: 336,
      why: expect.stringMatching(/would not fit in memory/),
    });
  });

  it('lets probes grow to twice the usual answer', () => {
    expect(of()['probes.maxNewTokens']).toEqual({
      value: 240,
      why: 'Twice that of the usual answer (120), so that growth shows.',
    });
    expect(of({ medianAnswerTokens: 20 })['probes.maxNewTokens']?.value).toBe(64);
    expect(of({ medianAnswerTokens: 900 })['probes.maxNewTokens']?.value).toBe(1024);
    expect(of({ medianAnswerTokens: 900 }, { ...large, contextLength: 512 })['probes.maxNewTokens']?.value).toBe(256);
  });

  it('reports at least four times in a short run', () => {
    const every = ({ steps }: { readonly steps: number }) =>
      ['training.evalEvery', 'training.checkpointEvery', 'probes.everySteps'].map((path) => of({ steps })[path]?.value);
    expect(every({ steps: 1000 })).toEqual([50, 50, 20]);
    expect(every({ steps: 40 })).toEqual([10, 10, 10]);
    expect(every({ steps: 2 })).toEqual([1, 1, 1]);
  });
});

describe('a proposal', () => {
  const given = proposals(defaultSpec, forecast, large);
  const typed = reduceWizard(emptyDraft, { kind: 'field', path: 'training.maxLength', value: 700 });
  it('is taken where nobody has set the field, with its reason', () => {
    const draft = reduceWizard(emptyDraft, { kind: 'propose', proposals: given });
    expect(draft.spec.training.maxLength).toBe(512);
    expect(draft.spec.probes.maxNewTokens).toBe(240);
    expect(proposalFor(draft, 'probes.maxNewTokens')).toMatch(/^Twice/);
    expect(reduceWizard(draft, { kind: 'propose', proposals: given })).toBe(draft); // comes to rest
  });
  it('leaves alone what a person has set, and says nothing about it', () => {
    const draft = reduceWizard(typed, { kind: 'propose', proposals: given });
    expect(draft.spec.training.maxLength).toBe(700);
    expect(proposalFor(draft, 'training.maxLength')).toBeNull();
    expect(draft.spec.probes.maxNewTokens).toBe(240);
  });
});
