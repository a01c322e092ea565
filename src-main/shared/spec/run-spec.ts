import { z } from 'zod';
import type { DeepReadonly } from '../deep-readonly';
import { methodSchema } from './method-spec';

/** The run spec, version 1 (docs/contract.md). Every field but `model.path` and `dataset.path` has a default. */
const positiveInt = z.number().int().positive();
const probability = z.number().min(0).max(1);

export const datasetFormats = ['auto', 'pairs', 'messages', 'sharegpt', 'hh', 'alpaca'] as const;
export type DatasetFormat = (typeof datasetFormats)[number];

/** Which column of the file plays which part, where its name does not say so. */
const column = z.string().min(1).max(200).exactOptional();
export const datasetColumnsSchema = z.strictObject({
  prompt: column,
  chosen: column,
  rejected: column,
  system: column,
});
export type DatasetColumns = z.infer<typeof datasetColumnsSchema>;
export type ColumnRole = keyof DatasetColumns;
export const columnRoles = Object.keys(datasetColumnsSchema.shape) as readonly ColumnRole[];

const loraTargets = ['all-linear', 'attention', 'mlp'] as const;

const model = z.strictObject({ path: z.string().min(1), reference: z.string().min(1).nullable().default(null) });

const dataset = z.strictObject({
  path: z.string().min(1),
  format: z.enum(datasetFormats).default('auto'),
  columns: datasetColumnsSchema.nullable().default(null),
  evalFraction: z.number().min(0).max(0.9).default(0.1),
  limit: positiveInt.nullable().default(null),
});

const adapter = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      /** Left out: an adapter, as where `adapter` itself is left out. `optional` is what tells the union so. */
      kind: z.literal('lora').optional().default('lora'),
      rank: positiveInt.max(1024).default(16),
      alpha: z.number().positive().default(32),
      /** A named set, or the Hugging Face names of the linear layers (`q_proj`, …). */
      targets: z.union([z.enum(loraTargets), z.array(z.string().min(1)).min(1)]).default('all-linear'),
      from: z.string().min(1).nullable().default(null),
    }),
    z.strictObject({ kind: z.literal('none') }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? 'expected "lora" or "none"' : undefined) },
);

const precisions = ['float32', 'bfloat16', 'float16'] as const;

const training = z.strictObject({
  epochs: z.number().positive().default(1),
  maxSteps: positiveInt.nullable().default(null),
  pairsPerStep: positiveInt.default(4),
  microBatchPairs: z.union([z.literal('auto'), positiveInt]).default('auto'),
  optimizer: z.enum(['adamw']).default('adamw'),
  adamBetas: z.tuple([probability, probability]).default([0.9, 0.999]),
  adamEpsilon: z.number().positive().default(1e-8),
  learningRate: z.number().positive().default(1e-5),
  schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  warmupRatio: probability.default(0.1),
  weightDecay: z.number().min(0).default(0),
  clipNorm: z.number().positive().nullable().default(1),
  maxLength: positiveInt.min(8).default(512),
  truncation: z.enum(['fit', 'drop', 'seed']).default('fit'),
  shuffle: z.boolean().default(true),
  seed: z.number().int().min(0).max(0xffffffff).default(42),
  /**
   * How frozen matrices are stored (LoRA), and what layers multiply in where the device does so by itself; what is
   * trained, sums and everything else stay float32.
   */
  precision: z.enum(precisions).default('float32'),
  checkpointEvery: positiveInt.default(50),
  evalEvery: positiveInt.default(50),
  keepCheckpoints: positiveInt.default(2),
  /** Beside the last ones, the checkpoint with the lowest loss on held-out pairs; without such pairs there is none. */
  keepBest: z.boolean().default(true),
  /**
   * Ends the run after `patience` evaluations in a row that do not improve the best held-out loss by more than
   * `minDelta`.
   */
  earlyStopping: z
    .strictObject({ patience: positiveInt.default(3), minDelta: z.number().min(0).default(0) })
    .nullable()
    .default(null),
});

const probes = z.strictObject({
  everySteps: positiveInt.default(20),
  prompts: z.array(z.string().min(1)).max(64).default([]),
  maxNewTokens: positiveInt.max(4096).default(64),
});

export const runSpecSchema = z.strictObject({
  version: z.literal(1).default(1),
  name: z.string().max(200).default(''),
  objective: z.enum(['preference', 'supervised']).default('preference'),
  model,
  dataset,
  method: methodSchema.prefault({}),
  adapter: adapter.prefault({ kind: 'lora' }),
  /** Iterative training: each round's result is the next one's policy and reference. */
  rounds: positiveInt.max(100).default(1),
  /** What a round trains on: all pairs again, or its own share of them (the paper's Pythia runs). */
  roundData: z.enum(['repeat', 'split']).default('repeat'),
  training: training.prefault({}),
  probes: probes.prefault({}),
});

/** A complete spec: every default filled in. */
export type RunSpec = DeepReadonly<z.infer<typeof runSpecSchema>>;
/** What a person may write: defaults left out. */
export type RunSpecInput = DeepReadonly<z.input<typeof runSpecSchema>>;
