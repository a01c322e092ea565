import type { FloatFormat, Program } from '../graph/types';
import type { Pack } from '../model/packs';
import type { LoraPlan } from '../model/lora-plan';
import type { ModelConfig } from '../families/registry';
import type { Bucket } from '../batch/types';
import type { RunSpec } from '../../shared/spec/run-spec';
import type { Lanes } from '../batch/lanes';
import type { ScoringLayout } from './scoring-layout';

/**
 * Entries of the training program, with their feeds and outputs. `<b>` is the bucket's index.
 *
 * `logprobs:<b>`    feeds ids, positions, segments (i32 [B, T]; segments: 0 prompt, 1 chosen, 2 rejected, 3 padding),
 *                   completionIndex (i32 [N]: b * T + t of the token that predicts the completion token; the last
 *                   prompt token for the first one of either response), targets (i32 [N]). Outputs logprobs (f32 [N]).
 *                   Padding slots: index 0, target 0.
 * `reference:<b>`   (live reference) as logprobs, under the reference's weights.
 * `accumulate:<b>`  the same feeds, and membership (f32 [2B, N], 1 where a slot belongs to a side: rows 0..B-1 chosen,
 *                   B..2B-1 rejected, then prompts where they are scored), policyWeights, referenceWeights,
 *                   referenceLogprobs (f32 [N]), tokenCounts (f32 [2B]: T_w then T_l; 1 for padding rows), pairScale
 *                   (f32 [B]: usually 1 / pairs of the whole step; 0 for padding rows), constants (f32 [K, B], where
 *                   the method couples pairs: methods/terms.ts), and lane (i32 [], where there are several: whose
 *                   gradient to add to). Outputs logprobs, entropy, meanLogit, top1 [N], kl [N] (TDPO), losses [B] (per
 *                   pair, unscaled), loss [] (sum of pairScale * losses). Adds the gradient of `loss` to the
 *                   accumulated one.
 * `evaluate:<b>`    as accumulate, without the gradient.
 * `apply`           feeds rate, epsilon, decay (as Update 'adam' says, scalars), clipNorm (scalar; a huge number for
 *                   off). Clips the accumulated gradient by its global norm, updates the trainable weights, clears the
 *                   accumulated gradient. Outputs gradNorm [] (before clipping).
 * `sync`            (live reference) feeds mixup (scalar): reference ← mixup · policy + (1 − mixup) · reference.
 * `prefill`         (probes) feeds ids (i32 [R, P]), lengths (i32 [R]); fills the KV cache; outputs logits (f32 [R, V])
 *                   after each row's last token.
 * `decode`          feeds ids (i32 [R]), positions (i32 [R]: where the token goes); outputs logits (f32 [R, V]).
 */
export interface TrainProgram {
  readonly program: Program;
  readonly buckets: readonly Bucket[];
  /**
   * All weights, a variable for each pack: the model's own by their Hugging Face names, then the adapter's
   * (`<module>.lora_A.weight`, `<module>.lora_B.weight`) together.
   */
  readonly packs: readonly Pack[];
  /** Those of them that are trained; each has `adam_m/<name>`, `adam_v/<name>`, `gradient/<name>` beside it. */
  readonly trained: readonly Pack[];
  readonly generation: GenerationShape | null;
  readonly layout: ScoringLayout;
  readonly liveReference: boolean;
  readonly lanes: Lanes;
}

export interface GenerationShape {
  readonly rows: number; // R
  readonly promptTokens: number; // P
  readonly capacity: number; // P + new tokens
}

export interface TrainProgramPlan {
  readonly config: ModelConfig;
  readonly lora: LoraPlan | null; // null: full fine-tuning
  readonly method: RunSpec['method'];
  /** How frozen matrices are kept (LoRA only: full fine-tuning freezes nothing). */
  readonly storage: FloatFormat;
  /** The format that layers multiply by their matrices in, forwards and backwards; all else is f32. */
  readonly products: FloatFormat;
  /** The reference's trainable weights stand beside the policy's, as variables `reference/<name>`. */
  readonly liveReference: boolean;
  readonly adamBetas: readonly [number, number];
  readonly buckets: readonly Bucket[];
  readonly generation: GenerationShape | null;
  /**
   * Activation checkpointing: of the first layers, as many as this, the backward pass keeps only the input; of the
   * others also the matrix products. The first ones, because their turn comes last, when what later layers kept is
   * gone.
   */
  readonly recomputedLayers: number;
  /**
   * Each lane has a gradient of its own; in full fine-tuning a second one takes more memory than it is worth
   * (RESULTS.md, "Lanes"), so it has one lane.
   */
  readonly lanes: Lanes;
}
