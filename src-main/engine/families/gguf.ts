import type { FieldRules, Fields } from './shared/fields';
import type { ModelShape } from './types';

/** What a GGUF file says of a model, as a family reads it. */
export interface GgufSource {
  readonly metadata: Fields;
  /**
   * A number of the metadata by its whole key. Throws AppFailure('bad-model') where it is neither there nor given as
   * fallback.
   */
  number(key: string, fallback?: number): number;
  /** Names of the tensors, as the file has them. */
  readonly names: ReadonlySet<string>;
  /** What each rotary frequency is divided by, where the file has such a tensor. */
  readonly ropeFactors: Float32Array | null;
  /** The id of a special token: bos, eos, padding. */
  tokenId(name: string): number | undefined;
  /** Number of the tokenizer's tokens, where it is known. */
  readonly tokens: number | undefined;
  refuse(key: string, value: unknown, why: string): never;
}

/** Where a tensor of a file belongs in a Hugging Face checkpoint. */
export interface GgufTensor {
  /** The file's own name where the family has no such tensor. */
  readonly name: string;
  /** From the order of values in the file to Hugging Face's, where they differ. */
  readonly arrange?: (values: Float32Array) => Float32Array;
}

/** How llama.cpp writes a family. */
export interface GgufArchitecture {
  /** `general.architecture`, and what keys of the metadata begin with. */
  readonly id: string;
  /** Of keys without that beginning; one that is in no list is refused. */
  readonly rules: FieldRules;
  /** What the file calls a field of config.json, without that beginning. */
  readonly keys: ReadonlyMap<string, string>;
  /** The tensor of GgufSource's `ropeFactors`. */
  readonly ropeFactors: string;
  /** config.json as transformers would have it, so that an export of a GGUF model is complete. */
  config(source: GgufSource): Fields;
  tensor(name: string, shape: readonly number[], model: ModelShape): GgufTensor;
}
