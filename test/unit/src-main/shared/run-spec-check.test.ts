import { describe, expect, it } from 'vitest';
import { methodIds } from '../../../../src-main/shared/method-catalogue';
import { defaultsOf } from '../../../../src-main/shared/method-spec';
import { checkRunSpec, nearestName } from '../../../../src-main/shared/run-spec-check';

const base = { model: { path: 'm' }, dataset: { path: 'd' } };
const error = (change: Record<string, unknown>) => {
  const checked = checkRunSpec({ ...base, ...change });
  return checked.ok ? null : checked.error;
};

describe('run specs', () => {
  it('fill in every default', () => {
    const checked = checkRunSpec(base);
    expect(checked).toMatchObject({
      ok: true,
      value: {
        version: 1,
        method: { id: 'sampo', beta: 0.1 },
        adapter: { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear' },
        training: { pairsPerStep: 4, learningRate: 1e-5, clipNorm: 1 },
      },
    });
  });

  it.each([
    [{ training: { learningrate: 1 } }, 'training.learningrate', /Did you mean training.learningRate/],
    [{ adapter: { kind: 'lora', rnk: 4 } }, 'adapter.rnk', /Did you mean adapter.rank/],
    [{ modle: {} }, 'modle', /Did you mean model/],
    [{ adapter: { kind: 'none', rank: 4 } }, 'adapter.rank', /Leave it out, or choose the kind of adapter that has it/],
  ])('refuse an unknown field by name, with the nearest known one: %j', (change, path, hint) => {
    expect(error(change)).toMatchObject({ code: 'bad-spec', details: { path } });
    expect(error(change)!.hint).toMatch(hint);
  });

  it.each([
    [{ version: 2 }, 'bad-spec', /version 2/],
    [{ method: { id: 'simop' } }, 'bad-spec', /method\.id/],
    [{ method: { id: 'simpo', lambda: 3, alpha: 1 } }, 'bad-spec', /simpo has no parameter alpha/],
    [{ method: { id: 'orpo', sampling: 'topk' } }, 'bad-spec', /orpo has no parameter sampling/],
    [{ method: { id: 'bco_pair', variant: 'upside-down' } }, 'bad-spec', /variant/],
    [{ method: { id: 'exo_pair', labelSmoothing: 0 } }, 'bad-spec', /above 0/],
    [{ method: { id: 'sampo', ldAlpha: 0.5 } }, 'bad-spec', /both correct for length/],
    [
      {
        method: {
          id: 'dpo',
          mix: [
            { id: 'sft', weight: 1 },
            { id: 'sft', weight: 2 },
          ],
        },
      },
      'bad-spec',
      /sft would be added to itself/,
    ],
    [{ method: { id: 'simpo' }, model: { path: 'm', reference: 'r' } }, 'bad-spec', /reference/],
    [{ method: { id: 'tdpo' }, model: { path: 'm', reference: 'r' } }, 'bad-spec', /TDPO/],
    [
      { method: { id: 'dpo', referenceFree: true, fDivergence: { type: 'js' } } },
      'bad-spec',
      /js measures how far .* referenceFree leaves that out/,
    ],
    [{ adapter: { kind: 'dora' } }, 'bad-spec', /adapter\.kind .*expected "lora" or "none"/],
    [{ method: { id: 'sampo', mix: [{ id: 'dpo', weight: 1 }] } }, 'bad-spec', /dpo would be added to itself/],
    [
      {
        method: {
          id: 'ipo',
          mix: [
            { id: 'sft', weight: 1 },
            { id: 'ipo', weight: 1 },
          ],
        },
      },
      'bad-spec',
      /ipo would be added to itself/,
    ],
    [{ adapter: { targets: ['q_proj', ''] } }, 'bad-spec', /adapter\.targets/],
    [{ adapter: { targets: [] } }, 'bad-spec', /adapter\.targets/],
    [{ adapter: { rank: 1025 } }, 'bad-spec', /adapter\.rank/],
    [{ dataset: { path: 'd', evalFraction: 0.91 } }, 'bad-spec', /dataset\.evalFraction/],
    [{ training: { maxLength: 7 } }, 'bad-spec', /training\.maxLength/],
    [{ training: { seed: 2 ** 32 } }, 'bad-spec', /training\.seed/],
    [{ probes: { prompts: Array.from({ length: 65 }, () => 'x') } }, 'bad-spec', /probes\.prompts/],
    [{ rounds: 101 }, 'bad-spec', /rounds/],
    [{ rounds: 2, objective: 'supervised' }, 'bad-spec', /[Rr]ounds/],
    [{ training: { precision: 'int4' } }, 'bad-spec', /training.precision/],
    [{ training: { learningRate: -1 } }, 'bad-spec', /training.learningRate/],
    [{ objective: 'supervised', method: { id: 'dpo' } }, 'bad-spec', /supervised/],
    [{ objective: 'preference', method: { id: 'sft' } }, 'bad-spec', /chosen responses only/],
    [{ training: { microBatchPairs: 8, pairsPerStep: 4 } }, 'bad-spec', /micro-batch of 8/],
  ])('refuse what this version cannot do: %j', (change, code, message) => {
    expect(error(change)).toMatchObject({ code });
    expect(error(change)!.message).toMatch(message);
  });

  it.each([
    [
      {
        method: {
          id: 'ipo',
          mix: [
            { id: 'dpo', weight: 1 },
            { id: 'sft', weight: 2 },
          ],
        },
      },
    ],
    [{ adapter: { targets: ['q_proj', 'down_proj'] } }],
    [{ adapter: { rank: 1024 } }],
    [{ dataset: { path: 'd', evalFraction: 0.9 } }],
    [{ training: { maxLength: 8, seed: 2 ** 32 - 1 } }],
    [{ rounds: 100 }],
  ])('take the last value before those they refuse: %j', (change) => {
    expect(error(change)).toBeNull();
  });

  it('an adapter without a kind is LoRA, as where the adapter is left out', () => {
    for (const adapter of [{ rank: 4 }, { kind: 'lora', rank: 4 }])
      expect(checkRunSpec({ ...base, adapter })).toMatchObject({
        ok: true,
        value: { adapter: { kind: 'lora', rank: 4, alpha: 32 } },
      });
  });

  it('supervised objective and method sft imply each other', () => {
    expect(checkRunSpec({ ...base, method: { id: 'sft' } })).toMatchObject({
      ok: true,
      value: { objective: 'supervised' },
    });
    expect(checkRunSpec({ ...base, objective: 'supervised' })).toMatchObject({
      ok: true,
      value: { method: { id: 'sft' } },
    });
  });

  it.each(methodIds.map((id) => [id]))('%s: what it fills in is a spec that means the same', (id) => {
    const objective = id === 'sft' ? 'supervised' : 'preference';
    const checked = checkRunSpec({ ...base, objective, method: { id } });
    expect(checked).toMatchObject({ ok: true, value: { method: defaultsOf(id) } });
    if (checked.ok) expect(checkRunSpec(checked.value)).toEqual(checked);
  });

  it('are objects', () => {
    expect(checkRunSpec([])).toMatchObject({ ok: false });
    expect(checkRunSpec(null)).toMatchObject({ ok: false });
  });

  it('guess near names only', () => {
    expect(nearestName('trian', ['train', 'runs'])).toBe('train');
    expect(nearestName('zzzzzz', ['train', 'runs'])).toBeNull();
  });
});
