import { z } from 'zod';
import type { EngineEvent } from '../engine/protocol';

// What the engine says is parsed before it is believed: it reads files that strangers made.
const count = z.number().int().min(0);
const text = z.string();
/** A measurement: it may be NaN or infinite where training blows up, and JSON (the command line's engine) has only null for those. */
const measured = z
  .custom<number | null>((value) => value === null || typeof value === 'number')
  .transform((value) => value ?? Number.NaN);

const errorCodes = [
  'bad-input',
  'bad-spec',
  'bad-data',
  'bad-model',
  'unsupported',
  'not-found',
  'no-space',
  'no-permission',
  'missing-on-machine',
  'engine-failed',
  'database',
  'stopped',
  'internal',
] as const;
const error = z.object({
  code: z.enum(errorCodes),
  message: text,
  hint: text,
  details: z.record(text, z.unknown()).exactOptional(),
  retry: z.boolean().exactOptional(),
});
const engine = z.object({
  backend: z.enum(['tensorflow', 'wasm', 'cpu']),
  library: text,
  devices: z.array(text),
  reason: text.nullable(),
});
const sample = z.object({
  step: count,
  prompt: count,
  promptText: text,
  text,
  tokens: count,
  finish: z.enum(['eos', 'length', 'stop']),
  trained: z.boolean().exactOptional(),
});
const pair = z.object({
  row: count,
  step: count,
  split: z.enum(['train', 'eval']),
  chosenTokens: count,
  rejectedTokens: count,
  keptTokens: z.number().min(0),
  chosenReward: measured,
  rejectedReward: measured,
  margin: measured,
  fullMargin: measured,
});
const numbers = z.array(z.number());
const scored = z.object({
  row: count,
  promptIds: numbers,
  chosenIds: numbers,
  rejectedIds: numbers,
  chosenLogprobs: numbers,
  rejectedLogprobs: numbers,
});
const bins = z.array(z.object({ mean: measured, count }));
const profile = z.object({ step: count, binTokens: count, chosen: bins, rejected: bins });
const jobs = [
  'train',
  'inspect-model',
  'inspect-dataset',
  'dataset-columns',
  'preview-pairs',
  'dataset-rows',
  'preflight',
  'measure',
  'logprobs',
  'generate',
  'export',
  'doctor',
] as const;

/** A report's number in its run's journal. */
const seq = count.min(1).exactOptional();

const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('engine'), seq, engine }),
  z.object({ kind: z.literal('phase'), phase: z.enum(['tokenize', 'reference', 'build']), done: count, total: count }),
  z.object({ kind: z.literal('planned'), neededBytes: z.number(), freeBytes: z.number(), advice: text }),
  z.object({ kind: z.literal('content'), seq, datasetHash: text, modelHash: text }),
  z.object({ kind: z.literal('running'), seq, firstStep: count, totalSteps: count }),
  z.object({
    kind: z.literal('metrics'),
    seq,
    step: count,
    epoch: z.number(),
    values: z.record(text, measured),
    pairs: z.array(pair),
    profile: profile.nullable(),
  }),
  z.object({ kind: z.literal('probe'), seq, sample }),
  z.object({
    kind: z.literal('checkpoint'),
    seq,
    step: count,
    path: text,
    bytes: count,
    best: z.object({ step: count, loss: measured }).nullable(),
  }),
  z.object({ kind: z.literal('problem'), seq, message: text }),
  z.object({ kind: z.literal('progress'), done: count, total: count, what: text }),
  z.object({ kind: z.literal('logprobs'), pairs: z.array(scored) }),
  z.object({ kind: z.literal('done'), seq, job: z.enum(jobs), value: z.unknown() }),
  z.object({ kind: z.literal('failed'), error }),
]);

/** The event a message stands for, or null where it is none. */
export function parseEngineEvent(message: unknown): EngineEvent | null {
  const parsed = eventSchema.safeParse(message);
  return parsed.success ? parsed.data : null;
}

/** A type without `readonly` and with every field named, so that two types are equal only if they have the same fields. */
type Plain<T> = T extends readonly (infer E)[]
  ? Plain<E>[]
  : T extends object
    ? { -readonly [K in keyof T]-?: Plain<T[K]> }
    : T;
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type ByKind<E extends { readonly kind: string }> = {
  readonly [K in E['kind']]: Plain<Extract<E, { readonly kind: K }>>;
};
type Parsed = ByKind<z.output<typeof eventSchema>>;
type Said = ByKind<EngineEvent>;

/** Does not compile where the protocol and the schema above part: it then names the kind. */
({}) satisfies {
  readonly [K in keyof Parsed | keyof Said as K extends keyof Parsed & keyof Said
    ? Equal<Parsed[K], Said[K]> extends true
      ? never
      : K
    : K]: 'the schema differs from the protocol';
};
