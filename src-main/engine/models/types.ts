import type { ModelFamily } from '../../shared/views';
import type { LoraInUse } from '../../shared/lora-in-use';
import type { GraphBuilder, GraphFunction, Residuals, Shape, Value, Variable } from '../graph/types';

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

export interface ModelConfig {
  readonly family: ModelFamily;
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
  /** Llama with attention_bias / mlp_bias; GPT-NeoX always has biases. */
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
  readonly parallelResidual: boolean; // GPT-NeoX
  readonly activation: 'silu' | 'gelu' | 'gelu_tanh';
  /** config.json as it was read, so that an export writes it back unchanged. */
  readonly huggingFace: Readonly<Record<string, unknown>>;
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

/** LoRA (Hu et al. 2021, arXiv 2106.09685): y = x Wᵀ + scale (x Aᵀ) Bᵀ with scale = alpha / rank (rank-stabilized, arXiv 2312.03732: alpha / √rank); A [rank, in], B [out, rank]. */
export type LoraPlan = LoraInUse;
export type LoraSize = Pick<LoraInUse, 'rank' | 'alpha'>;

/** Everything a forward pass needs to know about the tokens of B rows of T. */
export interface TokenInputs {
  readonly ids: Value; // i32 [B, T]
  readonly positions: Value; // i32 [B, T]; a shared-prefix row restarts them for the rejected response
  readonly segments: Value; // i32 [B, T]: 0 prompt, 1 chosen, 2 rejected, 3 padding; token i sees token j <= i if segment j is 0 or i's own
}

/** Gives the value of a weight by its Hugging Face name: a read variable, or a dequantized or cast one. */
export type WeightReader = (g: GraphBuilder, name: string) => Value;

export interface FunctionFactory {
  function(
    name: string,
    residuals: Residuals,
    parameters: readonly { readonly dtype: Value['dtype']; readonly shape: Shape }[],
    body: (g: GraphBuilder, parameters: readonly Value[]) => readonly Value[],
  ): GraphFunction;
  variable(name: string, dtype: Variable['dtype'], shape: Shape): Variable;
}
