import { describe, expect, it } from 'vitest';
import { methodById, methodCatalogue, type MethodId } from '../../../../src-main/shared/catalogue/method-catalogue';
import { defaultsOf, type MethodSpec } from '../../../../src-main/shared/spec/method-spec';
import { runSpecSchema, type RunSpec } from '../../../../src-main/shared/spec/run-spec';
import { checkRunSpec } from '../../../../src-main/shared/spec/run-spec-check';
import {
  carriedMethod,
  completeSpec,
  effectiveMethod,
  effectiveParameters,
  effectiveSpec,
  referenceMode,
  referenceObstacle,
} from '../../../../src-renderer/state/spec-effect';
import { defaultSpec } from '../../../../src-renderer/state/default-spec';

const full = { kind: 'none' } as const;
const specWith = (id: MethodId, method: Partial<MethodSpec> = {}, rest: Partial<RunSpec> = {}): RunSpec => ({
  ...defaultSpec,
  objective: methodById(id)?.objective ?? 'preference',
  method: { ...defaultsOf(id), ...method },
  ...rest,
});
const names = (spec: RunSpec): readonly string[] => effectiveParameters(spec).map(({ name }) => name);

describe('parameters that change something', () => {
  it('depend on the variant and the version', () => {
    expect(names(specWith('simpo'))).toEqual(['beta', 'variant', 'gamma']);
    expect(names(specWith('simpo', { variant: 'seed' }))).toEqual(['beta', 'variant', 'lambda']);
    expect(names(specWith('tdpo'))).toContain('alpha');
    expect(names(specWith('tdpo', { version: 1 }))).not.toContain('alpha');
    expect(names(specWith('dpop'))).toContain('lambda');
    expect(names(specWith('r_dpo'))).toContain('alpha');
  });
  it('correct length in one way only', () => {
    expect(names(specWith('sampo'))).not.toContain('ldAlpha');
    expect(names(specWith('dpo'))).toContain('ldAlpha');
  });
  it('need all weights for a reference that follows, and a divergence that has an alpha', () => {
    expect(names(specWith('dpo'))).not.toContain('referenceSync.everySteps');
    expect(names(specWith('dpo', {}, { adapter: full }))).toContain('referenceSync.everySteps');
    expect(names(specWith('dpo', {}, { adapter: full }))).not.toContain('referenceSync.mixup');
    expect(names(specWith('dpo', { referenceFree: true }, { adapter: full }))).not.toContain(
      'referenceSync.everySteps',
    );
    expect(names(specWith('dpo'))).not.toContain('fDivergence.alpha');
    expect(names(specWith('dpo', { fDivergence: { type: 'alpha', alpha: 0.3 } }))).toContain('fDivergence.alpha');
  });
  it('are the only ones that are sent', () => {
    expect(effectiveMethod(specWith('simpo', { variant: 'seed', gamma: 9 })).gamma).toBe(1.4);
    expect(effectiveMethod(specWith('simpo', { gamma: 9 })).gamma).toBe(9);
    expect(effectiveMethod(specWith('sampo', { ldAlpha: 0.5 })).ldAlpha).toBe(1);
    expect(effectiveMethod(specWith('dpo', { referenceSync: { everySteps: 50, mixup: 0.5 } })).referenceSync).toEqual({
      everySteps: 0,
      mixup: 0.6,
    });
  });
});

describe('effectiveSpec', () => {
  it('passes the whole check for every method, whatever another one left behind', () => {
    for (const { id } of methodCatalogue)
      for (const adapter of [defaultSpec.adapter, full]) {
        const left: Partial<RunSpec> = {
          adapter,
          rounds: 3,
          roundData: 'split',
          objective: 'preference',
          model: { path: '-', reference: 'model:other' },
        };
        const has = (name: string): boolean => methodById(id)?.parameters.some((p) => p.name === name) ?? false;
        const method: Partial<MethodSpec> = has('sampling')
          ? {
              ldAlpha: 0.5,
              sampling: 'shared',
              referenceSync: { everySteps: 9, mixup: 0.5 },
              ...(has('referenceFree') ? { referenceFree: true } : {}),
              ...(has('fDivergence.type') ? { fDivergence: { type: 'js', alpha: 0.5 } } : {}),
            }
          : {};
        const spec = effectiveSpec(specWith(id, method, left));
        expect(checkRunSpec(spec), `${id} ${adapter.kind}`).toMatchObject({ ok: true });
      }
  });
  it('drops rounds of a supervised run, shares without rounds, and early stopping without held-out pairs', () => {
    expect(effectiveSpec(specWith('sft', {}, { rounds: 3 })).rounds).toBe(1);
    expect(effectiveSpec(specWith('dpo', {}, { rounds: 1, roundData: 'split' })).roundData).toBe('repeat');
    const stopping = { ...defaultSpec.training, earlyStopping: { patience: 2, minDelta: 0 } };
    expect(effectiveSpec(specWith('dpo', {}, { training: stopping })).training.earlyStopping).toEqual({
      patience: 2,
      minDelta: 0,
    });
    expect(
      effectiveSpec(specWith('dpo', {}, { training: stopping, dataset: { ...defaultSpec.dataset, evalFraction: 0 } }))
        .training.earlyStopping,
    ).toBeNull();
  });
});

describe('the reference', () => {
  const other = { model: { path: '-', reference: 'model:other' } };
  it('is read from the spec', () => {
    expect(referenceMode(specWith('dpo'))).toBe('itself');
    expect(referenceMode(specWith('dpo', {}, other))).toBe('other');
    expect(referenceMode(specWith('dpo', { referenceSync: { everySteps: 9, mixup: 0.5 } }))).toBe('follows');
    expect([
      referenceMode(specWith('dpo', { referenceFree: true })),
      referenceMode(specWith('simpo')),
      referenceMode(specWith('sft')),
    ]).toEqual(['none', 'none', 'none']);
  });
  it('has reasons for what a method cannot have', () => {
    const why = (mode: Parameters<typeof referenceObstacle>[0], spec: RunSpec): string | null =>
      referenceObstacle(mode, methodById(spec.method.id)!, spec);
    expect(why('follows', specWith('dpo'))).toMatch(/all weights/);
    expect(why('follows', specWith('dpo', {}, { adapter: full }))).toBeNull();
    expect(why('other', specWith('tdpo'))).toMatch(/whole distributions/);
    expect(why('other', specWith('dpo', {}, { rounds: 2 }))).toMatch(/rounds/);
    expect(why('none', specWith('tdpo'))).toMatch(/without/);
    expect(why('none', specWith('dpo'))).toBeNull();
  });
});

describe('carriedMethod', () => {
  it('takes along what was set and means the same', () => {
    const from = { ...defaultsOf('dpo'), beta: 0.3, sampling: 'expected', wpo: true } as const;
    expect(carriedMethod(from, 'ipo')).toMatchObject({ id: 'ipo', beta: 0.3, sampling: 'expected', wpo: true });
    expect(carriedMethod(from, 'aot').wpo).toBe(false);
  });
  it('does not mistake one beta, lambda or alpha for another', () => {
    expect(carriedMethod({ ...defaultsOf('dpo'), beta: 0.3 }, 'simpo').beta).toBe(2.5);
    expect(carriedMethod({ ...defaultsOf('dpop'), lambda: 40 }, 'simpo').lambda).toBe(0.3);
    expect(carriedMethod({ ...defaultsOf('r_dpo'), alpha: 0.05 }, 'tdpo').alpha).toBe(0.5);
    expect(carriedMethod({ ...defaultsOf('dpo'), labelSmoothing: 0.2 }, 'exo_pair').labelSmoothing).toBe(0.001);
  });
  it('leaves what was not set to the defaults of the other', () => {
    expect(carriedMethod(defaultsOf('dpo'), 'sampo')).toEqual(defaultsOf('sampo'));
    expect(carriedMethod(defaultsOf('sampo'), 'sft')).toEqual(defaultsOf('sft'));
  });
  it('never adds a loss to itself', () => {
    const mix = [
      { id: 'ipo', weight: 1 },
      { id: 'dpo', weight: 2 },
      { id: 'sft', weight: 1 },
    ] as const;
    expect(carriedMethod({ ...defaultsOf('hinge'), mix }, 'ipo').mix.map((term) => term.id)).toEqual(['dpo', 'sft']);
    expect(carriedMethod({ ...defaultsOf('hinge'), mix }, 'sampo').mix.map((term) => term.id)).toEqual(['ipo', 'sft']);
  });
});

describe('completeSpec', () => {
  it('reads what the first version wrote', () => {
    const { keepBest: _best, earlyStopping: _stop, ...training } = defaultSpec.training;
    const old = {
      ...defaultSpec,
      training,
      method: { id: 'sampo', beta: 0.2, labelSmoothing: 0, sampling: null },
    } as unknown as RunSpec;
    expect(completeSpec(old).method).toEqual({ ...defaultsOf('sampo'), beta: 0.2 });
    expect(completeSpec(old).training.keepBest).toBe(true);
  });
  it('leaves alone what it cannot read', () => {
    const strange = { ...defaultSpec, method: { id: 'from-the-future' } } as unknown as RunSpec;
    expect(completeSpec(strange)).toBe(strange);
    expect(runSpecSchema.safeParse(strange).success).toBe(false);
  });
});

it('sends the precision with and without an adapter: layers multiply in it either way', () => {
  const halves = { ...defaultSpec.training, precision: 'bfloat16' as const };
  for (const adapter of [defaultSpec.adapter, full]) {
    const sent = effectiveSpec(specWith('dpo', {}, { adapter, training: halves }));
    expect(sent.training.precision).toBe('bfloat16');
    expect(
      checkRunSpec({ ...sent, model: { path: 'm', reference: null }, dataset: { ...sent.dataset, path: 'd' } }),
    ).toMatchObject({ ok: true });
  }
});
