import { z } from 'zod';
import type { DeepReadonly } from '../deep-readonly';
import type { MetricName } from './registry';

// What a run reports of its steps. Schemas, because reports cross processes and lie in files; the types are made from
// them.

export interface MetricPoint {
  readonly step: number;
  readonly name: MetricName;
  readonly value: number;
}

const count = z.number().int().min(0);

/** NaN or infinite where training blows up; JSON (the command line's engine, checkpoints) has only null for those. */
export const measured = z
  .custom<number | null>((value) => value === null || typeof value === 'number')
  .transform((value) => value ?? Number.NaN);

/**
 * One pair as one step saw it: the raw material of every length diagnostic. Rewards are beta times the log-ratio the
 * loss used.
 */
export const pairPointSchema = z.object({
  row: count, // 1-based row of the dataset file
  step: count,
  split: z.enum(['train', 'eval']),
  chosenTokens: count,
  rejectedTokens: count,
  /** What SamPO kept of each side, a fraction where tokens weigh less than one; DPO: the longer side, max(T_w, T_l). */
  keptTokens: z.number().min(0),
  chosenReward: measured,
  rejectedReward: measured,
  margin: measured, // chosen − rejected, as the loss used it
  fullMargin: measured, // the same from all tokens: what DPO would have seen
});
export type PairPoint = DeepReadonly<z.output<typeof pairPointSchema>>;
export type Split = PairPoint['split'];

const bins = z.array(z.object({ mean: measured, count }));

/** Mean log-ratio by token position over the pairs of a step (positions in bins of `binTokens`). */
export const positionProfileSchema = z.object({ step: count, binTokens: count, chosen: bins, rejected: bins });
export type PositionProfile = DeepReadonly<z.output<typeof positionProfileSchema>>;

export const probeSampleSchema = z.object({
  step: count, // 0: before training
  prompt: count, // index into the run's probe prompts
  promptText: z.string(),
  text: z.string(),
  tokens: count, // generated tokens, end token included
  finish: z.enum(['eos', 'length', 'stop']),
  /** The prompt is among the pairs trained on; left out by older versions. */
  trained: z.boolean().exactOptional(),
});
export type ProbeSample = DeepReadonly<z.output<typeof probeSampleSchema>>;
export type FinishReason = ProbeSample['finish'];
