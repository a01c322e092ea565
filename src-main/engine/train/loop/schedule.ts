import type { RunSpec } from '../../../shared/spec/run-spec';

type Training = RunSpec['training'];

/**
 * The factor of the learning rate at step `done` (steps finished before this one, from 0), as `transformers` computes
 * it: get_linear_schedule_with_warmup, get_cosine_schedule_with_warmup, get_constant_schedule_with_warmup. With warm-up
 * the first step's rate is 0.
 */
export function scheduleFactor(kind: Training['schedule'], done: number, warmup: number, total: number): number {
  if (done < warmup) return done / Math.max(1, warmup);
  if (kind === 'constant') return 1;
  const left = Math.max(1, total - warmup);
  if (kind === 'linear') return Math.max(0, (total - done) / left);
  return Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (done - warmup)) / left)));
}

/** TrainingArguments.get_warmup_steps. */
export const warmupSteps = (total: number, ratio: number): number => Math.ceil(total * ratio);

export const learningRateAt = (
  { learningRate, schedule, warmupRatio }: Pick<Training, 'learningRate' | 'schedule' | 'warmupRatio'>,
  done: number,
  total: number,
): number => learningRate * scheduleFactor(schedule, done, warmupSteps(total, warmupRatio), total);
