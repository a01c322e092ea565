import type { Message } from '../../shared/dataset';

/** A tokenizer with its chat template: text in, the model's ids out. */
export interface ChatFormat {
  readonly vocabulary: number;
  readonly eosId: number; // the id that ends an answer
  readonly eosText: string;
  readonly bosId: number | null;
  readonly padId: number;
  /** Ids that end generation (generation_config.json may list several). */
  readonly stopIds: readonly number[];
  readonly hasChatTemplate: boolean;
  /** With the tokenizer's own special tokens (`addSpecialTokens`) or without. */
  encode(text: string, addSpecialTokens: boolean): readonly number[];
  decode(ids: readonly number[], skipSpecialTokens: boolean): string;
  /** Renders a conversation. Throws AppFailure('bad-model') when there is no template, with what to do. */
  render(messages: readonly Message[], addGenerationPrompt: boolean): string;
}
