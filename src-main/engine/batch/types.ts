/** Ids of tokens, as a list or as part of a packed array (packed-pairs.ts). */
export type TokenIds = readonly number[] | Int32Array;

/** One pair as token ids after truncation (docs/contract.md, "Tokenization"). A supervised row has no rejected ids. */
export interface TokenizedPair {
  readonly row: number; // 1-based row of the file
  readonly promptIds: TokenIds;
  readonly chosenIds: TokenIds;
  readonly rejectedIds: TokenIds;
  /** How many ids truncation took away from each part; a cut response has lost its EOS. */
  readonly cut: { readonly prompt: number; readonly chosen: number; readonly rejected: number };
}

/**
 * A static shape of the step: B rows of T tokens (a row is prompt + chosen + rejected with the prompt shared), N
 * completion slots.
 */
export interface Bucket {
  readonly rows: number; // B
  readonly tokens: number; // T
  readonly completions: number; // N: slots for completion tokens of all rows together
}
