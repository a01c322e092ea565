import type { WeightFormat } from '../../shared/views';
import type { ModelConfig } from '../families/registry';
import type { ChatFormat } from '../tokenizer/types';

export type StoredType = 'F32' | 'F16' | 'BF16' | 'Q8_0' | 'Q4_0' | 'Q4_1';

/** One tensor on disk under its Hugging Face name (GGUF names and row orders are translated on read). */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: StoredType;
  /** The values as float32, in Hugging Face layout. */
  read(): Promise<Float32Array>;
  /** Some values in the order of the file; `start` and `length` are whole numbers of blocks, or end the tensor. */
  part(start: number, length: number): Promise<Float32Array>;
  /** The first value in the file that is NaN or infinite; reads in pieces and decodes nothing. */
  nonFinite(): Promise<{ readonly index: number; readonly value: number } | null>;
}

/** A checkpoint opened for reading. Nothing is loaded before `read`. */
export interface ModelSource {
  readonly path: string;
  readonly kind: WeightFormat;
  readonly name: string;
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly bytes: number;
  /** What the files say that is not honoured and changes no number, for a person to know. */
  readonly notes: readonly string[];
  /** sha256 over names, shapes, types and content: the key of the reference cache. */
  contentHash(): Promise<string>;
  /** The tokenizer of the same folder or file. */
  tokenizer(): Promise<ChatFormat>;
  /**
   * Files (tokenizer, generation config, …) that an export copies unchanged; for GGUF they are made from its metadata.
   */
  companionFiles(): Promise<readonly { readonly name: string; readonly content: Uint8Array }[]>;
  close(): Promise<void>;
}
