import { z } from 'zod';
import type { DeepReadonly } from '../deep-readonly';
import { jobNames } from './jobs';
import { measured, pairPointSchema, positionProfileSchema, probeSampleSchema } from '../metrics/reports';
import type { MetricValues } from '../metrics/registry';
import { appErrorSchema } from '../result';

// What an engine process says. It is parsed before it is believed: an engine reads files that strangers made.

const count = z.number().int().min(0);
const text = z.string();
const numbers = z.array(z.number());

/** The number of a report in its run's journal: what belongs to a run's history has one. */
const seq = count.min(1).exactOptional();

export const backends = ['tensorflow', 'wasm', 'cpu'] as const;
export type Backend = (typeof backends)[number];

const engineInfo = z.object({
  backend: z.enum(backends),
  library: text, // 'TensorFlow 2.21.0', 'tfjs 4.22.0 (wasm)'
  devices: z.array(text),
  reason: text.nullable(), // why a slower engine than TensorFlow is in use
});
export type EngineInfo = DeepReadonly<z.output<typeof engineInfo>>;

/** The checkpoint with the lowest loss on held-out pairs; `loss`: its eval_loss. */
const bestCheckpoint = z.object({ step: count, loss: measured });
export type BestCheckpoint = DeepReadonly<z.output<typeof bestCheckpoint>>;

const pairLogprobs = z.object({
  row: count,
  promptIds: numbers,
  chosenIds: numbers,
  rejectedIds: numbers,
  chosenLogprobs: numbers,
  rejectedLogprobs: numbers,
});
export type PairLogprobs = DeepReadonly<z.output<typeof pairLogprobs>>;

export const engineEventSchema = z.discriminatedUnion('kind', [
  /** The process listens. */
  z.object({ kind: z.literal('ready') }),
  /** Which library is in use, once known. */
  z.object({ kind: z.literal('engine'), seq, engine: engineInfo }),
  z.object({ kind: z.literal('phase'), phase: z.enum(['tokenize', 'reference', 'build']), done: count, total: count }),
  /** What a run is expected to hold at its peak, and what would lower it. */
  z.object({ kind: z.literal('planned'), neededBytes: z.number(), freeBytes: z.number(), advice: text }),
  /** What a run is trained from, by the files' bytes: names and places may lie. */
  z.object({ kind: z.literal('content'), seq, datasetHash: text, modelHash: text }),
  z.object({ kind: z.literal('running'), seq, firstStep: count, totalSteps: count }),
  z.object({
    kind: z.literal('metrics'),
    seq,
    step: count,
    epoch: z.number(),
    /** A name that this version does not know, in the journal of another one, stays: nobody asks for it. */
    values: z.record(text, measured).transform((values) => values as MetricValues),
    pairs: z.array(pairPointSchema),
    profile: positionProfileSchema.nullable(),
  }),
  z.object({ kind: z.literal('probe'), seq, sample: probeSampleSchema }),
  z.object({
    kind: z.literal('checkpoint'),
    seq,
    step: count,
    path: text,
    bytes: count,
    best: bestCheckpoint.nullable(),
  }),
  /** Something a person should know that does not end the job. */
  z.object({ kind: z.literal('problem'), seq, message: text }),
  /** Jobs other than train. */
  z.object({ kind: z.literal('progress'), done: count, total: count, what: text }),
  /** The next scored pairs. */
  z.object({ kind: z.literal('logprobs'), pairs: z.array(pairLogprobs) }),
  /** `value`: the job's `out`. */
  z.object({ kind: z.literal('done'), seq, job: z.enum(jobNames), value: z.unknown() }),
  z.object({ kind: z.literal('failed'), error: appErrorSchema }),
]);
export type EngineEvent = DeepReadonly<z.output<typeof engineEventSchema>>;
