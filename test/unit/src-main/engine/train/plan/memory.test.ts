import { describe, expect, it } from 'vitest';
import { loraPlan } from '../../../../../../src-main/engine/model/lora';
import { oneLane } from '../../../../../../src-main/engine/batch/lanes';
import { modelParameters, parameterCount } from '../../../../../../src-main/engine/program/load-weights';
import { mostTensorBytes } from '../../../../../../src-main/engine/backends/tensorflow/allocator';
import {
  fitPlan,
  memoryAdvice,
  memoryParts,
  memoryWarning,
  tensorWarning,
  totalBytes,
} from '../../../../../../src-main/engine/train/plan/memory';
import { loraSpecs } from '../../../../../../src-main/engine/program/variables';
import type { ModelConfig } from '../../../../../../src-main/engine/families/registry';
import type { TrainProgramPlan } from '../../../../../../src-main/engine/program/types';
import type { Bucket } from '../../../../../../src-main/engine/batch/types';
import type { MemoryParts } from '../../../../../../src-main/shared/runs/memory-parts';
import { runSpecSchema, type RunSpecInput } from '../../../../../../src-main/shared/spec/run-spec';
import { noMemory } from '../../../../support/memory-parts';
import { tinyLlama } from '../../../../support/tiny-config';

const starter = tinyLlama({ layers: 3, width: 96, heads: 4, kvHeads: 4, headDim: 24, ffWidth: 256, vocabulary: 588 });
const of23m = tinyLlama({ layers: 6, width: 512, heads: 8, kvHeads: 8, headDim: 64, ffWidth: 1376, vocabulary: 8192 });
const smol = tinyLlama({
  layers: 30,
  width: 576,
  heads: 9,
  kvHeads: 3,
  headDim: 64,
  ffWidth: 1536,
  vocabulary: 49152,
  contextLength: 8192,
});

interface Case extends Partial<Omit<TrainProgramPlan, 'config' | 'lora' | 'method'>> {
  readonly config?: ModelConfig;
  readonly lora?: boolean;
  readonly weightBytes?: number;
  readonly method?: RunSpecInput['method'];
  readonly atOnce?: readonly number[];
}

function parts({ config = smol, lora = true, weightBytes, method, atOnce, ...more }: Case): MemoryParts {
  const adapter = lora ? loraPlan(config, { rank: 16, alpha: 32, targets: 'all-linear' }) : null;
  const full = runSpecSchema.parse({ model: { path: 'm' }, dataset: { path: 'd' }, method }).method;
  const program: TrainProgramPlan = {
    config,
    lora: adapter,
    storage: 'f32',
    products: 'f32',
    method: full,
    liveReference: false,
    adamBetas: [0.9, 0.999],
    buckets: shape(1, 512),
    generation: null,
    recomputedLayers: 0,
    lanes: oneLane,
    ...more,
  };
  return memoryParts({
    program,
    weightBytes: weightBytes ?? 4 * modelParameters(config),
    trainableParameters: lora ? parameterCount(loraSpecs(config, adapter)) : modelParameters(config),
    atOnce: atOnce ?? [],
  });
}
const bytes = (plan: Case): number => totalBytes(parts(plan));
const shape = (rows: number, tokens: number, completions = Math.round(0.56 * rows * tokens)): readonly Bucket[] => [
  { rows, tokens, completions },
];
const probes = (promptTokens: number): TrainProgramPlan['generation'] => ({
  rows: 6,
  promptTokens,
  capacity: promptTokens + 64,
});

/** Two calls of one bucket at once. */
const twice = (bucket: number): Pick<Case, 'lanes' | 'atOnce'> => ({
  lanes: { count: 2, slotCost: 0.25 },
  atOnce: [bucket, bucket],
});

describe('memoryParts', () => {
  // Highest resident size of the training process in MB, TensorFlow 2.21 on Linux, 2 cores: test/bench/memory.mjs,
  // RESULTS.md "Memory"
  it.each<[string, number, Case]>([
    ['the starter model', 524, { config: starter, lora: false, buckets: shape(2, 480, 872), generation: probes(128) }],
    ['LoRA of 23 M', 916, { config: of23m, buckets: shape(1, 992, 952), generation: probes(128) }],
    [
      'LoRA of 23 M in lanes',
      1034,
      { config: of23m, buckets: shape(1, 992, 952), generation: probes(128), ...twice(0) },
    ],
    ['23 M in full', 1368, { config: of23m, lora: false, buckets: shape(1, 992, 952), generation: probes(128) }],
    ['LoRA of 135 M, short rows', 2043, { buckets: shape(2, 512, 968), generation: probes(64) }],
    ['LoRA of 135 M', 2030, { buckets: [...shape(1, 448, 368), ...shape(1, 1024, 1000)], generation: probes(64) }],
    [
      'LoRA of 135 M in lanes',
      2907,
      { buckets: [...shape(1, 448, 368), ...shape(1, 1024, 1000)], generation: probes(64), ...twice(1) },
    ],
    [
      'LoRA of 135 M, long rows',
      2486,
      { buckets: [...shape(1, 448, 368), ...shape(1, 1216, 1144), ...shape(1, 1600, 1576)], generation: probes(64) },
    ],
    [
      'LoRA of 135 M, long rows in lanes',
      3776,
      {
        buckets: [...shape(1, 448, 368), ...shape(1, 1216, 1144), ...shape(1, 1600, 1576)],
        generation: probes(64),
        ...twice(2),
      },
    ],
    [
      'LoRA of 135 M in five shapes',
      2110,
      {
        buckets: [
          ...shape(1, 120, 104),
          ...shape(1, 448, 368),
          ...shape(1, 704, 688),
          ...shape(1, 992, 952),
          ...shape(1, 1024, 1000),
        ],
        generation: probes(64),
      },
    ],
    ['135 M in full', 4598, { lora: false, buckets: shape(2, 512, 968), generation: probes(64) }],
    [
      'TDPO with LoRA of 135 M',
      2327,
      {
        method: { id: 'tdpo' },
        liveReference: true,
        buckets: [...shape(1, 448, 368), ...shape(1, 1024, 1000)],
        generation: probes(64),
      },
    ],
    [
      'TDPO with LoRA of 135 M in lanes',
      3330,
      {
        method: { id: 'tdpo' },
        liveReference: true,
        buckets: [...shape(1, 448, 368), ...shape(1, 1024, 1000)],
        generation: probes(64),
        ...twice(1),
      },
    ],
    [
      'LoRA of 135 M stored as bfloat16',
      1930,
      {
        storage: 'bf16',
        weightBytes: 2 * 134_515_008,
        buckets: [...shape(1, 448, 368), ...shape(1, 1024, 1000)],
        generation: probes(64),
      },
    ],
  ])('foretells %s (%i MB) within 15 %%', (_name, measured, plan) => {
    const error = bytes(plan) / (measured * 1e6) - 1;
    expect(Math.abs(error), `${Math.round(100 * error)} %`).toBeLessThan(0.15);
  });
  it('is made of parts, each of which follows from the plan', () => {
    const weights = modelParameters(smol);
    const adapter = parts({});
    expect([adapter.parameters, adapter.adapters, adapter.optimizer, adapter.gradients]).toEqual([
      4 * weights,
      4 * 4_884_480,
      8 * 4_884_480,
      4 * 4_884_480,
    ]);
    expect([adapter.liveReference, adapter.generation, adapter.updates]).toEqual([0, 0, 0]);
    const full = parts({ lora: false, liveReference: true, buckets: shape(1, 64) });
    expect([full.adapters, full.optimizer, full.liveReference]).toEqual([0, 8 * weights, 4 * weights]);
    expect(full.updates + full.activations + full.logits).toBe(4 * weights); // an update comes after the step
    expect(parts({ method: { id: 'tdpo' }, liveReference: true }).logits).toBeGreaterThan(adapter.logits); // the reference's logits beside the policy's
    expect(parts({ generation: { rows: 6, promptTokens: 512, capacity: 576 } }).generation).toBe(
      2 * 2 * 4 * 30 * 6 * 3 * 576 * 64,
    );
    expect([1, 2, 4].map((n) => parts({ buckets: Array.from({ length: n }, () => shape(1, 64)[0]!) }).graphs)).toEqual(
      [0, 1, 3].map((more) => more * 30 * 0.9 * 2 ** 20),
    );
    expect(adapter.runtime).toBe(450 * 2 ** 20);
    // what loads and what is fetched: an adapter's activations find room in half of what loading left
    expect([adapter.transfer, full.transfer]).toEqual([
      128 * 2 ** 20 + 3 * 4 * 4_884_480,
      2 * 128 * 2 ** 20 + 64 * 2 ** 20,
    ]);
    expect(parts({ weightBytes: 1000 }).transfer).toBe(1000 + 3 * 4 * 4_884_480);
    // the shape that takes most
    expect(parts({ buckets: [...shape(1, 512), ...shape(1, 64)] }).activations).toBe(adapter.activations);
  });
  it('counts the calls that meet in lanes together, and a gradient for each lane', () => {
    const buckets = [...shape(1, 448, 368), ...shape(1, 1024, 1000)];
    const [short, long] = buckets.map((bucket) => parts({ buckets: [bucket] })) as [MemoryParts, MemoryParts];
    const both = parts({ buckets, lanes: { count: 2, slotCost: 0.25 }, atOnce: [1, 0] });
    expect([both.activations, both.logits]).toEqual([long.activations + short.activations, long.logits + short.logits]);
    expect([both.gradients, both.optimizer]).toEqual([2 * long.gradients, long.optimizer]);
  });
  it('keeps less the more layers are recomputed', () => {
    const kept = [0, 10, 20, 30].map((recomputedLayers) => parts({ recomputedLayers }).activations);
    expect(kept).toEqual([...kept].sort((a, b) => b - a));
    expect((kept[0]! - kept[1]!) / (kept[1]! - kept[2]!)).toBeCloseTo(1, 1); // a layer more, its products less
    expect(kept[3]!).toBeLessThan(0.35 * kept[0]!);
  });
});

describe('fitPlan', () => {
  const shapes = [4, 2, 1].map((rows) => () => ({ buckets: shape(rows, 512), lanes: oneLane }));
  const fit = (free: number): readonly [rows: number, recomputedLayers: number] => {
    const { buckets, recomputedLayers } = fitPlan(shapes, 30, parts, free);
    return [buckets[0]!.rows, recomputedLayers];
  };
  const room = (rows: number, recomputedLayers = 0): number =>
    bytes({ buckets: shape(rows, 512), recomputedLayers }) / 0.8;
  it('takes fewer rows a call first, then recomputes whole layers, as few as it must', () => {
    expect(fit(64e9)).toEqual([4, 0]);
    expect(fit(room(4) - 1)).toEqual([2, 0]);
    expect(fit(room(2) - 1)).toEqual([1, 0]);
    expect(fit(room(1) - 1)).toEqual([1, 1]);
    expect(fit(room(1, 17) + 1)).toEqual([1, 17]);
  });
  it('takes the candidates as they come: all lanes with fewer rows, then one lane', () => {
    const candidates = [2, 1].flatMap((count) =>
      [2, 1].map((rows) => () => ({ buckets: shape(rows, 512), lanes: { count, slotCost: 0.25 } })),
    );
    const found = (free: number): readonly [lanes: number, rows: number] => {
      const { buckets, lanes } = fitPlan(candidates, 30, (plan) => parts({ ...plan, atOnce: [0, 0] }), free);
      return [lanes.count, buckets[0]!.rows];
    };
    const needs = (count: number, rows: number): number =>
      bytes({ buckets: shape(rows, 512), lanes: { count, slotCost: 0.25 }, atOnce: [0, 0] }) / 0.8;
    expect(found(64e9)).toEqual([2, 2]);
    expect(found(needs(2, 2) - 1)).toEqual([2, 1]);
    expect(found(needs(2, 1) - 1)).toEqual([1, 2]); // as many activations, one gradient fewer
    expect(found(needs(1, 1) + 1)).toEqual([1, 1]);
  });
  it('gives its smallest plan where nothing fits, which the warning then names', () => {
    expect(fit(1e8)).toEqual([1, 30]);
  });
});

describe('tensorWarning', () => {
  it('names the weight that is too large for the runtime, at any storage', () => {
    expect(tensorWarning(smol)).toBeNull();
    const llama3 = tinyLlama({
      layers: 2,
      width: 4096,
      heads: 32,
      kvHeads: 8,
      headDim: 128,
      ffWidth: 14336,
      vocabulary: 128256,
      tiedHead: false,
    });
    expect(tensorWarning(llama3, mostTensorBytes(null))).toMatch(
      /^model\.embed_tokens\.weight takes 2\.0 GB as float32; .* up to 1\.0 GB\.$/,
    );
    expect(tensorWarning(llama3, mostTensorBytes('heap'))).toBeNull();
  });
});

describe('memoryAdvice', () => {
  const GB = 2 ** 30;
  it.each<[string, Partial<MemoryParts>, string]>([
    [
      'activations and logits together',
      { activations: GB, logits: 2 * GB, parameters: 2.5 * GB },
      'Activations and logits take most of it (3.0 GB): lower training.maxLength, or set training.microBatchPairs ' +
        'to 1.',
    ],
    [
      'what is trained, of all its parts',
      { optimizer: GB, gradients: GB, liveReference: GB, updates: GB, adapters: GB, parameters: 4.5 * GB },
      'The adapter and its optimizer take most of it (5.0 GB): lower adapter.rank.',
    ],
    [
      'the weights',
      { parameters: 1.5 * GB, runtime: GB },
      'The model’s weights take most of it (1.5 GB): choose a smaller model.',
    ],
    [
      'the probes’ cache',
      { generation: 2 * GB, parameters: GB },
      'The probes’ cache takes most of it (2.0 GB): lower probes.maxNewTokens.',
    ],
    [
      'the program',
      { runtime: GB, parameters: 0.9 * GB },
      'The program itself takes most of it: close other programs.',
    ],
    [
      'two alike: the one that is easier to lower',
      { activations: GB, parameters: GB },
      'Activations and logits take most of it (1.0 GB): lower training.maxLength, or set training.microBatchPairs ' +
        'to 1.',
    ],
  ])('%s', (_, more, sentence) => expect(memoryAdvice({ ...noMemory, ...more }, false)).toBe(sentence));
  it('speaks of an adapter only where one is trained', () =>
    expect(memoryAdvice({ ...noMemory, optimizer: GB }, true)).toBe(
      'Gradients and optimizer take most of it (1.0 GB): train a LoRA adapter instead of all weights.',
    ));
  it('comes with a run that does not fit', () => {
    const given = { ...noMemory, parameters: 8 * GB };
    const warning = (freeBytes: number): string | null => memoryWarning(given, freeBytes, false);
    expect(warning(8 * GB - 1)).toBe(
      'The run needs about 8.0 GB, but 8.0 GB are free: it may be killed. The model’s weights take most of it ' +
        '(8.0 GB): choose a smaller model.',
    );
    expect(warning(8 * GB)).toBe('The run needs about 8.0 GB of the 8.0 GB that are free; close other programs first.');
    expect([warning(10 * GB - 1), warning(10 * GB)]).toEqual([expect.stringContaining('of the 10.0 GB'), null]);
  });
});

describe('memoryWarning', () => {
  it('is silent where there is room, and says what takes most where there is not', () => {
    expect(memoryWarning(parts({}), 64e9, false)).toBeNull();
    expect(memoryWarning(parts({}), 1.1 * bytes({}), false)).toMatch(/close other programs/);
    expect(memoryWarning(parts({ buckets: shape(4, 2048) }), 1e9, false)).toMatch(/may be killed.*training\.maxLength/);
    expect(memoryWarning(parts({ lora: false, buckets: shape(1, 64), recomputedLayers: 30 }), 1e9, true)).toMatch(
      /LoRA adapter instead/,
    );
    expect(memoryWarning(parts({ buckets: shape(1, 64), recomputedLayers: 30 }), 1e8, false)).toMatch(/smaller model/);
  });
});
