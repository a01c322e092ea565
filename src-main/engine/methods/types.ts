import type { MethodId, MethodSpec } from '../../shared/spec/method-spec';
import type { GraphBuilder, Value } from '../graph/types';

// B pairs

/** Token weights of one pair, from the host: they multiply p_t and r_t before summing. */
export interface PairWeights {
  readonly chosenPolicy: Float32Array; // [T_w]
  readonly rejectedPolicy: Float32Array; // [T_l]
  /** The same arrays as the policy's unless sampling is independent. */
  readonly chosenReference: Float32Array;
  readonly rejectedReference: Float32Array;
  readonly keptTokens: number;
}

/** One side (chosen or rejected) of B pairs in the graph, all f32 [B]. */
export interface Side {
  readonly policy: Value; // Σ weight · p_t
  readonly reference: Value; // Σ weight · r_t; zeros without a reference
  readonly ratio: Value; // policy − reference: a or b
  readonly full: Value; // Σ p_t over all tokens, whatever the weights
  readonly tokens: Value; // T
  readonly divergence: Value; // Σ weight · KL(ref ‖ π) at t; zeros unless the method needs distributions
}

/** What a pair loss is made from. */
export interface PairInputs {
  readonly chosen: Side;
  readonly rejected: Side;
  /** Σ log-probs of the prompt's tokens (all but its first); zeros unless the method scores prompts. [B] */
  readonly prompt: Value;
  /** A number that the method's `couple` gave for each pair. [B] */
  constant(name: string): Value;
}

/** The same sums as numbers, for all pairs of a step in its order. */
export interface StepSums {
  readonly chosen: readonly SideSums[];
  readonly rejected: readonly SideSums[];
  readonly promptTokens: readonly number[];
}
export interface SideSums {
  readonly policy: number;
  readonly reference: number;
  readonly tokens: number;
}

/** Numbers a method keeps from step to step (running means); part of the checkpoint. */
export type MethodMemory = Readonly<Record<string, number>>;

/**
 * Losses that are not a mean over independent pairs: what a pair needs to know of the whole step comes as constants
 * from the host, so that micro-batches change nothing.
 */
export interface Coupling {
  readonly constants: readonly string[];
  /** The constants depend on log-probs under the present weights: the step is scored once before its gradient. */
  readonly needsScores: boolean;
  couple(
    step: StepSums,
    method: MethodSpec,
    memory: MethodMemory,
    phase: 'train' | 'eval',
  ): { readonly values: Readonly<Record<string, readonly number[]>>; readonly memory: MethodMemory };
}

/**
 * A method is a pair loss over sums of weighted tokens (docs/methods.md, "A method is token weights and a pair loss").
 */
export interface PreferenceMethod {
  readonly id: MethodId;
  /** Needs the reference's whole distributions in the step, not only its log-probs. */
  readonly needsDistributions?: true;
  /** Scores prompt tokens of the chosen sequence too. */
  needsPrompt?(method: MethodSpec): boolean;
  /** WPO's pair weights multiply this loss (a supervised term is left alone). Default: yes. */
  readonly ignoresPairWeights?: true;
  readonly coupling?: Coupling;
  /** Per-pair losses [B]; the step's loss is their mean. */
  pairLoss(g: GraphBuilder, inputs: PairInputs, method: MethodSpec): Value;
}
