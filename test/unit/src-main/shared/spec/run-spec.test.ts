import { describe, expect, it } from 'vitest';
import { methodCatalogue } from '../../../../../src-main/shared/catalogue/method-catalogue';
import { runSpecSchema } from '../../../../../src-main/shared/spec/run-spec';

// docs/contract.md, "Run spec, version 1": others rely on these values to the letter.

const defaults = {
  version: 1,
  name: '',
  objective: 'preference',
  model: { path: 'm', reference: null },
  dataset: { path: 'd', format: 'auto', columns: null, evalFraction: 0.1, limit: null },
  adapter: { kind: 'lora', rank: 16, alpha: 32, targets: 'all-linear', from: null },
  rounds: 1,
  roundData: 'repeat',
  training: {
    epochs: 1,
    maxSteps: null,
    pairsPerStep: 4,
    microBatchPairs: 'auto',
    optimizer: 'adamw',
    adamBetas: [0.9, 0.999],
    adamEpsilon: 1e-8,
    learningRate: 1e-5,
    schedule: 'linear',
    warmupRatio: 0.1,
    weightDecay: 0,
    clipNorm: 1,
    maxLength: 512,
    truncation: 'fit',
    shuffle: true,
    seed: 42,
    precision: 'float32',
    checkpointEvery: 50,
    evalEvery: 50,
    keepCheckpoints: 2,
    keepBest: true,
    earlyStopping: null,
  },
  probes: { everySteps: 20, prompts: [], maxNewTokens: 64 },
};

describe('the run spec', () => {
  it('has the defaults of the contract', () => {
    const { method, ...spec } = runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' } });
    expect(spec).toEqual(defaults);
    expect(method).toMatchObject({ id: 'sampo', beta: 0.1, sampling: 'shared', ldAlpha: 1, wpo: false, mix: [] });
  });

  it('has the patience of three evaluations where early stopping is asked for', () => {
    const { training } = runSpecSchema.parse({
      model: { path: 'm' },
      dataset: { path: 'd' },
      training: { earlyStopping: {} },
    });
    expect(training.earlyStopping).toEqual({ patience: 3, minDelta: 0 });
  });
});

describe('a method’s own parameters', () => {
  const own = Object.fromEntries(
    methodCatalogue.map(({ id, parameters }) => [
      id,
      parameters
        .filter(({ group }) => group === 'own')
        .map(({ name, default: value }) => `${name} ${JSON.stringify(value)}`)
        .join(', '),
    ]),
  );
  const groups = (id: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      (methodCatalogue.find((entry) => entry.id === id)?.parameters ?? []).map(({ name, group }) => [name, group]),
    );

  it('are those of the contract, with its defaults', () => {
    expect(own).toMatchInlineSnapshot(`
      {
        "aot": "beta 0.1",
        "aot_unpaired": "beta 0.1",
        "apo_down": "beta 0.1",
        "apo_zero": "beta 0.1",
        "bco_pair": "beta 0.1, variant "trl"",
        "discopop": "beta 0.1, tau 0.05",
        "dpo": "beta 0.1, labelSmoothing 0",
        "dpo_sft": "beta 0.1, sftWeight 1",
        "dpop": "beta 0.1, lambda 50",
        "exo_pair": "beta 0.1, labelSmoothing 0.001",
        "hinge": "beta 0.1",
        "ipo": "beta 0.1",
        "kto_pair": "beta 0.1, variant "paper"",
        "nca_pair": "beta 0.1",
        "orpo": "beta 0.1, variant "paper"",
        "r_dpo": "beta 0.1, alpha 0.01",
        "robust": "beta 0.1, labelSmoothing 0.1",
        "sampo": "beta 0.1, labelSmoothing 0",
        "sft": "",
        "sigmoid_norm": "beta 0.1",
        "simpo": "beta 2.5, variant "paper", gamma 1.4, lambda 0.3",
        "sppo_hard": "beta 0.1",
        "tdpo": "beta 0.1, version 2, alpha 0.5",
      }
    `);
  });

  it('stand apart from what corrects for length and from what is rarely needed', () => {
    expect(groups('dpo')).toMatchInlineSnapshot(`
      {
        "beta": "own",
        "fDivergence.alpha": "further",
        "fDivergence.type": "further",
        "labelSmoothing": "own",
        "ldAlpha": "length",
        "mix": "further",
        "referenceFree": "further",
        "referenceSync.everySteps": "further",
        "referenceSync.mixup": "further",
        "sampling": "length",
        "wpo": "further",
      }
    `);
    for (const { id, parameters } of methodCatalogue)
      for (const { name, group } of parameters)
        if (group !== 'own') expect([id, name, group]).toEqual([id, name, groups('dpo')[name]]);
  });
});
