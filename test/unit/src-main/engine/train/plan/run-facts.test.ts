import { describe, expect, it } from 'vitest';
import { loraPlan } from '../../../../../../src-main/engine/model/lora';
import type { LoraPlan } from '../../../../../../src-main/engine/model/lora-plan';
import type { RunPlan } from '../../../../../../src-main/engine/train/plan/plan-run';
import type { PreparedData } from '../../../../../../src-main/engine/train/plan/prepare-data';
import {
  medianAnswer,
  notesOf,
  pairTokens,
  runFacts,
  warningsOf,
} from '../../../../../../src-main/engine/train/plan/run-facts';
import type { TokenizedPair } from '../../../../../../src-main/engine/batch/types';
import type { StoredType } from '../../../../../../src-main/engine/weights/types';
import type { ModelSource } from '../../../../../../src-main/engine/source/types';
import { runSpecSchema, type RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';
import { noMemory } from '../../../../support/memory-parts';
import { tinyLlama } from '../../../../support/tiny-config';

const ids = (n: number, first = 1): readonly number[] => Array.from({ length: n }, (_, i) => first + i);
const uncut = { prompt: 0, chosen: 0, rejected: 0 };
const pair = (
  promptIds: readonly number[],
  chosenIds: readonly number[],
  rejectedIds: readonly number[],
  cut = uncut,
): TokenizedPair => ({ row: 1, promptIds, chosenIds, rejectedIds, cut });
const answer = (n: number, cut = 0): TokenizedPair => pair([1], ids(n), [1], { ...uncut, chosen: cut });

describe('the middle of the answers’ lengths', () => {
  it.each<[string, readonly TokenizedPair[], number]>([
    ['none', [], 0],
    ['one', [answer(7)], 7],
    ['an odd number, in any order', [answer(9), answer(2), answer(5)], 5],
    ['an even number: between the two', [answer(10), answer(2), answer(9), answer(5)], 7],
    ['what the cut took counts', [answer(4, 100), answer(2), answer(5)], 5],
    ['numbers, not texts', [answer(10), answer(9), answer(100)], 10],
  ])('%s', (_, pairs, median) => expect(medianAnswer(pairs)).toBe(median));
});

describe('tokens of the longest pairs', () => {
  it('are prompt and longer answer before cutting', () => {
    expect(pairTokens([])).toEqual({ most: 0, longest: 0 });
    expect(pairTokens([pair(ids(3), ids(4), ids(2))])).toEqual({ most: 7, longest: 7 });
    expect(pairTokens([pair(ids(3), ids(2), ids(5))])).toEqual({ most: 8, longest: 8 });
    const cut = { prompt: 10, chosen: 100, rejected: 1000 };
    expect(pairTokens([pair(ids(3), ids(4), ids(2), cut)])).toEqual({ most: 3 + 10 + 2 + 1000, longest: 1015 });
    expect(pairTokens([pair(ids(3), ids(4), ids(2), { ...cut, rejected: 1 })]).longest).toBe(3 + 10 + 4 + 100);
  });
  it('leave out one of a hundred', () => {
    const pairs = Array.from({ length: 200 }, (_, i) => pair([1], ids(200 - i), [1])); // 2 to 201 tokens
    expect(pairTokens(pairs)).toEqual({ most: 199, longest: 201 }); // ⌈0.99 · 200⌉ = the 198th
    expect(pairTokens(pairs.slice(101))).toEqual({ most: 100, longest: 100 }); // ⌈98.01⌉ = the last of 99
  });
});

const config = tinyLlama();
const source = (type: StoredType = 'F32', over = config): ModelSource =>
  ({
    config: over,
    tensors: new Map([
      ['a', { type: 'F32' }],
      ['b', { type }],
    ]),
  }) as unknown as ModelSource;
const spec = (more: Partial<RunSpecInput> = {}) =>
  runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, ...more });
const data = (more: Partial<PreparedData> = {}): PreparedData => ({
  train: [],
  held: [],
  prompts: [],
  trainedPrompts: new Set(),
  problems: [],
  warnings: [],
  notes: [],
  cutPairs: 0,
  droppedPairs: 0,
  ...more,
});
const parts = { ...noMemory, runtime: 1e9 };
const plan = (lora: LoraPlan | null = null, freeMemoryBytes = 64e9): RunPlan =>
  ({
    steps: { stepsPerEpoch: 50, stepsPerRound: 101, rounds: 2, totalSteps: 202, pairsPerRound: 10 },
    program: { lora },
    memoryParts: parts,
    freeMemoryBytes,
  }) as unknown as RunPlan;

describe('what warnings are made of', () => {
  it('is what the plan, the data and the model say', () => {
    const problems = [{ code: 'not-json' as const, count: 3, rows: [1, 2, 3], message: 'x' }];
    const facts = runFacts(
      spec({ training: { warmupRatio: 0.1 } }),
      data({
        train: [answer(3), answer(5), answer(11, 2)],
        held: [answer(7)],
        cutPairs: 4,
        droppedPairs: 9,
        problems: problems as unknown as PreparedData['problems'],
      }),
      plan(),
      source(),
    );
    expect(facts).toEqual({
      // embedding 31 · 24; a layer: q and o 24 · 24, k and v 12 · 24, three of 40 · 24, two norms of 24; a last norm
      parameters: 31 * 24 + 2 * (2 * 24 * 24 + 2 * 12 * 24 + 3 * 40 * 24 + 2 * 24) + 24,
      contextLength: 128,
      totalSteps: 202,
      stepsPerRound: 101,
      warmupSteps: 11, // ⌈0.1 · 101⌉: of a round
      trainPairs: 3,
      heldPairs: 1,
      cutPairs: 4,
      leftOut: problems,
      repeatedPairs: 0,
      leakedPairs: 0,
      medianAnswer: 6, // of 3, 5, 7, 13
    });
  });

  const a = pair([1, 2], [3, 4], [5]);
  const b = pair([1, 2], [3, 4], [6]);
  const c = pair([1, 2], [3], [4, 5]); // a's ids, parted elsewhere
  const d = pair([1], [2, 3, 4], [5]);
  const e = pair([2, 1], [3, 4], [5]); // another order
  it.each<[string, readonly TokenizedPair[], readonly TokenizedPair[], number, number]>([
    ['all different', [a, b, c], [d, e], 0, 0],
    ['twice trained', [a, b, a], [c], 1, 0],
    ['three times trained', [a, a, a], [], 2, 0],
    ['held out and trained', [a, b], [a, c], 1, 1],
    ['held out twice and trained', [a], [a, a], 2, 2],
    ['held out twice', [a], [b, b], 1, 0],
    ['all of it', [a, a, b], [a, c, c], 3, 1],
  ])('pairs with the same tokens: %s', (_, train, held, repeatedPairs, leakedPairs) => {
    expect(runFacts(spec(), data({ train, held }), plan(), source())).toMatchObject({ repeatedPairs, leakedPairs });
  });
  it('tells many pairs apart, and finds the one that is there twice', () => {
    const random = Array.from({ length: 20_000 }, (_, i) => pair([i], [i % 7, i % 11], [i % 13]));
    expect(runFacts(spec(), data({ train: [...random, random[777]!] }), plan(), source()).repeatedPairs).toBe(1);
  });
});

describe('warnings before a run', () => {
  const codes = (...given: Parameters<typeof warningsOf>): readonly string[] =>
    warningsOf(...given)
      .map(({ code, level }) => `${code} ${level}`)
      .filter((name) => /memory|tensor|quantized|adapter|swapped|data-/.test(name));
  const full = spec({ adapter: { kind: 'none' } });
  const lora = spec({ adapter: { kind: 'lora' } });

  it('none of its own where nothing is wrong', () => {
    expect(codes(full, data(), plan(), source())).toEqual([]);
    expect(codes(lora, data(), plan(), source('Q8_0'))).toEqual([]);
  });
  it('memory that is short, a tensor that is too large, weights that are rounded', () => {
    expect(codes(full, data(), plan(null, 0.5e9), source())).toEqual(['memory warning']);
    expect(codes(full, data(), plan(null, 1.1e9), source())).toEqual(['memory warning']);
    const huge = source('F32', tinyLlama({ vocabulary: 2 ** 24, width: 4096 }));
    expect(codes(full, data(), plan(), huge)).toEqual(['tensor-size warning']);
    const rounded = warningsOf(full, data(), plan(), source('Q4_1'));
    expect(rounded.find(({ code }) => code === 'quantized')).toEqual({
      code: 'quantized',
      level: 'warning',
      message: 'The model’s weights are quantized (Q4_1); full fine-tuning starts from the rounded values.',
      hint: 'Take the original model, or a LoRA adapter.',
    });
    for (const type of ['F32', 'F16', 'BF16'] as const) expect(codes(full, data(), plan(), source(type))).toEqual([]);
  });
  it('what the file says of its rows: exchanged answers are warnings, notes are counted', () => {
    const swapped = { code: 'swapped' as const, count: 1, rows: [4], message: 'Row 4 has them the other way.' };
    const repeated = { code: 'duplicate' as const, count: 1, rows: [5], message: 'x' };
    const warnings = [repeated, swapped] as unknown as PreparedData['warnings'];
    expect(codes(full, data({ warnings, notes: ['one', 'two'] }), plan(), source())).toEqual([
      'swapped warning',
      'data-1 note',
      'data-2 note',
    ]);
    const told = warningsOf(full, data({ notes: ['one', 'two'] }), plan(), source()).slice(-2);
    expect(told).toEqual([
      { code: 'data-1', level: 'note', message: 'one', hint: '' },
      { code: 'data-2', level: 'note', message: 'two', hint: '' },
    ]);
  });
});

describe('an adapter to go on with', () => {
  const size = { rank: 16, alpha: 32, targets: 'all-linear' } as const;
  const inUse = loraPlan(config, size);
  const of = (adapter: object, found: LoraPlan | null = inUse) =>
    warningsOf(spec({ adapter: { kind: 'lora', from: '/a', ...adapter } }), data(), plan(found), source()).filter(
      ({ code }) => code === 'adapter-size',
    );

  it('says nothing where spec and adapter agree, or none is named', () => {
    expect(of(size)).toEqual([]);
    expect(of({ ...size, rank: 3, from: null })).toEqual([]);
    expect(of({ ...size, rank: 3 }, null)).toEqual([]);
    expect(
      warningsOf(spec({ adapter: { kind: 'none' } }), data(), plan(inUse), source()).map((w) => w.code),
    ).not.toContain('adapter-size');
  });
  it.each<[object, string]>([
    [{ rank: 8 }, 'The spec’s adapter.rank 8 has no effect.'],
    [{ alpha: 8 }, 'The spec’s adapter.alpha 8 has no effect.'],
    [{ targets: 'attention' }, 'The spec’s adapter.targets attention has no effect.'],
    [{ targets: ['q_proj', 'v_proj'] }, 'The spec’s adapter.targets q_proj, v_proj has no effect.'],
    [{ rank: 8, alpha: 9 }, 'The spec’s adapter.rank 8, adapter.alpha 9 have no effect.'],
    [
      { rank: 8, alpha: 9, targets: 'mlp' },
      'The spec’s adapter.rank 8, adapter.alpha 9, adapter.targets mlp have no effect.',
    ],
  ])('names what of %j it does not follow', (change, words) => {
    const [warning] = of({ ...size, ...change });
    expect(warning!.level).toBe('warning');
    expect(warning!.message).toMatch(/^The run goes on with \/a as it is: /);
    expect(warning!.message.endsWith(` ${words}`), warning!.message).toBe(true);
  });
  it('is a note where the spec has the defaults', () => {
    const other = loraPlan(config, { rank: 3, alpha: 5, targets: 'mlp' });
    const [note] = of({}, other);
    expect([
      note!.level,
      note!.message.endsWith('have no effect (the defaults, where the spec says nothing).'),
    ]).toEqual(['note', true]);
    expect(of({ rank: 99 }, other)[0]!.level).toBe('warning');
    expect(of({ alpha: 99 }, other)[0]!.level).toBe('warning');
    expect(of({ targets: 'attention' }, other)[0]!.level).toBe('warning');
  });
  it('with a module of its own size differs too', () => {
    const own = { ...inUse, own: { [inUse.modules[1]!]: { rank: 2, alpha: 32 } } };
    expect(of(size, own)[0]!.message).toMatch(/adapter\.rank 16 has no effect/);
  });
});

it('notes of a model or an adapter are numbered', () => {
  expect(notesOf('model', null)).toEqual([]);
  expect(notesOf('adapter', { notes: ['a', 'b'] })).toEqual([
    { code: 'adapter-1', level: 'note', message: 'The adapter: a', hint: '' },
    { code: 'adapter-2', level: 'note', message: 'The adapter: b', hint: '' },
  ]);
});
