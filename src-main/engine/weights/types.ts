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
