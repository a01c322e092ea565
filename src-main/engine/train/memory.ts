import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import type { MemoryParts } from '../../shared/memory-parts';
import type { ModelConfig } from '../models/types';
import type { Bucket, GenerationShape, TrainProgramPlan } from './types';

// B rows, T tokens, M = B * T, D width, F feed-forward width, H heads, K key-value heads, d head dim, N completion slots, V vocabulary, L layers

export interface MemoryPlan {
  readonly config: ModelConfig;
  /** Bytes of the model's own weights as they are stored. */
  readonly weightBytes: number;
  readonly trainableParameters: number;
  /** LoRA: the model is frozen, and what is trained comes on top of it. */
  readonly lora: boolean;
  /** The reference's trainable weights stand beside the policy's. */
  readonly liveReference: boolean;
  /** The head sees the reference's logits beside the policy's (TDPO). */
  readonly divergence: boolean;
  readonly buckets: readonly Bucket[];
  readonly residuals: TrainProgramPlan['residuals'];
  readonly generation: GenerationShape | null;
}

const float = 4;
/** Node, the library and its thread pools before any model (408 MB measured), and what the first calls leave behind. */
const runtimeBytes = 390 << 20;
/** Logits of one chunk exist about three times at once: themselves, their exponentials, and a product (log-prob.ts bounds one at 64 MB). */
const logitsBytes = 64 << 20;
/** Checkpoints are fetched in groups of this size (variable-tensors.ts). */
const fetchBytes = 64 << 20;
/** Weights wait on the host until this much has come together, and are then there a second time as feeds (lower/tensorflow/session.ts). */
const loadBytes = 128 << 20;
/** Each further shape has its own optimized graphs; measured at 30 layers. */
const bytesPerLayerAndBucket = 3 << 20;

/**
 * What is in memory at the peak, in bytes. Weights, moments, gradients, cache and graphs live from the first step to the end; a step adds activations and logits, its update
 * a clipped copy of the gradients, a checkpoint one group of fetched values. These come one after the other, but measured peaks add up: the allocator keeps what a phase freed.
 * Loading is the one phase apart, over before anything else is there.
 */
export function memoryParts(plan: MemoryPlan): MemoryParts {
  const { config, generation, trainableParameters, lora } = plan;
  const trainable = float * trainableParameters;
  const parameters = plan.weightBytes;
  const completions = Math.max(0, ...plan.buckets.map((b) => b.completions));
  const logits = (plan.divergence ? 6 : 3) * Math.min(logitsBytes, float * completions * config.vocabulary);
  const cache = generation ? 2 * float * config.layers * generation.rows * config.kvHeads * generation.capacity * config.headDim : 0;
  const training: MemoryParts = {
    runtime: runtimeBytes,
    parameters,
    adapters: lora ? trainable : 0,
    optimizer: 2 * trainable,
    gradients: trainable,
    liveReference: plan.liveReference ? trainable : 0,
    activations: Math.max(0, ...plan.buckets.map((bucket) => activationBytes(config, bucket, plan.residuals))),
    logits,
    updates: trainable,
    generation: 2 * cache, // the cache is written as a new value before the old one goes
    graphs: bytesPerLayerAndBucket * config.layers * Math.max(0, plan.buckets.length - 1),
    transfer: Math.min(fetchBytes, 3 * trainable),
  };
  const none = Object.fromEntries(Object.keys(training).map((id) => [id, 0])) as unknown as MemoryParts;
  const loading: MemoryParts = { ...none, runtime: runtimeBytes, parameters, transfer: 2 * Math.min(loadBytes, parameters) };
  return total(loading) > total(training) ? loading : training;
}

const total = (parts: MemoryParts): number => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

/** Estimated peak of a training process. */
export const estimateMemory = (plan: MemoryPlan): number => total(memoryParts(plan));

/**
 * What the backward pass keeps of L layers, and one layer's whole working set (forward values and their gradients), since one layer is in work at a time.
 * Measured against it (SmolLM2-135M, LoRA r = 16, `products`, one row): 900 tokens 2.17 GB, 640 tokens 1.89 GB in all.
 */
function activationBytes(config: ModelConfig, { rows, tokens, completions }: Bucket, residuals: MemoryPlan['residuals']): number {
  const { width, ffWidth, heads, kvHeads, headDim, layers } = config;
  const rowsOfStream = rows * tokens;
  const projections = (heads + 2 * kvHeads) * headDim;
  const scores = rows * heads * tokens * tokens;
  const products = rowsOfStream * (projections + 2 * width + 3 * ffWidth); // results of linear layers; attention scores are recomputed
  const everything = products + rowsOfStream * (4 * width + projections + 3 * ffWidth) + 3 * scores; // norms, rotated q and k, scores, softmax, activation
  const input = rowsOfStream * width;
  const kept = { all: everything, products: input + products, none: input }[residuals];
  const working = 2 * everything; // values and their gradients
  return float * (layers * kept + working + 4 * completions * width);
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

/** What would help most, from the part that takes most; `fullTraining` where all weights are trained. */
export function memoryAdvice(parts: MemoryParts, fullTraining: boolean): string {
  const trained = parts.optimizer + parts.gradients + parts.liveReference + parts.updates + parts.adapters;
  const groups: readonly (readonly [number, string])[] = [
    [parts.activations + parts.logits, `Activations and logits take most of it (${gigabytes(parts.activations + parts.logits)}): lower training.maxLength, or set training.microBatchPairs to 1.`],
    [trained, fullTraining ? `Gradients and optimizer take most of it (${gigabytes(trained)}): train a LoRA adapter instead of all weights.` : `The adapter and its optimizer take most of it (${gigabytes(trained)}): lower adapter.rank.`],
    [parts.parameters, `The model’s weights take most of it (${gigabytes(parts.parameters)}): choose a smaller model.`],
    [parts.generation, `The probes’ cache takes most of it (${gigabytes(parts.generation)}): lower probes.maxNewTokens.`],
    [parts.runtime, 'The program itself takes most of it: close other programs.'],
  ];
  return groups.reduce((most, group) => (group[0] > most[0] ? group : most))[1];
}

/** A sentence for a run that does not fit, or only just; null where there is room. */
export function memoryWarning(parts: MemoryParts, freeBytes: number, fullTraining: boolean): string | null {
  const needed = total(parts);
  if (needed > freeBytes) return `The run needs about ${gigabytes(needed)}, but ${gigabytes(freeBytes)} are free: it may be killed. ${memoryAdvice(parts, fullTraining)}`;
  if (needed > tight * freeBytes) return `The run needs about ${gigabytes(needed)} of the ${gigabytes(freeBytes)} that are free; close other programs first.`;
  return null;
}

/** Estimates are off by up to 15 %, and other programs want memory too. */
const tight = 0.8;

/** Memory that a new process can take without swapping, in bytes. */
export function freeMemoryBytes(): number {
  return Math.min(availableBytes(), limitBytes());
}

/** Linux counts caches as used in `freemem` of some versions; MemAvailable is what can really be had. */
function availableBytes(): number {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (match) return Number(match[1]) * 1024;
  } catch {
    // not Linux
  }
  return freemem();
}

/** What a container (cgroup) leaves; Infinity without a limit. */
function limitBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  if (!limit || limit > 2 ** 50) return Infinity;
  return Math.max(0, limit - process.memoryUsage.rss());
}

/** A plan's shapes and how much of the forward pass its backward pass keeps. */
export interface FittedPlan {
  readonly buckets: readonly Bucket[];
  readonly residuals: TrainProgramPlan['residuals'];
}

/**
 * Makes a plan fit: fewer rows a call first (a processor loses little by it), then recomputation of whole layers, which costs a quarter to a third of a step (engine.md), while
 * recomputing all but the products costs a few percent. `shapes` are the candidates, most rows first. Where nothing fits, the smallest plan; preflight then says so.
 */
export function fitPlan(plan: Omit<MemoryPlan, 'residuals' | 'buckets'>, shapes: readonly (() => readonly Bucket[])[], freeBytes: number): FittedPlan {
  const fits = (fitted: FittedPlan): boolean => estimateMemory({ ...plan, ...fitted }) < tight * freeBytes;
  let least: readonly Bucket[] = [];
  for (const shape of shapes) {
    least = shape();
    if (fits({ buckets: least, residuals: 'products' })) return { buckets: least, residuals: 'products' };
  }
  return { buckets: least, residuals: 'none' };
}
