import { entryPeakBytes } from '../../graph/peak';
import { elementCount } from '../../graph/shapes';
import type { GraphFunction } from '../../graph/types';
import { mostTensorBytes } from '../../backends/tensorflow/allocator';
import { familyOf, type ModelConfig } from '../../families/registry';
import { packBytes } from '../../model/packs';
import type { MemoryParts } from '../../../shared/runs/memory-parts';
import { oneLane } from '../../batch/lanes';
import { buildTrainProgram } from '../../program/train-program';
import type { TrainProgramPlan } from '../../program/types';

export interface MemoryPlan {
  readonly program: TrainProgramPlan;
  /** Bytes of the model's own weights as they are stored. */
  readonly weightBytes: number;
  readonly trainableParameters: number;
  /** Buckets of the longest calls that can meet in lanes; one lane: not needed. */
  readonly atOnce?: readonly number[];
}

const float = 4;
/**
 * Node, the library and its thread pools before any model (410 MB measured), and what the first calls leave behind (60
 * MB).
 */
const runtimeBytes = 450 << 20;
/**
 * Weights wait on the host until this much has come together, and are then there a second time as feeds
 * (backends/tensorflow/session.ts).
 */
const loadBytes = 128 << 20;
/** Each further shape has its own optimized graphs. Measured at 4 and 30 layers. */
const bytesPerLayerAndBucket = 0.9 * 2 ** 20;

/**
 * What is in memory at the peak, in bytes. Weights, moments, gradients, cache and graphs live from the first step to
 * the end, and what loading needed stays with the allocator in blocks that a step cannot use. A step adds its
 * activations and logits; an update takes their place with a clipped copy of the gradients; a checkpoint adds one group
 * of fetched values. RESULTS.md ("Memory") has predicted and measured peaks.
 */
export function memoryParts({ program, weightBytes, trainableParameters, atOnce }: MemoryPlan): MemoryParts {
  const { config, generation, lora, buckets, lanes } = program;
  const trainable = float * trainableParameters;
  const cache = generation
    ? 2 * float * config.layers * generation.rows * config.kvHeads * generation.capacity * config.headDim
    : 0;
  const step = stepBytes(program, atOnce ?? []);
  return {
    runtime: runtimeBytes,
    parameters: weightBytes,
    adapters: lora ? trainable : 0,
    optimizer: 2 * trainable,
    gradients: lanes.count * trainable,
    liveReference: program.liveReference ? trainable : 0,
    ...step,
    updates: Math.max(0, trainable - step.activations - step.logits),
    generation: 2 * cache, // the cache is written as a new value before the old one goes
    graphs: config.layers * bytesPerLayerAndBucket * (buckets.length - 1),
    // an adapter's activations find room in half of what loading left
    transfer: (lora ? 1 : 2) * Math.min(loadBytes, weightBytes) + Math.min(packBytes, 3 * trainable),
  };
}

/** All parts together: the estimated peak of a training process. */
export const totalBytes = (parts: MemoryParts): number => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

/**
 * What a step holds at its peak, read off its own graph; `logits` is what the head's chunks add to it. The bucket that
 * takes most counts, or those that meet in lanes together.
 */
function stepBytes(program: TrainProgramPlan, atOnce: readonly number[]): Pick<MemoryParts, 'activations' | 'logits'> {
  const ofBucket = program.buckets.map((bucket) => {
    const { entries } = buildTrainProgram({ ...program, buckets: [bucket], generation: null }).program;
    const step = entries.find((entry) => entry.name === 'accumulate:0')!;
    const activations = entryPeakBytes(step, isHead);
    return { activations, logits: entryPeakBytes(step) - activations };
  });
  if (program.lanes.count > 1 && atOnce.length > 0)
    return atOnce
      .map((bucket) => ofBucket[bucket]!)
      .reduce((sum, bytes) => ({
        activations: sum.activations + bytes.activations,
        logits: sum.logits + bytes.logits,
      }));
  return ofBucket.reduce((most, bytes) =>
    bytes.activations + bytes.logits > most.activations + most.logits ? bytes : most,
  );
}

const isHead = ({ name }: GraphFunction): boolean => name.includes('/log_prob_');

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** What would help most, from the part that takes most; `fullTraining` where all weights are trained. */
export function memoryAdvice(parts: MemoryParts, fullTraining: boolean): string {
  const trained = parts.optimizer + parts.gradients + parts.liveReference + parts.updates + parts.adapters;
  const groups: readonly (readonly [number, string])[] = [
    [
      parts.activations + parts.logits,
      `Activations and logits take most of it (${gigabytes(parts.activations + parts.logits)}): lower ` +
        'training.maxLength, or set training.microBatchPairs to 1.',
    ],
    [
      trained,
      fullTraining
        ? `Gradients and optimizer take most of it (${gigabytes(trained)}): train a LoRA adapter instead of all ` +
          'weights.'
        : `The adapter and its optimizer take most of it (${gigabytes(trained)}): lower adapter.rank.`,
    ],
    [parts.parameters, `The model’s weights take most of it (${gigabytes(parts.parameters)}): choose a smaller model.`],
    [
      parts.generation,
      `The probes’ cache takes most of it (${gigabytes(parts.generation)}): lower probes.maxNewTokens.`,
    ],
    [parts.runtime, 'The program itself takes most of it: close other programs.'],
  ];
  return groups.reduce((most, group) => (group[0] > most[0] ? group : most))[1];
}

/** A sentence for a run that does not fit, or only just; null where there is room. */
export function memoryWarning(parts: MemoryParts, freeBytes: number, fullTraining: boolean): string | null {
  const needed = totalBytes(parts);
  if (needed > freeBytes)
    return (
      `The run needs about ${gigabytes(needed)}, but ${gigabytes(freeBytes)} are free: it may be killed. ` +
      `${memoryAdvice(parts, fullTraining)}`
    );
  if (needed > tight * freeBytes)
    return (
      `The run needs about ${gigabytes(needed)} of the ${gigabytes(freeBytes)} that are free; close other programs ` +
      'first.'
    );
  return null;
}

/**
 * A sentence for a model with a weight that the runtime cannot hold on a processor, where layers compute in float32
 * whatever the storage; null where all fit.
 */
export function tensorWarning(config: ModelConfig, most: number = mostTensorBytes()): string | null {
  const largest = familyOf(config)
    .weights(config)
    .reduce((most, w) => (elementCount(w.shape) > elementCount(most.shape) ? w : most));
  const bytes = float * elementCount(largest.shape);
  return bytes <= most
    ? null
    : `${largest.name} takes ${gigabytes(bytes)} as float32; on a processor this app holds tensors of up to ` +
        `${gigabytes(most)}.`;
}

/** Estimates are off by up to 15 %, and other programs want memory too. */
const tight = 0.8;

/** The shapes of calls, and how many run at once. */
export type CallPlan = Pick<TrainProgramPlan, 'buckets' | 'lanes'>;
/** And how many layers the backward pass recomputes whole. */
export type FittedPlan = CallPlan & Pick<TrainProgramPlan, 'recomputedLayers'>;

/**
 * Makes a plan fit: fewer rows a call or calls at once first (a processor loses little by it), then as few layers as
 * possible recomputed whole (all of them cost a quarter to a third of a step). `candidates` come fastest first. Where
 * nothing fits, the smallest plan; preflight then says so.
 */
export function fitPlan(
  candidates: readonly (() => CallPlan)[],
  layers: number,
  partsOf: (plan: FittedPlan) => MemoryParts,
  freeBytes: number,
): FittedPlan {
  const fits = (plan: FittedPlan): boolean => totalBytes(partsOf(plan)) < tight * freeBytes;
  let calls: CallPlan = { buckets: [], lanes: oneLane };
  for (const candidate of candidates) {
    calls = candidate();
    if (fits({ ...calls, recomputedLayers: 0 })) return { ...calls, recomputedLayers: 0 };
  }
  let [tooFew, enough] = [0, layers]; // enough, or all there are
  while (enough - tooFew > 1) {
    const between = Math.ceil((tooFew + enough) / 2);
    if (fits({ ...calls, recomputedLayers: between })) enough = between;
    else tooFew = between;
  }
  return { ...calls, recomputedLayers: enough };
}
