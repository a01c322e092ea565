import type { WeightFormat } from '../../shared/views/library';
import type { ModelConfig } from '../families/registry';
import type { ChatFormat } from '../tokenizer/types';
import type { StoredTensor } from '../weights/types';

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
