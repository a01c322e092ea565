import type { Answer, Message, PreferencePair, PromptInput, RowProblem } from '../../shared/data/dataset';
import { answerText } from '../../shared/data/pair-text';
import { AppFailure } from '../../shared/result';
import type { RunSpec } from '../../shared/spec/run-spec';
import { eachWithDeadline } from '../tokenizer/deadline';
import type { ChatFormat } from '../tokenizer/types';
import type { TokenizedPair, TokenIds } from '../batch/types';

export interface TokenizeOptions {
  readonly maxLength: number; // of prompt + response
  readonly truncation: RunSpec['training']['truncation'];
  /** Only the chosen answer counts; what the rejected one is decides nothing: neither the prompt's end nor the cut. */
  readonly chosenOnly?: boolean;
}

type ProblemOf = (field: string, code: RowProblem['code'], message: string) => RowProblem;

/**
 * Token ids of a pair as TRL 1.16 makes them (docs/contract.md): prompt and prompt + answer are encoded whole; the
 * prompt ends where its ids and those of both full sequences part. Then the pair is cut to `maxLength`, or refused with
 * a reason.
 */
export function tokenizePair(
  format: ChatFormat,
  given: PreferencePair,
  options: TokenizeOptions,
): TokenizedPair | RowProblem {
  const pair = options.chosenOnly ? { ...given, rejected: given.chosen } : given;
  const problem: ProblemOf = (field, code, message) => ({ row: pair.row, field, code, message });
  const encoded = encodeOrRefuse(format, pair, problem);
  if ('code' in encoded) return encoded;
  const { prompt, chosen, rejected } = encoded;
  const kept = commonPrefix(prompt, chosen, rejected);
  const whole = {
    row: pair.row,
    promptIds: chosen.slice(0, kept),
    chosenIds: chosen.slice(kept),
    rejectedIds: rejected.slice(kept),
  };
  if (kept === 0)
    return problem(
      'prompt',
      'missing-field',
      'The prompt has no token of its own, so the first answer token could not be predicted.',
    );
  if (whole.chosenIds.length === 0 || whole.rejectedIds.length === 0)
    return problem(
      whole.chosenIds.length === 0 ? 'chosen' : 'rejected',
      'empty-response',
      'The response has no token of its own.',
    );
  const sameMatters = options.chosenOnly !== true;
  if (sameMatters && isSame(whole.chosenIds, whole.rejectedIds))
    return problem(
      'rejected',
      'same-after-template',
      'Chosen and rejected have the same tokens after the chat template, so the pair teaches nothing.',
    );
  const tokens = cut(whole, options, problem);
  if (sameMatters && !('code' in tokens) && isSame(tokens.chosenIds, tokens.rejectedIds))
    return problem(
      'rejected',
      'same-after-cut',
      `The first ${tokens.chosenIds.length} tokens of chosen and rejected are the same, and no more fit into ` +
        `${options.maxLength}, so the pair teaches nothing.`,
    );
  return tokens;
}

/** Many pairs, in order, each within the deadline for what comes from the model's own files. */
export function tokenizePairs(
  format: ChatFormat,
  pairs: readonly PreferencePair[],
  options: TokenizeOptions,
): readonly (TokenizedPair | RowProblem)[] {
  const results: (TokenizedPair | RowProblem)[] = [];
  eachWithDeadline(
    pairs,
    ({ row }) => row,
    (pair, i) => (results[i] = tokenizePair(format, pair, options)),
  );
  return results;
}

interface Encoded {
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** What a template says about one conversation concerns that row alone; a model without a template concerns all. */
function encodeOrRefuse(format: ChatFormat, pair: PreferencePair, problem: ProblemOf): Encoded | RowProblem {
  try {
    return encodePair(format, pair);
  } catch (thrown) {
    if (!(thrown instanceof AppFailure && thrown.error.code === 'bad-data')) throw thrown;
    const { reason } = thrown.error.details ?? {};
    return problem(
      'prompt',
      'template-refuses',
      `The chat template refuses this conversation: ${typeof reason === 'string' ? reason : thrown.error.message}.`,
    );
  }
}

/**
 * The chat template renders messages with the tokens it needs; plain text gets the tokenizer's own special tokens and
 * an end.
 */
export function encodePair(format: ChatFormat, { prompt, chosen, rejected }: PreferencePair): Encoded {
  const whole = (answer: Answer): readonly number[] => {
    if (prompt.kind === 'messages')
      return encodeTurns(format, [...prompt.messages, ...turns(answer)], false, prompt.tools);
    const text = answerText(answer);
    return format.encode(`${prompt.text}${text}${text.endsWith(format.eosText) ? '' : format.eosText}`, true);
  };
  return { prompt: encodePrompt(format, prompt), chosen: whole(chosen), rejected: whole(rejected) };
}

const turns = (answer: Answer): readonly Message[] =>
  typeof answer === 'string' ? [{ role: 'assistant', content: answer }] : answer;

/** A prompt alone, as generation starts from it. */
export const encodePrompt = (format: ChatFormat, prompt: PromptInput): readonly number[] =>
  prompt.kind === 'messages'
    ? encodeTurns(format, prompt.messages, true, prompt.tools)
    : format.encode(prompt.text, true);

function encodeTurns(
  format: ChatFormat,
  messages: readonly Message[],
  addGenerationPrompt: boolean,
  tools: readonly unknown[] | undefined,
): readonly number[] {
  const known = format.knowsDeveloper
    ? messages
    : messages.map((turn): Message => (turn.role === 'developer' ? { ...turn, role: 'system' } : turn));
  return format.encode(format.render(known, addGenerationPrompt, tools ? { tools } : {}), false);
}

function commonPrefix(prompt: TokenIds, chosen: TokenIds, rejected: TokenIds): number {
  let length = 0;
  while (length < prompt.length && prompt[length] === chosen[length] && prompt[length] === rejected[length]) length++;
  return length;
}

function isSame(a: TokenIds, b: TokenIds): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const uncut = { prompt: 0, chosen: 0, rejected: 0 };

function cut(
  pair: Omit<TokenizedPair, 'cut'>,
  { maxLength, truncation }: TokenizeOptions,
  problem: ProblemOf,
): TokenizedPair | RowProblem {
  const { promptIds, chosenIds, rejectedIds } = pair;
  const longest = Math.max(chosenIds.length, rejectedIds.length);
  if (promptIds.length + longest <= maxLength) return { ...pair, cut: uncut };
  const tooLong = `The prompt has ${promptIds.length} tokens and the longer response ${longest}; the maximum is ${maxLength}.`;
  if (truncation === 'drop') return problem('prompt', 'dropped-too-long', tooLong);
  if (truncation === 'seed') return cutAsSeed(pair, maxLength);
  const room = maxLength - promptIds.length;
  if (room < 1)
    return problem(
      'prompt',
      'prompt-too-long',
      `The prompt alone has ${promptIds.length} tokens and leaves no room for a response within ${maxLength}.`,
    );
  return withResponses(pair, promptIds, room);
}

/**
 * As the SamPO paper's code: the prompt is cut from the left to 3/4 of the window; if that is not enough, both
 * responses to the last quarter.
 */
function cutAsSeed(pair: Omit<TokenizedPair, 'cut'>, maxLength: number): TokenizedPair {
  const maxPrompt = Math.floor((maxLength * 3) / 4);
  const promptIds = pair.promptIds.slice(-maxPrompt);
  const longest = Math.max(pair.chosenIds.length, pair.rejectedIds.length);
  return withResponses(pair, promptIds, promptIds.length + longest > maxLength ? maxLength - maxPrompt : longest);
}

function withResponses(pair: Omit<TokenizedPair, 'cut'>, promptIds: TokenIds, room: number): TokenizedPair {
  const [chosenIds, rejectedIds] = [pair.chosenIds.slice(0, room), pair.rejectedIds.slice(0, room)];
  return {
    row: pair.row,
    promptIds,
    chosenIds,
    rejectedIds,
    cut: {
      prompt: pair.promptIds.length - promptIds.length,
      chosen: pair.chosenIds.length - chosenIds.length,
      rejected: pair.rejectedIds.length - rejectedIds.length,
    },
  };
}
