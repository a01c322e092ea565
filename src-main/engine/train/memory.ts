import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import type { ModelConfig } from '../models/types';
import type { Bucket, GenerationShape, TrainProgramPlan } from './types';

// B rows, T tokens, M = B * T, D width, F feed-forward width, H heads, K key-value heads, d head dim, N completion slots, V vocabulary, L layers

export interface MemoryPlan {
  readonly config: ModelConfig;
  readonly totalParameters: number;
  readonly trainableParameters: number;
  readonly buckets: readonly Bucket[];
  readonly residuals: TrainProgramPlan['residuals'];
  readonly generation: GenerationShape | null;
}

const float = 4;
/** Node, the library and its thread pools, before any model. */
const runtimeBytes = 350 << 20;
/** Logits of one chunk exist about three times at once: themselves, their exponentials, and a product (log-prob.ts bounds one at 64 MB). */
const logitsBytes = 64 << 20;

/** Each further shape has its own optimized graphs; measured at 30 layers. */
const bytesPerLayerAndBucket = 3 << 20;

/**
 * Estimated peak of a training process:
 *   runtime + weights + trainable · (gradient, m, v) + activations of the largest bucket + logits chunks + KV cache + graphs.
 * Activations are what the backward pass keeps of L layers, and one layer's whole working set (forward values and their gradients), since one layer is in work at a time.
 * Measured against it (SmolLM2-135M, LoRA r = 16, `products`, one row): 900 tokens 2.17 GB, 640 tokens 1.89 GB.
 */
export function estimateMemory(plan: MemoryPlan): number {
  const { config, generation } = plan;
  const weights = float * (plan.totalParameters + 3 * plan.trainableParameters);
  const activations = Math.max(0, ...plan.buckets.map((bucket) => activationBytes(config, bucket, plan.residuals)));
  const completions = Math.max(0, ...plan.buckets.map((b) => b.completions));
  const logits = 3 * Math.min(logitsBytes, float * completions * config.vocabulary);
  const cache = generation ? 2 * float * config.layers * generation.rows * config.kvHeads * generation.capacity * config.headDim : 0;
  const graphs = bytesPerLayerAndBucket * config.layers * Math.max(0, plan.buckets.length - 1);
  return runtimeBytes + weights + activations + logits + graphs + 2 * cache; // the cache is written as a new value before the old one goes
}

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

/**
 * How much of a layer the backward pass keeps. Recomputing whole layers costs a quarter to a third of a step where the processor is the limit (engine.md), recomputing
 * all but the products only a few percent; so `products` unless even that does not fit into most of the free memory.
 */
export function chooseResiduals(plan: Omit<MemoryPlan, 'residuals'>, freeBytes: number): TrainProgramPlan['residuals'] {
  const fits = (residuals: MemoryPlan['residuals']): boolean => estimateMemory({ ...plan, residuals }) < 0.8 * freeBytes;
  return fits('products') ? 'products' : 'none';
}
