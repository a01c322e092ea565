import type { Message, PreferencePair, PromptInput, RowProblem } from '../../../shared/data/dataset';
import type { DatasetFormat } from '../../../shared/spec/run-spec';
import { BadRow } from './bad-row';
import { nonFinite } from '../readers/json';
import { hasCalls, isObject, isSameTurn, textOf, turnsOf } from './messages';
import type { FileNotes } from './notes';
import type { RawRow } from '../readers/read-rows';
import { own } from '../readers/whole-file';

/**
 * pairs     {prompt, chosen, rejected}: text or messages, a message alone too
 * messages  {chosen, rejected} as whole conversations, or {prompt, chosen: messages, rejected: messages}
 * sharegpt  {conversations: [{from, value}], chosen: {from, value}, rejected: {from, value}}
 * hh        {chosen, rejected} as transcripts "\n\nHuman: … \n\nAssistant: …"; the prompt is what both share up to the
 *           last "\n\nAssistant:"
 * alpaca    {instruction, input, chosen, rejected}: the prompt is both, on two lines; `history`: [[question, answer],
 *           …]
 *
 * In all but hh, `system` is the first turn, and `tools` go to the chat template. A plain-text row that has a system
 * text or a history is a conversation, since text has no place for either.
 */
export type KnownFormat = Exclude<DatasetFormat, 'auto'>;

type Columns = Readonly<Record<string, unknown>>;
type Parsed = Omit<PreferencePair, 'row'>;
type Side = string | readonly Message[];

/** The columns that a format reads. */
export const columnsRead: Readonly<Record<KnownFormat, readonly string[]>> = {
  pairs: ['prompt', 'chosen', 'rejected', 'system', 'tools', 'history'],
  messages: ['prompt', 'chosen', 'rejected', 'system', 'tools', 'history'],
  sharegpt: ['conversations', 'chosen', 'rejected', 'system', 'tools', 'history'],
  hh: ['chosen', 'rejected'],
  alpaca: ['instruction', 'input', 'chosen', 'rejected', 'system', 'tools', 'history'],
};

/** The format of the first row that has one, by its columns. Null: none fits. */
export function detectFormat(rows: readonly RawRow[]): KnownFormat | null {
  for (const { value } of rows) {
    const [prompt, chosen, rejected] = ['prompt', 'chosen', 'rejected'].map((name) => own(value, name));
    if (isMissing(chosen) || isMissing(rejected)) continue;
    if (Array.isArray(own(value, 'conversations'))) return 'sharegpt';
    if (Array.isArray(chosen) && Array.isArray(rejected))
      return isMissing(own(value, 'instruction')) || !isMissing(prompt) ? 'messages' : 'alpaca';
    if (!isMissing(prompt)) return 'pairs';
    if (!isMissing(own(value, 'instruction'))) return 'alpaca';
    if (typeof chosen === 'string' && typeof rejected === 'string' && chosen.includes(mark) && rejected.includes(mark))
      return 'hh';
  }
  return null;
}

const isMissing = (value: unknown): boolean => value === undefined || value === null || nonFinite(value) !== null;

/** `chosenOnly`: nothing is learned from the rejected answer, so it may be empty or the chosen one once more. */
export function parseRow(
  { row, value }: RawRow,
  format: KnownFormat,
  notes: FileNotes,
  chosenOnly = false,
): PreferencePair | RowProblem {
  try {
    return checked({ row, ...readers[format](value, notes) }, chosenOnly);
  } catch (thrown) {
    if (thrown instanceof BadRow) return { row, field: thrown.field, code: thrown.code, message: thrown.message };
    throw thrown;
  }
}

const readers: Readonly<Record<KnownFormat, (value: Columns, notes: FileNotes) => Parsed>> = {
  pairs: (value, notes) => pairOf(value, sideOf(value, 'prompt'), notes),
  messages: (value, notes) =>
    isMissing(own(value, 'prompt')) ? wholeConversations(value, notes) : pairOf(value, sideOf(value, 'prompt'), notes),
  sharegpt: (value, notes) => pairOf(value, turnsOf(present(value, 'conversations'), 'conversations'), notes),
  alpaca: (value, notes) => {
    const [instruction, input] = [textOf(present(value, 'instruction'), 'instruction'), optionalText(value, 'input')];
    return pairOf(value, input === '' ? instruction : `${instruction}\n${input}`, notes);
  },
  hh: (value) => {
    const [chosen, rejected] = [
      textOf(present(value, 'chosen'), 'chosen'),
      textOf(present(value, 'rejected'), 'rejected'),
    ];
    const end = chosen.lastIndexOf(mark);
    if (end < 0) throw new BadRow('chosen', 'wrong-type', 'The transcript has no "\\n\\nAssistant:" turn.');
    const prompt = chosen.slice(0, end + mark.length);
    if (!rejected.startsWith(prompt))
      throw new BadRow(
        'rejected',
        'prompts-differ',
        'The rejected transcript does not begin with the prompt of the chosen one.',
      );
    return {
      prompt: { kind: 'text', text: prompt },
      chosen: chosen.slice(prompt.length),
      rejected: rejected.slice(prompt.length),
    };
  },
};
const mark = '\n\nAssistant:';

function present(value: Columns, field: string): unknown {
  const found = own(value, field);
  if (found === undefined || found === null)
    throw new BadRow(
      field,
      'missing-field',
      `The row has no "${field}"; it has ${Object.keys(value).join(', ') || 'no columns'}.`,
    );
  return found;
}

/** Text, one message, or a list of them. */
function sideOf(value: Columns, field: string): Side {
  const found = present(value, field);
  return Array.isArray(found) || isObject(found) ? turnsOf(found, field) : textOf(found, field);
}

/** '' where a row has none: null and NaN are what tables write there. */
function optionalText(value: Columns, field: string): string {
  const found = own(value, field);
  return isMissing(found) ? '' : textOf(found, field);
}

/** A pair whose prompt has a column of its own. */
function pairOf(value: Columns, prompt: Side, notes: FileNotes): Parsed {
  const [chosen, rejected] = [sideOf(value, 'chosen'), sideOf(value, 'rejected')];
  const [system, history, tools] = [optionalText(value, 'system'), historyOf(value), toolsOf(value)];
  if (typeof prompt === 'string' && typeof chosen === 'string' && typeof rejected === 'string') {
    if (system === '' && history.length === 0) {
      if (tools.length > 0) notes.count('tools-with-text');
      return { prompt: { kind: 'text', text: prompt }, chosen, rejected };
    }
    notes.count(system === '' ? 'history-with-text' : 'system-with-text');
  }
  if (prompt === '') throw new BadRow('prompt', 'missing-field', 'The prompt is empty.');
  const before: readonly Message[] = [
    ...history,
    ...(typeof prompt === 'string' ? [{ role: 'user', content: prompt } as const] : prompt),
  ];
  const [one, other] = [asTurns(chosen), asTurns(rejected)];
  if (isAnswer(one) && isAnswer(other)) return conversation(before, one, other, system, tools, notes);
  // the answers are conversations themselves: with the prompt in them, or with the turns that follow it
  const repeats = (turns: readonly Message[]): boolean =>
    before.length <= turns.length && before.every((turn, i) => isSameTurn(turn, turns[i]!));
  if (repeats(one) && repeats(other)) return split(one, other, system, tools, notes);
  if (typeof prompt !== 'string') return split([...before, ...one], [...before, ...other], system, tools, notes);
  if (!one.some((turn) => turn.content.trim() === prompt.trim())) notes.count('prompt-not-used');
  return split([...history, ...one], [...history, ...other], system, tools, notes);
}

const asTurns = (side: Side): readonly Message[] =>
  typeof side === 'string' ? [{ role: 'assistant', content: side }] : side;
const isAnswer = (turns: readonly Message[]): boolean => turns[0]!.role === 'assistant' || turns[0]!.role === 'tool';

function wholeConversations(value: Columns, notes: FileNotes): Parsed {
  return split(
    turnsOf(present(value, 'chosen'), 'chosen'),
    turnsOf(present(value, 'rejected'), 'rejected'),
    optionalText(value, 'system'),
    toolsOf(value),
    notes,
  );
}

/**
 * The prompt is the turns that both share, short of the last of either (TRL's extract_prompt); all that follows is the
 * answer.
 */
function split(
  chosen: readonly Message[],
  rejected: readonly Message[],
  system: string,
  tools: readonly unknown[],
  notes: FileNotes,
): Parsed {
  const most = Math.min(chosen.length, rejected.length) - 1;
  let shared = 0;
  while (shared < most && isSameTurn(chosen[shared]!, rejected[shared]!)) shared++;
  if (shared === 0 && isAnswer(chosen) && isAnswer(rejected))
    throw new BadRow('chosen', 'missing-field', 'The conversation has an answer but no prompt before it.');
  const [one, other] = [chosen.slice(shared), rejected.slice(shared)];
  if (!isAnswer(one) || !isAnswer(other))
    throw new BadRow(
      'rejected',
      'prompts-differ',
      'The conversations before the answer differ between chosen and rejected.',
    );
  return conversation(chosen.slice(0, shared), one, other, system, tools, notes);
}

function conversation(
  prompt: readonly Message[],
  chosen: readonly Message[],
  rejected: readonly Message[],
  system: string,
  tools: readonly unknown[],
  notes: FileNotes,
): Parsed {
  for (const [turns, field] of [
    [chosen, 'chosen'],
    [rejected, 'rejected'],
  ] as const)
    if (turns.at(-1)!.role !== 'assistant')
      throw new BadRow(field, 'wrong-type', `"${field}" does not end with a message of the assistant.`);
  const messages = withSystem(prompt, system);
  if ([messages, chosen, rejected].some((turns) => turns.some(({ role }) => role === 'developer')))
    notes.count('developer');
  return { prompt: { kind: 'messages', messages, ...(tools.length > 0 ? { tools } : {}) }, chosen, rejected };
}

function withSystem(prompt: readonly Message[], system: string): readonly Message[] {
  if (system === '') return prompt;
  const first = prompt[0]!;
  if (first.role !== 'system' && first.role !== 'developer') return [{ role: 'system', content: system }, ...prompt];
  if (first.content.trim() === system.trim()) return prompt;
  throw new BadRow(
    'system',
    'two-systems',
    'The column "system" and the first message are two different system texts.',
  );
}

/** [[question, answer], …] as Alpaca files have it, or messages. */
function historyOf(value: Columns): readonly Message[] {
  const found = own(value, 'history');
  if (isMissing(found) || found === '' || (Array.isArray(found) && found.length === 0)) return [];
  if (!Array.isArray(found)) throw new BadRow('history', 'wrong-type', '"history" is not a list of turns.');
  if (found.every(isObject)) return turnsOf(found, 'history');
  return found.flatMap((turn: unknown): readonly Message[] => {
    const [question, answer] = Array.isArray(turn) && turn.length === 2 ? turn : [null, null];
    if (typeof question !== 'string' || typeof answer !== 'string')
      throw new BadRow('history', 'wrong-type', '"history" is not a list of [question, answer].');
    return [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ];
  });
}

/** A list of functions, as JSON or as text that is JSON (TRL reads both). */
function toolsOf(value: Columns): readonly unknown[] {
  const found = own(value, 'tools');
  if (isMissing(found) || (typeof found === 'string' && found.trim() === '')) return [];
  const tools: unknown = ((): unknown => {
    if (typeof found !== 'string') return found;
    try {
      return JSON.parse(found);
    } catch {
      return null;
    }
  })();
  if (Array.isArray(tools)) return tools;
  throw new BadRow('tools', 'wrong-type', '"tools" is not a list of functions.');
}

const isEmptyPrompt = (prompt: PromptInput): boolean =>
  prompt.kind === 'text' ? prompt.text === '' : prompt.messages.length === 0;

/** An answer whose last turn says and calls nothing. */
function isEmptyAnswer(answer: PreferencePair['chosen']): boolean {
  if (typeof answer === 'string') return answer.trim() === '';
  const last = answer.at(-1)!;
  return last.content.trim() === '' && !hasCalls(last);
}

function isSameAnswer(a: PreferencePair['chosen'], b: PreferencePair['chosen']): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.length === b.length && a.every((turn, i) => isSameTurn(turn, b[i]!));
}

function checked(pair: PreferencePair, chosenOnly: boolean): PreferencePair {
  if (isEmptyPrompt(pair.prompt)) throw new BadRow('prompt', 'missing-field', 'The prompt is empty.');
  if (isEmptyAnswer(pair.chosen)) throw new BadRow('chosen', 'empty-response', 'The chosen response is empty.');
  if (chosenOnly) return pair;
  if (isEmptyAnswer(pair.rejected)) throw new BadRow('rejected', 'empty-response', 'The rejected response is empty.');
  if (isSameAnswer(pair.chosen, pair.rejected))
    throw new BadRow(
      'rejected',
      'identical-responses',
      'Chosen and rejected are the same text, so the pair teaches nothing.',
    );
  return pair;
}
