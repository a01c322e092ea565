import type { Shape } from '../graph/types';

/** Which part of the network a weight belongs to; decides LoRA targets, weight decay and what a frozen base skips. */
export type WeightRole = 'embedding' | 'norm' | 'linear' | 'bias' | 'head';

export interface WeightSpec {
  readonly name: string; // the Hugging Face tensor name
  readonly shape: Shape;
  readonly role: WeightRole;
  readonly layer: number | null;
  /** The short name of a linear layer (`q_proj`, `query_key_value`, …), for `adapter.targets`. */
  readonly module: string | null;
}

/** What the configuration of a model says in every family. */
export interface ModelShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly ffWidth: number;
  readonly vocabulary: number;
  readonly contextLength: number;
  readonly normEpsilon: number;
  readonly tiedHead: boolean;
  readonly rope: { readonly theta: number; readonly dims: number; readonly scaling: RopeScaling | null };
  /** config.json as it was read, so that an export writes it back unchanged. */
  readonly huggingFace: Readonly<Record<string, unknown>>;
}

/** `own`: what only models of this family have. */
export interface FamilyConfig<Own> extends ModelShape {
  readonly own: Own;
}

export type RopeScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | { readonly kind: 'factors'; readonly factors: readonly number[] } // each frequency divided by its own
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContext: number;
    };
