import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import { largest } from '../../shared/extremes';
import { throwFailure } from '../../shared/result';
import type { Message } from '../../shared/dataset';
import { naming, withDeadline } from './deadline';
import type { ChatFormat } from './types';

/** What a tokenizer is made from: the parsed files of a Hugging Face folder, or the same made from GGUF metadata. */
export interface TokenizerFiles {
  readonly tokenizer: Readonly<Record<string, unknown>>; // tokenizer.json
  readonly config: Readonly<Record<string, unknown>>; // tokenizer_config.json
  readonly generation: Readonly<Record<string, unknown>>; // generation_config.json
  readonly chatTemplate: string | null; // chat_template.jinja, where it stands apart
  readonly modelEos: readonly number[]; // config.json's eos_token_id
  readonly where: string; // for messages
}

/** Chat templates are small programs of strangers: no I/O in the interpreter, and a limit on size. */
const templateLimit = 1 << 20;

export function chatFormat(files: TokenizerFiles): ChatFormat {
  const tokenizer = makeTokenizer(files);
  const vocabulary = tokenizer.get_vocab(true);
  const idOf = (text: string | null): number | null => (text === null ? null : (vocabulary.get(text) ?? tokenizer.token_to_id(text) ?? null));
  const bosText = tokenText(files.config.bos_token);
  const configured = ids(files.generation.eos_token_id);
  const textOf = (id: number | undefined): string | null => (id === undefined ? null : (tokenizer.id_to_token(id) ?? null));
  const eosText = tokenText(files.config.eos_token) ?? textOf(configured[0] ?? files.modelEos[0]);
  const eosId = idOf(eosText);
  if (eosText === null || eosId === null) return throwFailure('bad-model', `The tokenizer of ${files.where} names no end-of-text token.`, 'Add eos_token to its tokenizer_config.json.', { file: files.where });
  const stopIds = [...new Set([eosId, ...configured, ...files.modelEos])];
  const source = files.chatTemplate ?? templateOf(files.config.chat_template);
  const template = source === null ? null : parseTemplate(source, files.where);

  const limited = <T>(run: () => T): T => withDeadline(() => naming(`tokenizer.json of ${files.where}`, files.where, run));

  return {
    vocabulary: (largest(vocabulary.values()) ?? -1) + 1,
    eosId,
    eosText,
    bosId: idOf(bosText),
    padId: idOf(tokenText(files.config.pad_token)) ?? eosId,
    stopIds,
    hasChatTemplate: template !== null,
    encode: (text, addSpecialTokens) => (text === '' && !addSpecialTokens ? [] : limited(() => tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids)),
    decode: (tokenIds, skipSpecialTokens) =>
      tokenIds.length === 0 ? '' : limited(() => tokenizer.decode([...tokenIds], { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false })),
    render: (messages, addGenerationPrompt, { tools = null } = {}) => {
      if (template === null) return throwFailure('bad-model', `${files.where} has no chat template, but the data are conversations.`, 'Choose an instruction-tuned model, or data whose prompts are plain text.', { file: files.where });
      return withDeadline(() => naming(`The chat template of ${files.where}`, files.where, () => render(template, messages, addGenerationPrompt, tools, bosText ?? '', eosText, files.where)));
    },
  };
}

function makeTokenizer(files: TokenizerFiles): Tokenizer {
  try {
    return new Tokenizer(withAllDigits(files.tokenizer) as typeof files.tokenizer, files.config);
  } catch (thrown) {
    return throwFailure('bad-model', `The tokenizer of ${files.where} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, 'Check tokenizer.json, or download the model again.', { file: files.where });
  }
}

/**
 * Hugging Face's `Digits` step splits off every number of Unicode (⅔, ₂, Ⅳ); the JavaScript library's only 0 to 9. A `Split` by \p{N} does what the original does.
 */
function withAllDigits(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const { pre_tokenizer: step, ...rest } = value as { readonly pre_tokenizer?: PreTokenizerStep | null };
  return step ? { ...rest, pre_tokenizer: splitNumbers(step) } : value;
}

interface PreTokenizerStep {
  readonly type: string;
  readonly individual_digits?: boolean;
  readonly pretokenizers?: readonly PreTokenizerStep[];
}

function splitNumbers(step: PreTokenizerStep): unknown {
  if (step.pretokenizers) return { ...step, pretokenizers: step.pretokenizers.map(splitNumbers) };
  if (step.type !== 'Digits') return step;
  return { type: 'Split', pattern: { Regex: step.individual_digits ? '\\p{N}' : '\\p{N}+' }, behavior: 'Isolated', invert: false };
}

/** A token in tokenizer_config.json is text or an AddedToken object. */
function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  const content = (value as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : null;
}

const ids = (value: unknown): readonly number[] => (Array.isArray(value) ? value : [value]).filter((x): x is number => typeof x === 'number');

/** One template, or a list of named ones of which `default` is meant. */
function templateOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  const named = value as readonly { readonly name?: unknown; readonly template?: unknown }[];
  const chosen = named.find((t) => t.name === 'default') ?? named[0];
  return typeof chosen?.template === 'string' ? chosen.template : null;
}

function parseTemplate(source: string, where: string): Template {
  if (source.length > templateLimit) return throwFailure('bad-model', `The chat template of ${where} is ${source.length} characters long.`, 'Templates above one million characters are refused.', { file: where });
  try {
    return new Template(source);
  } catch (thrown) {
    return throwFailure('bad-model', `The chat template of ${where} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, 'Check chat_template in tokenizer_config.json.', { file: where });
  }
}

/** The names that transformers gives templates. Today is a fixed day: what a model is trained on must not depend on when. */
const templateGlobals = {
  true: true, True: true, false: false, False: false, none: null, None: null,
  range: (start: number, stop?: number, step = 1): readonly number[] => {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, i) => from + i * step);
  },
  strftime_now: () => '26 Jul 2024',
  raise_exception: (message: string): never => {
    throw new Error(message);
  },
} as const;

function render(template: Template, messages: readonly Message[], addGenerationPrompt: boolean, tools: readonly unknown[] | null, bos: string, eos: string, where: string): string {
  try {
    const scope = new Environment();
    const globals = { ...templateGlobals, messages, tools, documents: null, add_generation_prompt: addGenerationPrompt, bos_token: bos, eos_token: eos };
    for (const [name, value] of Object.entries(globals)) scope.set(name, value);
    const result: unknown = new Interpreter(scope).run(template.parsed).value;
    if (typeof result !== 'string') throw new Error('it gives no text');
    return result;
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return throwFailure('bad-data', `The chat template of ${where} refuses a conversation: ${reason}.`, 'Check the order and the roles of the messages.', { file: where, template: true, reason });
  }
}
