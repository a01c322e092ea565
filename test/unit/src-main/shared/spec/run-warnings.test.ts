import { describe, expect, it } from 'vitest';
import { methodIds } from '../../../../../src-main/shared/catalogue/method-catalogue';
import { runWarnings, type RunFacts } from '../../../../../src-main/shared/spec/run-warnings';
import { runSpecSchema, type RunSpecInput } from '../../../../../src-main/shared/spec/run-spec';

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
        '41 rows of 931 are left out. Rows 3, 9, 12 and 37 more: The chosen response is empty. Row 991: Line 991 ' +
        'is not JSON.',
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

  it.each([1_000, 1_111, 9_601, 10_400, 999_999, 1_000_000, 30_000_000])(
    'name a share of %i pairs that, once set, no longer warns',
    (pairs) => {
      const hint = only('long-evaluation', {}, { totalSteps: 1, trainPairs: pairs - 501, heldPairs: 501 })?.hint;
      const share = Number(/evalFraction to ([\d.]+(?:e-\d+)?):/.exec(hint!)![1]);
      expect(Math.round(share * pairs)).toBeLessThanOrEqual(500);
      expect(Math.round(share * pairs)).toBeGreaterThan(450);
    },
  );

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

describe('what a warning says', () => {
  const said = (code: string, input: Partial<RunSpecInput>, change: Partial<RunFacts> = {}): string | null => {
    const found = only(code, input, change);
    return found ? `${found.level}: ${found.message} ${found.hint}` : null;
  };
  const group = (count: number, rows: readonly number[]) =>
    ({ code: 'empty-response', field: 'chosen', count, rows, message: 'Empty.' }) as const;

  it.each([
    [0, [], null],
    [1, [7], 'note: 1 row of 891 is left out. Row 7: Empty. Mend these rows, or go on without them.'],
    [2, [7, 9], 'note: 2 rows of 892 are left out. Rows 7, 9: Empty. Mend these rows, or go on without them.'],
    [
      4,
      [7, 9, 10],
      'note: 4 rows of 894 are left out. Rows 7, 9, 10 and 1 more: Empty. Mend these rows, or go on without them.',
    ],
    [10, [7], 'note: 10 rows of 900 are left out. Rows 7 and 9 more: Empty. Mend these rows, or go on without them.'],
    [
      18,
      [1234, 2, 3, 4],
      'note: 18 rows of 908 are left out. Rows 1\u202f234, 2, 3 and 15 more: Empty. Mend these rows, or go on ' +
        'without them.',
    ],
    [
      19,
      [1, 2, 3, 4],
      'warning: 19 rows of 909 are left out. Rows 1, 2, 3 and 16 more: Empty. Mend these rows, or go on without them.',
    ],
  ])('of %d rows left out', (count, rows, text) =>
    expect(said('left-out', {}, { leftOut: count === 0 ? [] : [group(count, rows)] })).toBe(text),
  );
  it('is a note up to two in a hundred', () =>
    expect(said('left-out', {}, { trainPairs: 89, heldPairs: 9, leftOut: [group(2, [1, 2])] })).toMatch(
      /^note: 2 rows of 100/,
    ));

  it.each([
    [{ repeatedPairs: 1 }, 'duplicates', /^note: 1 pair is in the data more than once and counts as often\. Remove/],
    [{ repeatedPairs: 2 }, 'duplicates', /^note: 2 pairs are in the data more than once and count as often\. Remove/],
    [{ repeatedPairs: 45, trainPairs: 800, heldPairs: 100 }, 'duplicates', /^note: /],
    [{ repeatedPairs: 46, trainPairs: 800, heldPairs: 100 }, 'duplicates', /^warning: /],
    [{ leakedPairs: 1 }, 'held-out-leak', /^warning: 1 held-out pair of 90 is trained on too, so .* Remove/],
    [{ leakedPairs: 3 }, 'held-out-leak', /^warning: 3 held-out pairs of 90 are trained on too, so .* Remove/],
    [{ trainPairs: 9, heldPairs: 0 }, 'no-held-out', /^warning: 9 pairs are too few .* Add pairs \(10 or more\)/],
    [
      { cutPairs: 90 },
      'cut',
      /^warning: 90 pairs of 890 are cut to 512 tokens: .* length numbers understate .* Raise training\.maxLength \(this model reads 8\u202f192 tokens\)/,
    ],
    [{ cutPairs: 445 }, 'cut', /^warning: 445 pairs/],
    [{ cutPairs: 446 }, 'most-cut', /^warning: Most pairs \(446 of 890\) are cut to 512 tokens: .* Raise/],
    [
      { cutPairs: 90, contextLength: 512 },
      'cut',
      / Take a model that reads more, or set training\.truncation to "drop"\.$/,
    ],
    [{ cutPairs: 90, contextLength: 256 }, 'cut', /are cut to 256 tokens: .* Take a model that reads more/],
    [
      { contextLength: 511 },
      'window',
      /^note: This model reads 511 tokens, so pairs are cut there and not at 512\. Set training\.maxLength to 511\.$/,
    ],
    [
      { medianAnswer: 65 },
      'short-probes',
      /^warning: Probe answers end after 64 tokens, but half of the chosen answers have 65 or more: growth beyond 64 would .* Set probes\.maxNewTokens to 144\.$/,
    ],
    [{ medianAnswer: 64.6 }, 'short-probes', /have 65 or more/],
    [{ medianAnswer: 3000 }, 'short-probes', / Set probes\.maxNewTokens to 4096\.$/],
    [{ medianAnswer: 500, contextLength: 301 }, 'short-probes', / Set probes\.maxNewTokens to 150\.$/],
    [
      { medianAnswer: 500, contextLength: 129 },
      'short-probes',
      / Take a model that reads more: this one reads 129 tokens, the prompt included\.$/,
    ],
    [
      { totalSteps: 19 },
      'few-probes',
      /^note: Probes are answered before the first and after the last step only: every 20 steps is longer than the run\. Set probes\.everySteps to 4\.$/,
    ],
    [{ totalSteps: 3 }, 'few-probes', / Set probes\.everySteps to 1\.$/],
    [
      { trainPairs: 3 },
      'large-batch',
      /^warning: A step takes 4 pairs, and there are 3 to train on: every step sees all of them\. Set training\.pairsPerStep to 1\.$/,
    ],
    [{ totalSteps: 9 }, 'few-steps', /^warning: Only 9 steps: too few to move a model\. Raise/],
    [{ totalSteps: 1 }, 'few-steps', /^warning: Only 1 step: /],
    [
      { warmupSteps: 200 },
      'long-warm-up',
      /^warning: Warm-up lasts the whole run \(200 steps\): .* Lower training\.warmupRatio/,
    ],
    [
      { totalSteps: 49 },
      'no-evaluation',
      /^warning: Held-out pairs are measured only at the end: every 50 steps is longer than the run of 49, so the last checkpoint is also the best one\. Set training\.evalEvery to 12\.$/,
    ],
    [{ totalSteps: 3 }, 'no-evaluation', / Set training\.evalEvery to 1\.$/],
    [
      { totalSteps: 49 },
      'no-checkpoint',
      /^note: The first checkpoint is written at the end \(step 49\): .* Set training\.checkpointEvery to 12\.$/,
    ],
  ] as const)('%j: %s', (change, code, text) => expect(said(code, {}, change)).toMatch(text));

  it.each([
    [{ leakedPairs: 0 }, 'held-out-leak'],
    [{ repeatedPairs: 0 }, 'duplicates'],
    [{ contextLength: 512 }, 'window'],
    [{ cutPairs: 89 }, 'cut'],
    [{ cutPairs: 446 }, 'cut'],
    [{ cutPairs: 445 }, 'most-cut'],
    [{ cutPairs: 0, trainPairs: 0, heldPairs: 0 }, 'cut'],
    [{ medianAnswer: 64 }, 'short-probes'],
    [{ totalSteps: 20 }, 'few-probes'],
    [{ trainPairs: 4 }, 'large-batch'],
    [{ totalSteps: 10 }, 'few-steps'],
    [{ warmupSteps: 199 }, 'long-warm-up'],
    [{ totalSteps: 50 }, 'no-evaluation'],
    [{ totalSteps: 3, heldPairs: 0 }, 'no-evaluation'],
    [{ totalSteps: 50 }, 'no-checkpoint'],
  ] as const)('%j: no word of %s', (change, code) => expect(said(code, {}, change)).toBeNull());

  it('is about the spec', () => {
    const sft = { method: { id: 'sft' }, objective: 'supervised' } as const;
    expect(said('cut', sft, { cutPairs: 100 })).toContain('and the model never sees how they end.');
    expect(said('no-evaluation', { training: { keepBest: false } }, { totalSteps: 40 })).toMatch(/the run of 40\. Set/);
    expect(said('no-evaluation', { dataset: { path: 'd', evalFraction: 0 } }, { totalSteps: 40 })).toBeNull();
    expect(said('long-warm-up', { rounds: 2 }, { stepsPerRound: 20 })).toContain(
      'Warm-up lasts every whole round (20 steps)',
    );
    expect(said('large-batch', { training: { pairsPerStep: 512 } })).toBeNull();
    expect(said('large-batch', { training: { pairsPerStep: 513 } }, { trainPairs: 513 })).toMatch(
      /^warning: 513 pairs a step are many/,
    );
    expect(said('large-batch', { training: { pairsPerStep: 600 } }, { trainPairs: 599 })).toMatch(
      / Set training\.pairsPerStep to 32\.$/,
    );
    expect(said('large-batch', { training: { pairsPerStep: 300 } }, { trainPairs: 299 })).toMatch(/ to 29\.$/);
    expect(said('small-batch', { method: { id: 'kto_pair' }, training: { pairsPerStep: 1 } })).toMatch(
      /; 1 pair a step is too few for that\. Set training\.pairsPerStep to 8 or more\.$/,
    );
    expect(said('small-batch', { method: { id: 'kto_pair' }, training: { pairsPerStep: 7 } })).toMatch(
      /; 7 pairs a step are too few/,
    );
    expect(said('small-batch', { method: { id: 'kto_pair' }, training: { pairsPerStep: 8 } })).toBeNull();
  });

  it('of rates has the ends of what is usual, and a value within them', () => {
    const rate = (learningRate: number, input: Partial<RunSpecInput> = {}) =>
      said('high-learning-rate', { ...input, training: { learningRate } }) ??
      said('low-learning-rate', { ...input, training: { learningRate } });
    expect([rate(2e-4), rate(1e-6), rate(1e-5, full), rate(1e-7, full)]).toEqual([null, null, null, null]);
    expect(rate(2.1e-4)).toMatch(
      /^warning: A learning rate of 2\.1e-4 is high: 1e-6 to 2e-4 is usual for LoRA, of any size\. .* Set training\.learningRate to 5e-5 or less\.$/,
    );
    expect(rate(0.012345)).toMatch(/rate of 0\.0123 is high/);
    expect(rate(0.001)).toMatch(/rate of 0\.001 is high/);
    expect(rate(9e-7)).toMatch(/^warning: A learning rate of 9e-7 is low: .* Set training\.learningRate to 1e-5\.$/);
    expect(rate(9e-8, full)).toMatch(/ Set training\.learningRate to 2\.5e-6\.$/);
    const sizes = [1e9, 999_999_999, 1e8, 99_999_999, 1e7, 9_999_999].map((parameters) =>
      said('high-learning-rate', { ...full, training: { learningRate: 1 } }, { parameters })!.replace(
        /.*1e-7 to (\S+) .*/,
        '$1',
      ),
    );
    expect(sizes).toEqual(['1e-5', '5e-5', '5e-5', '2e-4', '2e-4', '0.001']);
  });

  it.each([
    ['dpo', 0.005, 1],
    ['simpo', 1, 10],
    ['sigmoid_norm', 1, 10],
    ['orpo', 0.02, 2],
    ['sppo_hard', 1e-4, 0.2],
  ] as const)('of the betas of %s has the ends of what is usual', (id, low, high) => {
    const at = (beta: number) => said('beta', { method: { id, beta } });
    expect([at(low), at(high)]).toEqual([null, null]);
    expect(at(low * 0.99)).toMatch(/^warning: A beta of \S+ is far from what .* is used with: .* Set method\.beta/);
    if (high !== 10) expect(at(high * 1.01)).toMatch(/^warning: /);
  });
  it.each(['kto_pair', 'bco_pair', 'aot', 'aot_unpaired'] as const)('%s needs eight pairs a step', (id) =>
    expect([
      said('small-batch', { method: { id }, training: { pairsPerStep: 7 } }) === null,
      said('small-batch', { method: { id }, training: { pairsPerStep: 8 } }),
    ]).toEqual([false, null]),
  );
});
