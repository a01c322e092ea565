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
  /**
   * Renders a conversation: whole message objects reach the template, and `tools` where the row has some. Throws AppFailure('bad-model') when there is no template
   * or a broken one, and 'bad-data' with `details: { template: true, reason }` where the template refuses this conversation (that row's problem).
   */
  render(messages: readonly Message[], addGenerationPrompt: boolean, more?: RenderOptions): string;
}

export interface RenderOptions {
  readonly tools?: readonly unknown[] | null; // as transformers' apply_chat_template takes them: JSON schemas of functions
}
