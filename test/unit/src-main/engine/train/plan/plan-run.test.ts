import { describe, expect, it } from 'vitest';
import { loraPlan } from '../../../../../../src-main/engine/model/lora';
import type { ModelConfig } from '../../../../../../src-main/engine/families/registry';
import type { TokenizedPair } from '../../../../../../src-main/engine/batch/types';
import { chooseBuckets } from '../../../../../../src-main/engine/batch/buckets';
import { modelParameters, parameterCount } from '../../../../../../src-main/engine/program/load-weights';
import { memoryParts, totalBytes } from '../../../../../../src-main/engine/train/plan/memory';
import { planRun, type RunPlan } from '../../../../../../src-main/engine/train/plan/plan-run';
import type { PreparedData } from '../../../../../../src-main/engine/train/plan/prepare-data';
import { loraSpecs } from '../../../../../../src-main/engine/program/variables';
import type { ModelSource } from '../../../../../../src-main/engine/source/types';
import { runSpecSchema, type RunSpec, type RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';
import { tinyLlama } from '../../../../support/tiny-config';
import { characters } from '../../data/characters';

const pair = (row: number, tokens: number, completions = 20): TokenizedPair => ({
  row,
  promptIds: new Array<number>(tokens - completions + 2).fill(1),
  chosenIds: new Array<number>(completions / 2).fill(2),
  rejectedIds: new Array<number>(completions / 2).fill(3),
  cut: { prompt: 0, chosen: 0, rejected: 0 },
});
const pairs = Array.from({ length: 40 }, (_, i) => pair(i + 1, 30 + i));
const dataOf = (train: readonly TokenizedPair[], held: readonly TokenizedPair[] = []): PreparedData => ({
  train,
  held,
  prompts: [],
  trainedPrompts: new Set(),
  problems: [],
  warnings: [],
  notes: [],
  cutPairs: 0,
  droppedPairs: 0,
});
const specOf = (more: Partial<RunSpecInput> = {}): RunSpec =>
  runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, ...more });
const config = tinyLlama();
interface Given {
  readonly spec?: RunSpec;
  readonly config?: ModelConfig;
  readonly data?: PreparedData;
  readonly free?: number;
  readonly processors?: number;
  readonly adapter?: ReturnType<typeof loraPlan> | null;
}
const plan = ({
  spec = specOf(),
  data = dataOf(pairs),
  free = 64e9,
  processors = 1,
  adapter = null,
  ...more
}: Given): RunPlan =>
  planRun(spec, { source: { config: more.config ?? config } as ModelSource, chat: characters, adapter }, data, {
    free,
    processors,
  });

describe('a run’s plan', () => {
  it('has the steps, shapes, probes and parameters that follow from spec, model and data', () => {
    const found = plan({
      data: dataOf(pairs, [pair(99, 90)]),
      spec: specOf({ probes: { prompts: ['ab', 'abcd'], maxNewTokens: 7 } }),
    });
    expect(found.steps).toEqual({ stepsPerEpoch: 10, stepsPerRound: 10, rounds: 1, totalSteps: 10, pairsPerRound: 40 });
    expect(found.program.buckets.at(-1)!.tokens).toBe(96); // held-out pairs count
    expect(found.program.lanes.count).toBe(1);
    expect(found.probes.map(({ text, ids }) => [text, ids.length])).toEqual([
      ['ab', 3],
      ['abcd', 5],
    ]);
    expect(found.program.generation).toEqual({ rows: 2, promptTokens: 16, capacity: 23 });
    const lora = loraPlan(config, { rank: 16, alpha: 32, targets: 'all-linear' });
    expect(found.program).toMatchObject({
      lora,
      storage: 'f32',
      products: 'f32',
      liveReference: false,
      adamBetas: [0.9, 0.999],
      recomputedLayers: 0,
    });
    expect(found.trainableParameters).toBe(parameterCount(loraSpecs(config, lora)));
    expect(found.memoryBytes).toBe(totalBytes(found.memoryParts));
    expect([found.memoryParts.parameters, found.freeMemoryBytes]).toEqual([4 * modelParameters(config), 64e9]);
  });

  it('trains all weights in one lane where the spec has no adapter', () => {
    const found = plan({ spec: specOf({ adapter: { kind: 'none' } }), processors: 8 });
    expect([found.program.lora, found.trainableParameters]).toEqual([null, modelParameters(config)]);
    expect(found.program.lanes.count).toBe(1);
    expect(found.memoryParts).toMatchObject({ adapters: 0, optimizer: 8 * modelParameters(config) });
  });

  it('goes on with the rank and layers of an adapter that is given, but trains none where the spec says so', () => {
    const adapter = loraPlan(config, { rank: 3, alpha: 5, targets: 'mlp' });
    expect(plan({ adapter }).program.lora).toEqual(adapter);
    expect(plan({ adapter, spec: specOf({ adapter: { kind: 'none' } }) }).program.lora).toBeNull();
  });

  it('keeps frozen matrices in halves, vectors and adapters whole', () => {
    const found = plan({ spec: specOf({ training: { precision: 'bfloat16' } }) });
    expect(found.program.storage).toBe('bf16');
    // two norms a layer and the last one, 24 numbers each, stay float32
    const vectors = (2 * config.layers + 1) * config.width;
    expect(found.memoryParts.parameters).toBe(2 * (modelParameters(config) - vectors) + 4 * vectors);
    expect(
      plan({ spec: specOf({ adapter: { kind: 'none' }, training: { precision: 'float32' } }) }).program.storage,
    ).toBe('f32');
  });

  it('has a live reference and slots for the prompt where the method asks for them', () => {
    expect(plan({ spec: specOf({ method: { id: 'tdpo' } }) }).program.liveReference).toBe(true);
    const slots = (variant: 'paper' | 'seed'): number => {
      const { buckets } = plan({
        spec: specOf({ method: { id: 'orpo', variant } }),
        data: dataOf([pair(1, 50)]),
      }).program;
      return buckets[0]!.completions;
    };
    expect([slots('paper'), slots('seed')]).toEqual([24, 56]); // 20 of the answers; and 31 of 32 of the prompt
  });

  it('takes calls of as many rows as are fastest, fewer where memory is short, and those that somebody chose', () => {
    const even = dataOf(Array.from({ length: 40 }, (_, i) => pair(i + 1, 60)));
    const rows = (given: Given): number => plan({ data: even, ...given }).program.buckets[0]!.rows;
    expect(rows({})).toBe(4);
    const needs = (limit: 'auto' | number): number => {
      const found = plan({ data: even, spec: specOf({ training: { microBatchPairs: limit } }) });
      return found.memoryBytes / 0.8;
    };
    expect([rows({ free: needs('auto') + 1 }), rows({ free: needs('auto') - 1 })]).toEqual([4, 2]);
    expect([rows({ free: needs(2) - 1 }), rows({ free: 1 })]).toEqual([1, 1]);
    expect(rows({ free: 1, spec: specOf({ training: { microBatchPairs: 3 } }) })).toBe(3);
    expect(plan({ data: even, free: 1 }).program.recomputedLayers).toBe(config.layers);
  });

  it('runs calls at once where processors and pairs a step allow it, each lane with its share of the pairs', () => {
    const long = dataOf(Array.from({ length: 40 }, (_, i) => pair(i + 1, 120)));
    const found = plan({ data: long, processors: 2 });
    expect(found.program.lanes.count).toBe(2);
    expect(found.program.buckets[0]!.rows).toBe(2); // of 4 pairs a step
    expect(plan({ data: long, processors: 1 }).program.lanes.count).toBe(1);
    expect(
      plan({ data: long, processors: 2, spec: specOf({ training: { pairsPerStep: 1 } }) }).program.lanes.count,
    ).toBe(1);
    // two calls at once hold the activations of two
    const { buckets, lanes } = found.program;
    const one = memoryParts({
      program: { ...found.program, lanes: { count: 1, slotCost: 0 } },
      weightBytes: 0,
      trainableParameters: 0,
    });
    expect(found.memoryParts.activations).toBe(2 * one.activations);
    expect(found.memoryParts.gradients).toBe(2 * 4 * found.trainableParameters);
    expect([buckets.length, lanes.slotCost]).toEqual([1, expect.any(Number)]);
  });

  it('counts the two longest calls that can meet, though their shapes differ', () => {
    // one long pair among short ones: a long and a short call meet
    const mixed = dataOf([...Array.from({ length: 200 }, (_, i) => pair(i + 2, 100)), pair(1, 300)]);
    const spec = specOf({ training: { pairsPerStep: 2, epochs: 50 } });
    const found = plan({ data: mixed, processors: 2, spec });
    expect([found.program.lanes.count, found.program.buckets.map(({ tokens }) => tokens)]).toEqual([2, [104, 304]]);
    const of = (index: number): number =>
      memoryParts({
        program: { ...found.program, buckets: [found.program.buckets[index]!], lanes: { count: 1, slotCost: 0 } },
        weightBytes: 0,
        trainableParameters: 0,
      }).activations;
    expect(found.memoryParts.activations).toBe(of(0) + of(1));
  });

  it('weighs a completion token by the head’s share of the work, at most twice a token', () => {
    const slotCost = (given: ModelConfig): number => plan({ config: given, processors: 2 }).program.lanes.slotCost;
    const layers = modelParameters(config) - config.vocabulary * config.width;
    expect(slotCost(config)).toBeCloseTo((config.vocabulary * config.width) / layers, 12);
    const untied = tinyLlama({ tiedHead: false });
    expect(slotCost(untied)).toBeCloseTo((config.vocabulary * config.width) / layers, 12);
    expect(slotCost(tinyLlama({ vocabulary: 4000 }))).toBe(2);
  });

  it('asks for shapes as chooseBuckets gives them for this run', () => {
    const wide = Array.from({ length: 40 }, (_, i) => pair(i + 1, 30 + 8 * i));
    const spec = specOf({ training: { epochs: 30 } });
    const found = plan({ spec, data: dataOf(wide) });
    const sizes = wide.map(({ promptIds, chosenIds, rejectedIds }) => ({
      tokens: promptIds.length + chosenIds.length - 1 + rejectedIds.length - 1,
      completions: chosenIds.length + rejectedIds.length,
    }));
    const options = {
      pairsPerStep: 4,
      microBatchPairs: 'auto',
      steps: 300,
      slotCost: found.program.lanes.slotCost,
    } as const;
    expect(found.program.buckets).toEqual(chooseBuckets(sizes, options));
    expect(found.program.buckets.length).toBeGreaterThan(1);
    expect(plan({ spec: specOf({ training: { maxSteps: 1 } }), data: dataOf(wide) }).program.buckets).toHaveLength(1);
  });

  it('counts no more calls than can meet', () => {
    const given = [
      ...Array.from({ length: 200 }, (_, i) => pair(i + 11, 100)),
      ...Array.from({ length: 10 }, (_, i) => pair(i + 1, 600)),
    ];
    const found = plan({ data: dataOf(given), processors: 2, spec: specOf({ training: { epochs: 50 } }) });
    const { buckets, lanes } = found.program;
    expect([lanes.count, buckets.map(({ rows, tokens }) => [rows, tokens])]).toEqual([
      2,
      [
        [2, 104],
        [1, 608],
      ],
    ]);
    const long = memoryParts({
      program: { ...found.program, buckets: [buckets[1]!], lanes: { count: 1, slotCost: 0 } },
      weightBytes: 0,
      trainableParameters: 0,
    });
    expect(found.memoryParts.activations).toBe(2 * long.activations);
  });

  it('draws probes that leave room for an answer within the model’s window', () => {
    const prompt = (text: string) => ({ text, prompt: { kind: 'text', text } as const });
    const short = Array.from({ length: 6 }, (_, i) => prompt(`short ${i}`));
    const data = { ...dataOf(pairs), prompts: [prompt('long '.repeat(20)), ...short] };
    const drawn = (given: ModelConfig): readonly string[] =>
      plan({ data, config: given }).probes.map(({ text }) => text);
    expect(drawn(config)).toEqual(short.map(({ text }) => text)); // 101 of 128 tokens leave 27, not 64
    expect(drawn(tinyLlama({ contextLength: 256 }))[0]).toBe('long '.repeat(20));
  });
});
