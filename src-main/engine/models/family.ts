import type { GraphBuilder, Value } from '../graph/types';
import { gptNeox } from './gpt-neox';
import { llama } from './llama';
import type { Rotary } from './rope';
import type { ModelConfig, WeightSpec } from './types';

// M = B * T rows of the residual stream, D width, H heads, K key-value heads, d head dim

/** What a layer body gets besides the residual stream. */
export interface LayerInputs {
  readonly config: ModelConfig;
  readonly rows: number; // B
  readonly rotary: Rotary;
  /** A weight of this layer by the name after the layer's prefix. */
  weight(name: string): Value;
  /** x [M, in] -> [M, out] of each of several modules: x Wᵀ (+ bias where the model has one) (+ LoRA where the module is adapted). */
  linears(x: Value, modules: readonly string[]): readonly Value[];
  /** q [B, H, T, d], k and v [B, K, T, d], rotated -> [M, H d]; training attends within the row, generation to its cache. */
  attend(q: Value, k: Value, v: Value): Value;
}

/** A model family: names and shapes of its weights and its layer in graph ops. Everything else is shared. */
export interface Family {
  readonly id: ModelConfig['family'];
  /** All tensors of a checkpoint in Hugging Face names. */
  weights(config: ModelConfig): readonly WeightSpec[];
  readonly embedding: string;
  layerPrefix(layer: number): string;
  layer(g: GraphBuilder, x: Value, inputs: LayerInputs): Value; // [M, D] -> [M, D]
  /** The norm before the head; weights by full name. */
  finalNorm(g: GraphBuilder, x: Value, config: ModelConfig, weight: (name: string) => Value): Value;
  /** The head's weight [V, D]: the embedding when tied. */
  headName(config: ModelConfig): string;
}

const families: Readonly<Record<ModelConfig['family'], Family>> = { llama, gpt_neox: gptNeox };

export const familyOf = (config: ModelConfig): Family => families[config.family];

/** Linear layers by module name, as `adapter.targets` names them. */
export const linearModules = (config: ModelConfig): readonly string[] => [
  ...new Set(
    familyOf(config)
      .weights(config)
      .flatMap((w) => (w.role === 'linear' && w.module !== null ? [w.module] : [])),
  ),
];
