import { describe, expect, it } from 'vitest';
import { methodIds } from '../../../../src-main/shared/method-catalogue';
import { runWarnings, type RunFacts } from '../../../../src-main/shared/run-warnings';
import { runSpecSchema, type RunSpecInput } from '../../../../src-main/shared/run-spec';

const paths = { model: { path: 'm' }, dataset: { path: 'd' } };
const facts: RunFacts = {
  parameters: 8e9,
  contextLength: 8192,
  totalSteps: 200,
  stepsPerRound: 200,
  warmupSteps: 20,
  trainPairs: 800,
  heldPairs: 90,
  cutPairs: 0,
  leftOut: [],
  repeatedPairs: 0,
  leakedPairs: 0,
  medianAnswer: 60,
};
const codes = (input: Partial<RunSpecInput>, change: Partial<RunFacts> = {}): readonly string[] =>
  runWarnings(runSpecSchema.parse({ ...paths, ...input }), { ...facts, ...change }).map(({ code }) => code);
const only = (code: string, input: Partial<RunSpecInput>, change: Partial<RunFacts> = {}) =>
  runWarnings(runSpecSchema.parse({ ...paths, ...input }), { ...facts, ...change }).find(
    (warning) => warning.code === code,
  );
const full = { adapter: { kind: 'none' } } as const;

describe('warnings before a run', () => {
  it('are none for the defaults on data that fit', () => {
    expect(codes({})).toEqual([]);
  });

  it('name every learning rate that is far from what works for adapter and size', () => {
    const at = (learningRate: number, input: Partial<RunSpecInput> = {}, parameters = 8e9) =>
      codes({ ...input, training: { learningRate } }, { parameters });
    expect(at(1e-3)).toEqual(['high-learning-rate']);
    expect(at(1e-7)).toEqual(['low-learning-rate']);
    expect(at(4e-7, full)).toEqual([]); // the paper, at 8 billion
    expect(at(5e-5, full)).toEqual(['high-learning-rate']);
    expect(at(5e-5, full, 380_000)).toEqual([]); // the sample
    expect(at(5e-5, full, 5e8)).toEqual([]);
    expect(at(1e-3, { method: { id: 'sft' }, objective: 'supervised' })).toEqual([]);
    expect(only('high-learning-rate', { ...full, training: { learningRate: 5e-5 } })?.message).toMatch(
      /5e-5 is high: 1e-7 to 1e-5 is usual for full fine-tuning of a model of this size/,
    );
  });

  it('know that sums and means take other betas', () => {
    expect(codes({ method: { id: 'simpo', beta: 0.1 } })).toEqual(['beta']);
    expect(codes({ method: { id: 'simpo' } })).toEqual([]);
    expect(codes({ method: { id: 'dpo', beta: 5 } })).toEqual(['beta']);
    expect(codes({ method: { id: 'sigmoid_norm', beta: 5 } })).toEqual([]);
    expect(codes({ method: { id: 'sppo_hard', beta: 0.001 } })).toEqual([]);
    // a method's own default is not warned of, but where a published value is far from it
    const warned = methodIds.filter((id) =>
      codes({ method: { id }, ...(id === 'sft' ? { objective: 'supervised' as const } : {}) }).includes('beta'),
    );
    expect(warned).toEqual(['sigmoid_norm']);
  });

  it('name batches that a method or the data cannot use', () => {
    expect(codes({ method: { id: 'kto_pair' } })).toEqual(['small-batch']);
    expect(codes({ method: { id: 'kto_pair' }, training: { pairsPerStep: 16 } })).toEqual([]);
    expect(codes({ training: { pairsPerStep: 64 } }, { trainPairs: 20, heldPairs: 2 })).toEqual(['large-batch']);
    expect(codes({ training: { pairsPerStep: 600 } })).toEqual(['large-batch']);
  });

  it('say what is left out, by reason with rows, and what is there twice', () => {
    const leftOut = [
      {
        code: 'empty-response',
        field: 'chosen',
        count: 40,
        rows: [3, 9, 12, 15],
        message: 'The chosen response is empty.',
      },
      { code: 'not-json', field: '', count: 1, rows: [991], message: 'Line 991 is not JSON.' },
    ] as const;
    const warning = only('left-out', {}, { leftOut });
    expect(warning).toMatchObject({
      level: 'warning',
      message:
        '41 rows of 931 are left out. Rows 3, 9, 12 and 37 more: The chosen response is empty. Row 991: Line 991 is not JSON.',
    });
    expect(only('left-out', {}, { leftOut: [leftOut[1]] })?.level).toBe('note');
    expect(codes({}, { repeatedPairs: 100 })).toEqual(['duplicates']);
    expect(codes({}, { repeatedPairs: 3, leakedPairs: 3 })).toEqual(['held-out-leak', 'duplicates']);
  });

  it('say when held-out pairs would tell nothing', () => {
    expect(codes({}, { totalSteps: 30, stepsPerRound: 30, warmupSteps: 3 })).toEqual([
      'no-evaluation',
      'no-checkpoint',
    ]);
    expect(only('no-evaluation', { training: { earlyStopping: {} } }, { totalSteps: 40 })).toMatchObject({
      message: expect.stringMatching(/cannot stop early/),
      hint: 'Set training.evalEvery to 10.',
    });
    expect(codes({}, { trainPairs: 9, heldPairs: 0, totalSteps: 60 })).toEqual(['no-held-out']);
    expect(only('no-held-out', { dataset: { path: 'd', evalFraction: 0 } }, { heldPairs: 0 })?.level).toBe('note');
  });

  it('say when held-out pairs take more time than training', () => {
    // 200 steps of 4 pairs, measured every 50: 4 · held against 3 · 800
    const pace = { trainPairs: 900_000, heldPairs: 100_000 };
    expect(only('long-evaluation', {}, pace)).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('100\u202f000 are measured 4 times, and 800 pairs are trained.'),
      hint: expect.stringContaining('Set dataset.evalFraction to 0.0005: 500 pairs'),
    });
    expect(codes({}, { trainPairs: 9000, heldPairs: 600 })).toEqual([]);
    expect(codes({}, { trainPairs: 9000, heldPairs: 601 })).toEqual(['long-evaluation']);
    expect(codes({ training: { evalEvery: 10 } }, { trainPairs: 9000, heldPairs: 500 })).toEqual([]); // few enough
    expect(only('long-evaluation', { training: { pairsPerStep: 1 } }, { ...pace, totalSteps: 1 })?.message).toContain(
      '100\u202f000 are measured once, and 1 pair is trained.',
    );
  });

  it('say when answers are cut, or probes too short to show growth', () => {
    expect(codes({}, { cutPairs: 80 })).toEqual([]);
    expect(codes({}, { cutPairs: 100 })).toEqual(['cut']);
    expect(codes({}, { cutPairs: 600 })).toEqual(['most-cut']);
    expect(only('short-probes', {}, { medianAnswer: 500 })).toMatchObject({
      level: 'warning',
      hint: 'Set probes.maxNewTokens to 1008.',
    });
    expect(codes({ training: { maxLength: 9000 } })).toEqual(['window']);
    expect(codes({ probes: { everySteps: 500 } })).toEqual(['few-probes']);
  });

  it('say when a run is over before it begins, or loses all', () => {
    expect(
      codes({ training: { evalEvery: 2, checkpointEvery: 2 }, probes: { everySteps: 2 } }, { totalSteps: 5 }),
    ).toEqual(['few-steps']);
    expect(codes({}, { warmupSteps: 200 })).toEqual(['long-warm-up']);
    expect(codes({ training: { checkpointEvery: 500 } })).toEqual(['no-checkpoint']);
  });

  it('have something to do each', () => {
    const all = runWarnings(
      runSpecSchema.parse({ ...paths, training: { learningRate: 1, pairsPerStep: 1000, maxLength: 9000 } }),
      { ...facts, totalSteps: 3, warmupSteps: 300, cutPairs: 890, repeatedPairs: 5, leakedPairs: 1 },
    );
    expect(all.length).toBeGreaterThan(7);
    for (const { code, hint } of all) expect(hint, code).toMatch(/\.$/);
    expect(all.findIndex(({ level }) => level === 'note')).toBeGreaterThan(
      all.findLastIndex(({ level }) => level === 'warning'),
    );
  });
});
