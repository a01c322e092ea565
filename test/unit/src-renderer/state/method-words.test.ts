import { describe, expect, it } from 'vitest';
import {
  methodById,
  methodCatalogue,
  samplingModes,
  type MethodId,
} from '../../../../src-main/shared/catalogue/method-catalogue';
import { defaultsOf, type MethodSpec } from '../../../../src-main/shared/spec/method-spec';
import {
  lengthEffect,
  methodFacts,
  methodGroups,
  methodText,
  searchMethods,
} from '../../../../src-renderer/state/method-words';
import { defaultSpec } from '../../../../src-renderer/state/default-spec';

const adapter = defaultSpec.adapter;
const of = (id: MethodId, method: Partial<MethodSpec> = {}): { method: MethodSpec; adapter: typeof adapter } => ({
  adapter,
  method: { ...defaultsOf(id), ...method },
});
const effect = (id: MethodId, method: Partial<MethodSpec> = {}): ReturnType<typeof lengthEffect> =>
  lengthEffect(methodById(id)!, { ...defaultsOf(id), ...method });

describe('the list of methods', () => {
  it('begins with SamPO and DPO and has every method once', () => {
    const groups = methodGroups(methodCatalogue);
    expect(groups.map(({ id }) => id)).toEqual(['first', 'dpo', 'other', 'reference-free', 'supervised']);
    expect(groups[0]?.list.map(({ id }) => id)).toEqual(['sampo', 'dpo']);
    expect(groups.flatMap(({ list }) => list.map(({ id }) => id)).sort()).toEqual(
      methodCatalogue.map(({ id }) => id).sort(),
    );
  });
  it('is searched by name, paper and purpose, all words of it', () => {
    const found = (text: string): readonly string[] => searchMethods(methodCatalogue, text).map(({ id }) => id);
    expect(found('azar 2023')).toEqual(['ipo']);
    expect(found('SIMPO')).toContain('simpo');
    expect(found('aot unpaired')).toEqual(['aot_unpaired']);
    expect(found('azar nowhere')).toEqual([]);
    expect(found('  ')).toHaveLength(methodCatalogue.length);
  });
});

describe('a method in words', () => {
  it('has its own parameters, and others where they change something', () => {
    expect(methodText(of('ipo'))).toBe('IPO (beta 0.1)');
    expect(methodText(of('sampo'))).toBe('SamPO (beta 0.1, label smoothing 0, down-sampling shared)');
    expect(methodText(of('dpo', { wpo: true, ldAlpha: 0.5 }))).toBe(
      'DPO (beta 0.1, label smoothing 0, tail weight (LD-DPO) 0.5, weigh pairs by likelihood (WPO))',
    );
    expect(methodText(of('simpo'))).toBe('SimPO (beta 2.5, variant paper, target margin 1.4)');
    expect(methodText(of('hinge', { referenceFree: true }))).toBe('Hinge (SLiC) (beta 0.1, without a reference)');
    expect(methodText(of('sft'))).toBe('Supervised fine-tuning');
  });
  it('reads into objects and lists', () => {
    const facts = (method: Partial<MethodSpec>): readonly (readonly [string, string])[] =>
      methodFacts(of('dpo', method)).map(({ name, value }) => [name, value] as const);
    expect(facts({ fDivergence: { type: 'alpha', alpha: 0.3 } })).toEqual([
      ['beta', '0.1'],
      ['labelSmoothing', '0'],
      ['fDivergence.type', 'alpha'],
      ['fDivergence.alpha', '0.3'],
    ]);
    expect(facts({ fDivergence: { type: 'js', alpha: 0.3 } }).map(([name]) => name)).not.toContain('fDivergence.alpha');
    expect(
      facts({
        mix: [
          { id: 'bco_pair', weight: 0.2 },
          { id: 'sft', weight: 1 },
        ],
      }).at(-1),
    ).toEqual(['mix', 'BCO (pairs) × 0.2, Supervised fine-tuning × 1']);
  });
});

describe('what a method does to length', () => {
  it('follows its row while every token counts', () => {
    expect(effect('dpo')).toMatchObject({
      level: 'warning',
      text: expect.stringContaining('DPO by itself follows length strongly'),
    });
    expect(effect('ipo')).toMatchObject({ level: 'neutral' });
    expect(effect('sigmoid_norm')).toMatchObject({
      level: 'good',
      text: expect.stringContaining('does not follow length'),
    });
    expect(effect('sampo', { sampling: 'none' })?.text).toContain(
      'SamPO without down-sampling is DPO, which follows length strongly',
    );
  });
  it('has a sentence of its own for every kind of sampling and for a tail weight', () => {
    expect(new Set(samplingModes.map((sampling) => effect('sampo', { sampling })?.text)).size).toBe(
      samplingModes.length,
    );
    expect(effect('dpo', { ldAlpha: 0.5 })?.text).toContain('counts 0.5 as much');
    expect(effect('dpo', { ldAlpha: 0 })?.level).toBe('good');
  });
  it('is silent where the method has no such parameter', () => {
    expect([effect('simpo'), effect('orpo'), effect('sft')]).toEqual([null, null, null]);
  });
});
