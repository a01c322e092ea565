import { describe, expect, it } from 'vitest';
import { methodIds } from '../../../../../src-main/shared/catalogue/method-catalogue';
import { defaultsOf } from '../../../../../src-main/shared/spec/method-spec';
import { checkDatasetColumns, checkRunSpec, nearestName } from '../../../../../src-main/shared/spec/run-spec-check';

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

describe('a field’s ends', () => {
  const long = (length: number): string => 'x'.repeat(length);
  const method = (id: string, more: object) => ({ method: { id, sampling: 'none', ...more } });
  const none = { adapter: { kind: 'none' } };
  const accepted: readonly (readonly [path: string, change: Record<string, unknown>])[] = [
    ...['auto', 'pairs', 'messages', 'sharegpt', 'hh', 'alpaca'].map(
      (format) => [format, { dataset: { path: 'd', format } }] as const,
    ),
    ...['all-linear', 'attention', 'mlp'].map((targets) => [targets, { adapter: { targets } }] as const),
    ...['float32', 'bfloat16', 'float16'].map((precision) => [precision, { training: { precision } }] as const),
    ...['linear', 'cosine', 'constant'].map((schedule) => [schedule, { training: { schedule } }] as const),
    ...['fit', 'drop', 'seed'].map((truncation) => [truncation, { training: { truncation } }] as const),
    ...['repeat', 'split'].map((roundData) => [roundData, { roundData }] as const),
    ['columns', { dataset: { path: 'd', columns: { prompt: 'x', system: long(200) } } }],
    [
      'ends',
      { training: { warmupRatio: 0, weightDecay: 0, adamBetas: [0, 1], clipNorm: null, microBatchPairs: 1, seed: 0 } },
    ],
    ['ends', { training: { warmupRatio: 1, weightDecay: 0.5, maxSteps: 1, pairsPerStep: 1, epochs: 0.01 } }],
    ['micro-batch', { training: { microBatchPairs: 4, pairsPerStep: 4 } }],
    ['stopping', { training: { earlyStopping: { patience: 1, minDelta: 0 } } }],
    ['stopping', { training: { earlyStopping: { minDelta: 2.5 } } }],
    ['no held-out', { dataset: { path: 'd', evalFraction: 0, limit: 1 } }],
    [
      'probes',
      { probes: { everySteps: 1, prompts: Array.from({ length: 64 }, () => long(3000)), maxNewTokens: 4096 } },
    ],
    ['name', { name: long(200) }],
    ['from', { adapter: { from: 'a/b', rank: 1, alpha: 0.5 } }],
    ['reference', { model: { path: 'mm', reference: 'rr' } }],
    ['version', method('tdpo', { version: 1 })],
    ['version', method('tdpo', { version: 2 })],
    ['tail', method('dpo', { ldAlpha: 0 })],
    ['smoothing', method('dpo', { labelSmoothing: 0.499 })],
    ['synced', { ...none, ...method('dpo', { referenceSync: { everySteps: 1, mixup: 1 } }) }],
    ['neutral', method('ipo', { tau: null, gamma: null, wpo: false, mix: [] })],
  ];
  it.each(accepted)('%s is taken', (_path, change) => expect(error(change)).toBeNull());

  const refused: readonly (readonly [path: string, change: Record<string, unknown>, message?: RegExp])[] = [
    ['dataset.format', { dataset: { path: 'd', format: '' } }],
    ['dataset.columns.prompt', { dataset: { path: 'd', columns: { prompt: '' } } }],
    ['dataset.columns.prompt', { dataset: { path: 'd', columns: { prompt: long(201) } } }],
    ['dataset.limit', { dataset: { path: 'd', limit: 0 } }],
    ['dataset.evalFraction', { dataset: { path: 'd', evalFraction: -0.1 } }],
    ['dataset.path', { dataset: { path: '' } }],
    ['model.path', { model: { path: '' } }],
    ['model.reference', { model: { path: 'm', reference: '' } }],
    ['training.warmupRatio', { training: { warmupRatio: 1.01 } }],
    ['training.weightDecay', { training: { weightDecay: -0.1 } }],
    ['training.seed', { training: { seed: -1 } }],
    ['training.earlyStopping.patience', { training: { earlyStopping: { patience: 0 } } }],
    ['training.earlyStopping.minDelta', { training: { earlyStopping: { minDelta: -1 } } }],
    [
      'training.microBatchPairs',
      { training: { microBatchPairs: 5, pairsPerStep: 4 } },
      /5 pairs is larger than a step of 4/,
    ],
    ['probes.maxNewTokens', { probes: { maxNewTokens: 4097 } }],
    ['probes.prompts.0', { probes: { prompts: [''] } }],
    ['adapter.rank', { adapter: { rank: 0 } }],
    ['adapter.from', { adapter: { from: '' } }],
    ['name', { name: long(201) }],
    ['version', { version: 2 }],
    ['rounds', { rounds: 0 }],
    ['rounds', { rounds: 2, objective: 'supervised' }, /no reference that rounds could renew/],
    ['method.id', { objective: 'supervised', method: { id: 'dpo' } }, /objective is supervised, but the method is dpo/],
    ['objective', { objective: 'preference', method: { id: 'sft' } }],
    ['model.reference', { model: { path: 'm', reference: 'r' }, method: { id: 'simpo' } }, /has no reference model/],
    [
      'model.reference',
      { model: { path: 'm', reference: 'r' }, method: { id: 'dpo', referenceFree: true } },
      /is set to work without a reference/,
    ],
    [
      'model.reference',
      { model: { path: 'm', reference: 'r' }, rounds: 2 },
      /^.*Training in rounds, where each result is the next reference,/,
    ],
    [
      'model.reference',
      { model: { path: 'm', reference: 'r' }, ...none, ...method('dpo', { referenceSync: { everySteps: 5 } }) },
      /A reference that follows the model/,
    ],
    ['method.referenceSync', method('dpo', { referenceSync: { everySteps: 5 } }), /which adapters do not have/],
    [
      'method.referenceSync',
      { ...none, ...method('dpo', { referenceFree: true, referenceSync: { everySteps: 1 } }) },
      /none that could follow/,
    ],
    ['method.fDivergence.type', method('dpo', { referenceFree: true, fDivergence: { type: 'js' } }), /js measures/],
    ['method.ldAlpha', { method: { id: 'sampo', ldAlpha: 0.5 } }, /both correct for length/],
    ['method.labelSmoothing', method('dpo', { labelSmoothing: 0.5 })],
    ['method.labelSmoothing', method('exo_pair', { labelSmoothing: 0 }), /above 0/],
    ['method.tau', { method: { id: 'dpo', tau: 1 } }, /dpo has no parameter tau; it has beta, labelSmoothing, /],
    ['method.version', method('tdpo', { version: 3 })],
    ['method.mix', method('dpo', { mix: [{ id: 'dpo', weight: 1 }] }), /dpo would be added to itself/],
    ['method.mix', method('dpo', { mix: Array.from({ length: 9 }, () => ({ id: 'sft', weight: 1 })) })],
    ['method.mix.0.weight', method('dpo', { mix: [{ id: 'sft', weight: 0 }] })],
  ];
  it.each(refused.map(([path, change, message = /./]) => [path, change, message] as const))(
    '%s is refused beyond: %j',
    (path, change, message) => {
      const refusal = error(change);
      expect(refusal).toMatchObject({ code: 'bad-spec', details: { path } });
      expect(refusal!.message).toMatch(message);
      expect(refusal!.hint).toMatch(/\.$|\?$/);
    },
  );
});

describe('columns alone', () => {
  it('are roles with names', () => {
    const columns = { prompt: 'p', chosen: 'c', rejected: 'r', system: 's' };
    expect(checkDatasetColumns(columns)).toEqual({ ok: true, value: columns });
    expect(checkDatasetColumns({ prompts: 'p' })).toEqual({
      ok: false,
      error: {
        code: 'bad-spec',
        message: 'Columns can be named for prompt, chosen, rejected, system, not for "prompts".',
        hint: 'Did you mean prompt?',
        details: { path: 'prompts' },
      },
    });
    expect(checkDatasetColumns({ zzzzzzzz: 'p' })).toMatchObject({ ok: false, error: { hint: 'Leave it out.' } });
    for (const other of [[], 'x', null, { prompt: 3 }])
      expect(checkDatasetColumns(other)).toMatchObject({
        ok: false,
        error: {
          code: 'bad-spec',
          message: expect.stringMatching(/^Columns are a JSON object of roles and column names \(/),
          hint: 'Roles: prompt, chosen, rejected, system.',
          details: { path: '' },
        },
      });
  });
});

describe('a guess', () => {
  it.each([
    ['trian', 'train'], // two letters exchanged
    ['TRAIN', 'train'],
    ['tra', 'train'],
    ['tr', null],
    ['rain', 'train'],
    ['trainx', 'train'],
    ['xtrainx', 'train'],
    ['xxtrainx', null],
    ['learningRatexxx', 'learningRate'], // a third of a long name
    ['learningRatexxxxxxx', null],
    ['', null],
  ])('for "%s" is %s', (name, guess) =>
    expect(nearestName(name, ['runs', 'Train'.toLowerCase(), 'learningRate'])).toBe(guess),
  );
  it('takes the first of equally near ones, and none of none', () => {
    expect(nearestName('ab', ['ax', 'ay'])).toBe('ax');
    expect(nearestName('beta', ['zeta', 'Beta'])).toBe('Beta');
    expect(nearestName('x', [])).toBeNull();
  });
});
