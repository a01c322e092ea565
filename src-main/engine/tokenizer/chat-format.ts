import type { Tokenizer } from '@huggingface/tokenizers';
import { AppFailure, throwFailure } from '../../shared/result';
import { chatTemplates } from './chat-templates';
import { checkVocabulary } from './check-vocabulary';
import { naming, withDeadline } from './deadline';
import { classNotes } from './class-notes';
import { checkFields } from './fields';
import { libraryTokenizer } from './library-tokenizer';
import { specialTokens, type SpecialTokens } from './special-tokens';
import type { ChatFormat, TokenizerFiles } from './types';

/** A tokenizer with its chat template. What it could not honour is refused here, when the model is added. */
export function chatFormat(files: TokenizerFiles): ChatFormat {
  const { where } = files;
  const [special, notes, vocabulary] = readable(where, () => {
    const tokens = specialTokens(files);
    return [tokens, checkFields(files.tokenizer, files.config, where), checkVocabulary(files, tokens.added)] as const;
  });
  const tokenizer = readable(where, () => libraryTokenizer(files.tokenizer, special.added, where));
  const idOf = (text: string | undefined): number | null =>
    text === undefined ? null : (tokenizer.token_to_id(text) ?? null);
  const stops = stopTokens(files);
  const { eosId, eosText } = endOfText(files, special, stops, tokenizer);
  const templates = chatTemplates(files, special.named);
  const limited = <T>(run: () => T): T => withDeadline(() => naming(`tokenizer.json of ${where}`, where, run));

  return {
    vocabulary,
    eosId,
    eosText,
    bosId: idOf(special.named.get('bos_token')),
    padId: idOf(special.named.get('pad_token')) ?? eosId,
    stopIds: [...new Set([eosId, ...stops])],
    hasChatTemplate: templates.usable,
    knowsDeveloper: templates.knowsDeveloper,
    notes: [...files.notes, ...notes, ...classNotes(files.tokenizer, files.config), ...templates.notes],
    encode: (text, addSpecialTokens) =>
      text === '' && !addSpecialTokens ? [] : limited(() => encode(tokenizer, text, addSpecialTokens, where)),
    decode: (ids, skipSpecialTokens) => {
      const known = ids.filter((id) => tokenizer.id_to_token(id) !== undefined); // a vocabulary may have holes
      if (known.length === 0) return '';
      return limited(() =>
        tokenizer.decode(known, { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false }),
      );
    },
    render: (messages, addGenerationPrompt, options = {}) => templates.render(messages, addGenerationPrompt, options),
  };
}

function encode(tokenizer: Tokenizer, text: string, addSpecialTokens: boolean, where: string): readonly number[] {
  const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: addSpecialTokens });
  const unknown = (ids as readonly (number | undefined)[]).indexOf(undefined);
  if (unknown < 0) return ids;
  return throwFailure(
    'bad-data',
    `The vocabulary of ${where} lacks ${JSON.stringify(tokens[unknown])}, and it has no unknown token.`,
    'Use a model whose tokenizer can write this text.',
    { file: where, token: tokens[unknown] },
  );
}

/** A vocabulary of 260,000 tokens takes seconds on a busy machine: reading one has more time than a text. */
const reading = 60_000; // ms

/** Files that cannot be read as they stand: said with the file, not as a fault of the app. */
function readable<T>(where: string, read: () => T): T {
  try {
    return withDeadline(() => naming(`Reading tokenizer.json of ${where}`, where, read), reading);
  } catch (thrown) {
    if (thrown instanceof AppFailure) throw thrown;
    const why =
      thrown instanceof RangeError
        ? 'it is nested too deeply'
        : thrown instanceof Error
          ? thrown.message
          : String(thrown);
    return throwFailure(
      'bad-model',
      `The tokenizer of ${where} cannot be read: ${why}.`,
      'Check tokenizer.json, or download the model again.',
      { file: where },
    );
  }
}

/** Ids that end an answer besides eos_token: generation_config.json's and config.json's. */
function stopTokens({ generation, modelEos, embeddings, where }: TokenizerFiles): readonly number[] {
  const from = (file: string, value: unknown): readonly number[] =>
    (Array.isArray(value) ? value : [value])
      .filter((id) => id !== null && id !== undefined)
      .map((id: unknown) => {
        if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < embeddings) return id;
        return throwFailure(
          'bad-model',
          `${file} of ${where}: eos_token_id is ${JSON.stringify(id)}; the model has the ids 0 to ${embeddings - 1}.`,
          'Correct that file, or download the model again.',
          { file: where, field: 'eos_token_id', value: id },
        );
      });
  return [...from('generation_config.json', generation.eos_token_id), ...from('config.json', modelEos)];
}

function endOfText(
  files: TokenizerFiles,
  { named }: SpecialTokens,
  stops: readonly number[],
  tokenizer: Tokenizer,
): { readonly eosId: number; readonly eosText: string } {
  const { where } = files;
  const text = named.get('eos_token') ?? (stops[0] === undefined ? undefined : tokenizer.id_to_token(stops[0]));
  const id = text === undefined ? undefined : tokenizer.token_to_id(text);
  if (text === undefined || id === undefined)
    return throwFailure(
      'bad-model',
      `The tokenizer of ${where} names no end-of-text token.`,
      'Add eos_token to its tokenizer_config.json.',
      { file: where },
    );
  return { eosId: id, eosText: text };
}
