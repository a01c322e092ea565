import type { Message } from '../../shared/data/dataset';

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
  /** What a person should know of the tokenizer's files: fields without effect here, which template is used. */
  readonly notes: readonly string[];
  /** The template knows the role `developer`; others get such turns as `system`. */
  readonly knowsDeveloper?: boolean;
  /** With the tokenizer's own special tokens (`addSpecialTokens`) or without. */
  encode(text: string, addSpecialTokens: boolean): readonly number[];
  decode(ids: readonly number[], skipSpecialTokens: boolean): string;
  /**
   * Renders a conversation: whole message objects reach the template, and `tools` where the row has some.
   * Throws AppFailure('bad-model') when there is no template or a broken one, and 'bad-data' with
   * `details: { template: true, reason }` where the template refuses this conversation (that row's problem).
   */
  render(messages: readonly Message[], addGenerationPrompt: boolean, more?: RenderOptions): string;
}

export interface RenderOptions {
  readonly tools?: readonly unknown[] | null; // as transformers' apply_chat_template takes them: JSON schemas of functions
}

export type Json = Readonly<Record<string, unknown>>;

/** What a tokenizer is made from: the parsed files of a Hugging Face folder, or the same made from GGUF metadata. */
export interface TokenizerFiles {
  readonly tokenizer: Json; // tokenizer.json
  readonly config: Json; // tokenizer_config.json
  readonly specialTokens: Json; // special_tokens_map.json
  readonly addedTokens: Json; // added_tokens.json
  readonly generation: Json; // generation_config.json
  readonly templates: ReadonlyMap<string, string>; // templates in files of their own, by name
  readonly modelEos: unknown; // config.json's eos_token_id
  readonly embeddings: number; // rows of the model's embedding
  readonly where: string; // for messages
  readonly notes: readonly string[]; // what a person should know of how they were found
}

/** A token that is found in text before anything else. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
}
