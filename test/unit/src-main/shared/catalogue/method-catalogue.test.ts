import { describe, expect, it } from 'vitest';
import { methodCatalogue, methodIds } from '../../../../../src-main/shared/catalogue/method-catalogue';
import { checkRunSpec } from '../../../../../src-main/shared/spec/run-spec-check';

const base = { model: { path: 'm' }, dataset: { path: 'd' } };
const rows = methodCatalogue.flatMap(({ id, objective, parameters }) =>
  parameters.map((parameter) => [id, parameter.name, objective, parameter] as const),
);
const specWith = (id: string, objective: string, name: string, value: unknown): object => {
  const [top, inner] = name.split('.') as [string, string?];
  return {
    ...base,
    objective,
    adapter: { kind: 'none' },
    method: {
      id,
      ...(name === 'ldAlpha' ? { sampling: 'none' } : {}),
      [top]: inner === undefined ? value : { [inner]: value },
    },
  };
};

describe('the catalogue', () => {
  it('has every method once, in words', () => {
    expect(methodCatalogue.map(({ id }) => id).sort()).toEqual([...methodIds].sort());
    for (const { id, name, paper, formula, summary, whenToUse } of methodCatalogue) {
      for (const text of [name, paper, formula, summary, whenToUse])
        expect(text.length, `${id}: ${text}`).toBeGreaterThan(2);
    }
    expect(methodCatalogue.filter((m) => !m.needsReference).map((m) => m.id)).toEqual(['simpo', 'orpo', 'sft']);
    expect(methodCatalogue.filter((m) => m.objective === 'supervised').map((m) => m.id)).toEqual(['sft']);
  });

  it.each(rows)(
    '%s %s: a default inside its range, every end of which the schema takes',
    (id, name, objective, { default: byDefault, range, label, help }) => {
      expect([label.length > 0, help.length > 10]).toEqual([true, true]);
      const takes = (value: unknown): boolean => checkRunSpec(specWith(id, objective, name, value)).ok;
      if ('options' in range) {
        expect(range.options).toContain(byDefault);
        expect(range.options.filter((option) => !takes(option))).toEqual([]);
      } else if ('flag' in range) expect([byDefault, takes(true), takes(false)]).toEqual([false, true, true]);
      else if ('terms' in range) {
        expect(byDefault).toEqual([]);
        // SamPO is DPO on sampled tokens
        const itself = (term: string): boolean => term === id || (id === 'sampo' && term === 'dpo');
        for (const term of range.terms) expect(takes([{ id: term, weight: 1 }]), term).toBe(!itself(term));
      } else {
        const { min, max, step = 1 } = range;
        expect([min < max, step > 0, Number(byDefault) >= min, Number(byDefault) <= max]).toEqual([
          true,
          true,
          true,
          true,
        ]);
        const needsMore = id === 'exo_pair' && name === 'labelSmoothing'; // its logarithm has no 0
        expect([takes(min), takes(max), takes(byDefault)]).toEqual([!needsMore, true, true]);
      }
    },
  );

  it('has presets that the schema takes, from named sources', () => {
    for (const { id, objective, presets } of methodCatalogue) {
      expect(new Set(presets.map((p) => p.id)).size, id).toBe(presets.length);
      for (const { values, training, source, name } of presets) {
        expect(
          checkRunSpec({ ...base, objective, method: { id, ...values }, training }),
          `${id} ${name}`,
        ).toMatchObject({ ok: true });
        expect([
          source.length > 10,
          training.learningRate > 0 && training.learningRate < 1e-4,
          training.epochs >= 1,
        ]).toEqual([true, true, true]);
      }
    }
  });

  it('has the settings that papers name', () => {
    const settings = methodCatalogue.flatMap(({ id: method, presets }) =>
      presets.map(
        ({ id, size, values, training }) => `${method} ${id}: ${size} ${JSON.stringify({ ...values, ...training })}`,
      ),
    );
    // SamPO (arXiv 2406.10957), Table 5; batch, schedule and warm-up as in its code
    const rest = '"pairsPerStep":128,"schedule":"linear","warmupRatio":0.1}';
    const table = [
      `llama3-8b: 8000000000 {"beta":0.1,"learningRate":4e-7,"epochs":3,${rest}`,
      `tulu2-13b: 13000000000 {"beta":0.1,"learningRate":0.000001,"epochs":3,${rest}`,
      `pythia-hh: 2800000000 {"beta":0.05,"learningRate":0.000001,"epochs":1,${rest}`,
      `pythia-tldr: 2800000000 {"beta":0.5,"learningRate":0.000001,"epochs":1,${rest}`,
    ];
    const inTable = 'sampo dpo r_dpo ipo hinge dpop dpo_sft tdpo kto_pair bco_pair nca_pair sppo_hard'.split(' ');
    expect([...settings].sort()).toEqual(
      [
        ...inTable.flatMap((method) => table.map((row) => `${method} ${row}`)),
        'sigmoid_norm tulu3: 8000000000 {"beta":5,"learningRate":5e-7,"epochs":1}',
        'nca_pair paper: 7000000000 {"beta":0.01,"learningRate":0.000005,"epochs":1}',
        'sppo_hard paper: 7000000000 {"beta":0.001,"learningRate":5e-7,"epochs":1}',
        'simpo llama3-8b: 8000000000 {"beta":2.5,"gamma":1.4,"learningRate":0.000001,"epochs":1}',
      ].sort(),
    );
  });
  it('says how each follows length', () => {
    const by = (follows: string) => methodCatalogue.filter((m) => m.followsLength === follows).map((m) => m.id);
    expect(by('by design not')).toEqual(['sampo', 'sigmoid_norm', 'simpo']);
    expect(by('weakly')).toEqual(['r_dpo', 'ipo', 'tdpo', 'orpo', 'sft']);
    expect(by('strongly')).toHaveLength(methodCatalogue.length - 8);
  });
});
