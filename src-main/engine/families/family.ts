import type { GraphBuilder, Value } from '../graph/types';
import type { GgufArchitecture } from './gguf';
import type { ConfigSource } from './shared/config-fields';
import type { FieldRules, Fields } from './shared/fields';
import type { Rotary } from './shared/rope';
import type { FamilyConfig, WeightSpec } from './types';

// M = B * T rows of the residual stream, D width, H heads, K key-value heads, d head dim

/** What a layer body gets besides the residual stream. */
export interface LayerInputs<Own = unknown> {
  readonly config: FamilyConfig<Own>;
  readonly rows: number; // B
  /** The layer's, as `layerKind` says. */
  readonly kind: string;
  readonly rotary: Rotary;
  /** A weight of this layer by the name after the layer's prefix. */
  weight(name: string): Value;
  /**
   * x [M, in] -> [M, out] of each of several modules: x Wᵀ (+ bias where the model has one) (+ LoRA where the module is
   * adapted).
   */
  linears(x: Value, modules: readonly string[]): readonly Value[];
  /**
   * q [B, H, T, d], k and v [B, K, T, d], rotated -> [M, H d]; training attends within the row, generation to its
   * cache.
   */
  attend(q: Value, k: Value, v: Value): Value;
}

/**
 * A model family: how its configuration is read, names and shapes of its weights, its layer in graph ops, its GGUF
 * files, what adapters can act on. Everything else is shared. `Own`: what its configuration says that others' do not.
 */
export interface Family<Id extends string = string, Own = unknown> {
  /** transformers' `model_type`. */
  readonly id: Id;
  /** As a sentence names it: “the Llama family”. */
  readonly name: string;
  /** In `architectures` of config.json, and which known models have it. */
  readonly architecture: string;
  readonly models: string;

  readonly configRules: FieldRules;
  /** Throws AppFailure('bad-model') that names the field. */
  readConfig(json: Fields, source: ConfigSource): FamilyConfig<Own>;
  /** Null: this family is not read from GGUF. */
  readonly gguf: GgufArchitecture | null;

  /** All tensors of a checkpoint in Hugging Face names. */
  weights(config: FamilyConfig<Own>): readonly WeightSpec[];
  /** Tensors that old versions of transformers saved and that are computed here, from the configuration. */
  readonly computedTensors: RegExp;
  readonly embedding: string;
  /** The head's weight [V, D]: the embedding when tied. */
  headName(config: FamilyConfig<Own>): string;
  /** Linear layers by module name, as `adapter.targets` names them together. */
  readonly adapterTargets: Readonly<Record<'attention' | 'mlp', readonly string[]>>;

  layerPrefix(layer: number): string;
  /**
   * What sort of layer this one is, where they differ (alternating attention): layers of one kind share one function.
   */
  layerKind(config: FamilyConfig<Own>, layer: number): string;
  layer(g: GraphBuilder, x: Value, inputs: LayerInputs<Own>): Value; // [M, D] -> [M, D]
  /** The norm before the head; weights by full name. */
  finalNorm(g: GraphBuilder, x: Value, config: FamilyConfig<Own>, weight: (name: string) => Value): Value;
}
