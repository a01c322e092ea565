import { describe, expect, it } from 'vitest';
import { largest } from '../../../../../src-main/shared/extremes';
import { sizeOf } from '../../../../../src-main/engine/batch/layout';
import { methodIds, type MethodId } from '../../../../../src-main/shared/catalogue/method-catalogue';
import type { RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';
import { comparable, metricsOf, randomPairs, series, specOf, tinyRun } from './fixture';

const pairs = randomPairs(6);
const held = randomPairs(3, 99, 101);
const objectiveOf = (id: MethodId): 'supervised' | 'preference' => (id === 'sft' ? 'supervised' : 'preference');
const options: readonly (readonly [string, RunSpecInput['method']])[] = [
  ...methodIds.map((id) => [id, { id }] as const),
  ['sampo of hinge, top-k', { id: 'hinge', sampling: 'topk' }],
  ['sampo of ipo, averaged', { id: 'ipo', sampling: 'average' }],
  ['sampo, independent', { id: 'sampo', sampling: 'independent' }],
  ['dpo with WPO weights, js', { id: 'dpo', wpo: true, fDivergence: { type: 'js' } }],
  [
    'dpo, a mix with bco and sft',
    {
      id: 'dpo',
      mix: [
        { id: 'bco_pair', weight: 0.2 },
        { id: 'sft', weight: 1 },
      ],
    },
  ],
  ['dpo without reference', { id: 'dpo', referenceFree: true }],
  ['dpo, reference follows', { id: 'dpo', referenceSync: { everySteps: 2, mixup: 0.6 } }],
  ['tdpo 1', { id: 'tdpo', version: 1 }],
  ['orpo, seed', { id: 'orpo', variant: 'seed' }],
  ['kto, paper', { id: 'kto_pair', variant: 'paper' }],
  ['bco, seed', { id: 'bco_pair', variant: 'seed' }],
];

describe('every method', () => {
  it.each(options)(
    '%s: trains every weight, with a finite loss, alike in one call and in many',
    async (_name, method) => {
      const spec = specOf({
        method,
        objective: objectiveOf(method!.id ?? 'sampo'),
        training: { maxSteps: 3, pairsPerStep: 6, learningRate: 1e-3 },
      });
      const withPrompt = true;
      const one = await tinyRun({ spec, pairs, held, buckets: [{ rows: 6, tokens: 40, completions: 180 }] });
      const longest = largest([...pairs, ...held], (p) => sizeOf(p, withPrompt).tokens)!;
      const many = await tinyRun({
        spec,
        pairs,
        held,
        buckets: [
          { rows: 1, tokens: 20, completions: 26 },
          { rows: 2, tokens: longest, completions: 80 },
        ],
      });
      for (const loss of [...series(one.events, 'loss'), ...series(one.events, 'eval_loss')])
        expect(Number.isFinite(loss)).toBe(true);
      for (const [name, values] of Object.entries(one.weights)) expect(values, name).not.toEqual(one.before[name]);
      for (const name of ['loss', 'grad_norm', 'eval_loss', 'logps/chosen']) {
        series(one.events, name).forEach((value, i) =>
          expect(
            Math.abs(series(many.events, name)[i]! - value) / Math.max(1e-3, Math.abs(value)),
            `${name} ${i}`,
          ).toBeLessThan(2e-4),
        );
      }
    },
  );
});

describe('rounds', () => {
  const spec = specOf({
    method: { id: 'sampo' },
    training: { maxSteps: 3, pairsPerStep: 2, checkpointEvery: 2 },
    rounds: 3,
  });

  it('start from a policy that is its own reference: ln 2, a fresh schedule and optimizer', async () => {
    const { events } = await tinyRun({ spec, pairs });
    const losses = series(events, 'loss');
    expect(losses).toHaveLength(9);
    for (const step of [0, 3, 6]) expect(losses[step]).toBe(Math.fround(Math.LN2));
    for (const step of [1, 2, 4, 5]) expect(losses[step]).not.toBe(Math.fround(Math.LN2));
    expect(events.filter((e) => e.kind === 'running').map((e) => e.firstStep)).toEqual([1, 4, 7]);
  });

  it.each([1, 2, 3, 4, 5, 6, 8])(
    'resume after step %i, between rounds or within one, to the same weights',
    async (stopAt) => {
      const whole = await tinyRun({ spec, pairs });
      const part = await tinyRun({
        spec,
        pairs,
        onEvent: (event, signals) => event.kind === 'metrics' && event.step === stopAt && signals.ask('stop'),
      });
      expect(part.outcome).toMatchObject({ outcome: 'stopped', steps: stopAt });
      const resumed = await tinyRun({ spec, pairs, runDir: part.runDir, cacheDir: part.cacheDir, resume: true });
      expect(resumed.weights).toEqual(whole.weights);
      expect(comparable(resumed.events)).toEqual(comparable(whole.events).slice(stopAt));
    },
  );

  it('of one round each equal a chain of runs', async () => {
    const { events, weights } = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, training: { maxSteps: 2, pairsPerStep: 6, shuffle: false }, rounds: 2 }),
      pairs,
    });
    const first = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, training: { maxSteps: 2, pairsPerStep: 6, shuffle: false } }),
      pairs,
    });
    expect(series(events, 'loss').slice(0, 2)).toEqual(series(first.events, 'loss'));
    const second = await tinyRun({
      spec: specOf({ method: { id: 'dpo' }, training: { maxSteps: 2, pairsPerStep: 6, shuffle: false } }),
      pairs,
      initial: first.weights,
    });
    expect(series(events, 'loss').slice(2)).toEqual(series(second.events, 'loss'));
    expect(weights).toEqual(second.weights);
  });
});

describe('a reference that follows the model', () => {
  const run = (everySteps: number, mixup: number) =>
    tinyRun({
      spec: specOf({
        method: { id: 'dpo', referenceSync: { everySteps, mixup } },
        training: { maxSteps: 5, pairsPerStep: 3 },
      }),
      pairs: pairs.slice(0, 3),
    });

  it('with mixup 1 becomes the model itself: ln 2 after every sync', async () => {
    const losses = series((await run(2, 1)).events, 'loss');
    expect([losses[0], losses[2], losses[4]]).toEqual(new Array(3).fill(Math.fround(Math.LN2)));
    expect(losses[1]).toBeLessThan(losses[0]!);
  });

  it('with mixup 0.5 goes half of the way, and a run that is resumed knows where it was', async () => {
    const fixed = series((await run(1000, 0.5)).events, 'loss');
    const half = series((await run(2, 0.5)).events, 'loss');
    expect(half.slice(0, 2)).toEqual(fixed.slice(0, 2));
    expect(half[2]).toBeGreaterThan(fixed[2]!);
    expect(half[2]).toBeLessThan(Math.LN2);

    const spec = specOf({
      method: { id: 'dpo', referenceSync: { everySteps: 2, mixup: 0.5 } },
      training: { maxSteps: 5, pairsPerStep: 3 },
    });
    const whole = await tinyRun({ spec, pairs });
    const part = await tinyRun({
      spec,
      pairs,
      onEvent: (event, signals) => event.kind === 'metrics' && event.step === 3 && signals.ask('stop'),
    });
    const resumed = await tinyRun({ spec, pairs, runDir: part.runDir, cacheDir: part.cacheDir, resume: true });
    expect(resumed.weights).toEqual(whole.weights);
    expect(comparable(resumed.events)).toEqual(comparable(whole.events).slice(3));
  });

  it('that never moves is the cached one', async () => {
    const live = metricsOf((await run(1000, 1)).events).map((e) => [e.values['loss'], e.values['rewards/margins']]);
    const cached = metricsOf(
      (
        await tinyRun({
          spec: specOf({ method: { id: 'dpo' }, training: { maxSteps: 5, pairsPerStep: 3 } }),
          pairs: pairs.slice(0, 3),
        })
      ).events,
    );
    live.forEach(([loss, margins], i) => {
      expect(loss).toBeCloseTo(cached[i]!.values['loss']!, 6);
      expect(margins).toBeCloseTo(cached[i]!.values['rewards/margins']!, 6);
    });
  });
});

it('BCO’s running mean survives an interruption', async () => {
  const spec = specOf({ method: { id: 'bco_pair', variant: 'paper' }, training: { maxSteps: 4, pairsPerStep: 3 } });
  const whole = await tinyRun({ spec, pairs });
  const part = await tinyRun({
    spec,
    pairs,
    onEvent: (event, signals) => event.kind === 'metrics' && event.step === 2 && signals.ask('stop'),
  });
  const resumed = await tinyRun({ spec, pairs, runDir: part.runDir, cacheDir: part.cacheDir, resume: true });
  expect(resumed.weights).toEqual(whole.weights);
});
