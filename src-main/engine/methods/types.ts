import type { GraphBuilder, Value } from '../graph/types';
import type { RunSpec } from '../../shared/run-spec';

/** Token weights of one pair, drawn on the host from (seed, epoch, row): they multiply p_t and r_t before summing. */
export interface PairWeights {
  readonly chosenPolicy: Float32Array; // [T_w]
  readonly rejectedPolicy: Float32Array; // [T_l]
  /** The same arrays as the policy's unless sampling is independent. */
  readonly chosenReference: Float32Array;
  readonly rejectedReference: Float32Array;
  readonly keptTokens: number;
}

/** Sums over the weighted tokens of B pairs. */
export interface PairSums {
  readonly chosenPolicy: Value; // [B]
  readonly rejectedPolicy: Value;
  readonly chosenReference: Value;
  readonly rejectedReference: Value;
  readonly chosenTokens: Value; // f32 [B], T_w
  readonly rejectedTokens: Value;
}

/** A method is token weights plus a pair loss (design.md 3). */
export interface PreferenceMethod {
  readonly id: RunSpec['method']['id'];
  readonly needsReference: boolean;
  /** T_w, T_l: completion tokens. `random` draws uniform numbers in [0, 1), seeded by (seed, epoch, row). */
  tokenWeights(chosenTokens: number, rejectedTokens: number, parameters: RunSpec['method'], random: () => number): PairWeights;
  /** Per-pair losses [B]; the step's loss is their weighted mean. */
  pairLoss(g: GraphBuilder, sums: PairSums, parameters: RunSpec['method']): Value;
}
