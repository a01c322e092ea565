import type { Answer, Message, PreferencePair, PromptInput, Role, RowProblem, RowProblemCode } from '../../shared/dataset';
import type { DatasetFormat } from '../../shared/run-spec';
import { answerText } from '../../shared/pair-text';
import type { RawRow } from './read-rows';

/**
 * pairs     {prompt, chosen, rejected}: text, or prompt as messages with text or message answers
 * messages  {chosen, rejected} as whole conversations, or {prompt: messages, chosen: messages, rejected: messages}
 * sharegpt  {conversations: [{from, value}], chosen: {from, value}, rejected: {from, value}}
 * hh        {chosen, rejected} as transcripts "\n\nHuman: … \n\nAssistant: …"; the prompt is what both share up to the last "\n\nAssistant:"
 * alpaca    {instruction, input, chosen, rejected}
 */
export type KnownFormat = Exclude<DatasetFormat, 'auto'>;

class BadRow extends Error {
  constructor(
    readonly field: string,
    readonly code: RowProblemCode,
    message: string,
  ) {
    super(message);
  }
}

/** The format of the first rows, by their columns. Null: none fits. */
export function detectFormat(rows: readonly RawRow[]): KnownFormat | null {
  for (const { value } of rows.slice(0, 20)) {
    const { chosen, rejected, prompt, conversations } = value;
    if (Array.isArray(conversations) && chosen !== undefined && rejected !== undefined) return 'sharegpt';
    if (Array.isArray(chosen) && Array.isArray(rejected)) return 'messages';
    if (typeof chosen === 'string' && typeof rejected === 'string') {
      if (prompt !== undefined) return 'pairs';
      if (value.instruction !== undefined) return 'alpaca';
      if (chosen.includes('\n\nAssistant:') && rejected.includes('\n\nAssistant:')) return 'hh';
    }
  }
  return null;
}

export function parseRow({ row, value }: RawRow, format: KnownFormat): PreferencePair | RowProblem {
  try {
    return checked({ row, ...inKind(readers[format](value)) });
  } catch (thrown) {
    if (thrown instanceof BadRow) return { row, field: thrown.field, code: thrown.code, message: thrown.message };
    throw thrown;
  }
}

type Columns = Readonly<Record<string, unknown>>;
type Parsed = Omit<PreferencePair, 'row'>;

const readers: Readonly<Record<KnownFormat, (value: Columns) => { readonly prompt: PromptInput; readonly chosen: string; readonly rejected: string }>> = {
  pairs: (value) => {
    const prompt = present(value, 'prompt');
    return { prompt: Array.isArray(prompt) ? { kind: 'messages', messages: messages(prompt, 'prompt') } : { kind: 'text', text: text(prompt, 'prompt') }, chosen: answer(value, 'chosen'), rejected: answer(value, 'rejected') };
  },
  messages: (value) => {
    const [chosen, rejected] = [messages(present(value, 'chosen'), 'chosen'), messages(present(value, 'rejected'), 'rejected')];
    if (Array.isArray(value.prompt)) {
      const before = messages(value.prompt, 'prompt');
      return { prompt: { kind: 'messages', messages: before }, chosen: lastAnswer(chosen, 'chosen'), rejected: lastAnswer(rejected, 'rejected') };
    }
    const [before, other] = [chosen.slice(0, -1), rejected.slice(0, -1)];
    if (JSON.stringify(before) !== JSON.stringify(other)) throw new BadRow('rejected', 'prompts-differ', 'The conversations before the last message differ between chosen and rejected.');
    if (before.length === 0) throw new BadRow('chosen', 'missing-field', 'The conversation has an answer but no prompt before it.');
    return { prompt: { kind: 'messages', messages: before }, chosen: lastAnswer(chosen, 'chosen'), rejected: lastAnswer(rejected, 'rejected') };
  },
  sharegpt: (value) => {
    const turns = messages(present(value, 'conversations'), 'conversations');
    const system = typeof value.system === 'string' && value.system !== '' ? [{ role: 'system', content: value.system } as const] : [];
    return { prompt: { kind: 'messages', messages: [...system, ...turns] }, chosen: answer(value, 'chosen'), rejected: answer(value, 'rejected') };
  },
  alpaca: (value) => {
    const [instruction, input] = [text(present(value, 'instruction'), 'instruction'), text(value.input ?? '', 'input')];
    return { prompt: { kind: 'text', text: input === '' ? instruction : `${instruction}\n${input}` }, chosen: answer(value, 'chosen'), rejected: answer(value, 'rejected') };
  },
  hh: (value) => {
    const [chosen, rejected] = [text(present(value, 'chosen'), 'chosen'), text(present(value, 'rejected'), 'rejected')];
    const mark = '\n\nAssistant:';
    const end = chosen.lastIndexOf(mark);
    if (end < 0) throw new BadRow('chosen', 'wrong-type', 'The transcript has no "\\n\\nAssistant:" turn.');
    const prompt = chosen.slice(0, end + mark.length);
    if (!rejected.startsWith(prompt)) throw new BadRow('rejected', 'prompts-differ', 'The rejected transcript does not begin with the prompt of the chosen one.');
    return { prompt: { kind: 'text', text: prompt }, chosen: chosen.slice(prompt.length), rejected: rejected.slice(prompt.length) };
  },
};

/** After a conversation an answer in text is one message of the assistant. */
function inKind({ prompt, chosen, rejected }: { readonly prompt: PromptInput; readonly chosen: string; readonly rejected: string }): Parsed {
  const turn = (text: string): Answer => (prompt.kind === 'text' ? text : [{ role: 'assistant', content: text }]);
  return { prompt, chosen: turn(chosen), rejected: turn(rejected) };
}

function present(value: Columns, field: string): unknown {
  if (value[field] === undefined || value[field] === null) throw new BadRow(field, 'missing-field', `The row has no "${field}"; it has ${Object.keys(value).join(', ') || 'no columns'}.`);
  return value[field];
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw new BadRow(field, 'wrong-type', `"${field}" is not text.`);
}

/** An answer is text, one message, or a list that ends in one. */
function answer(value: Columns, field: string): string {
  const given = present(value, field);
  if (typeof given === 'string') return given;
  return lastAnswer(messages(Array.isArray(given) ? given : [given], field), field);
}

function lastAnswer(list: readonly Message[], field: string): string {
  const last = list.at(-1);
  if (last?.role !== 'assistant') throw new BadRow(field, 'wrong-type', `"${field}" does not end with a message of the assistant.`);
  return last.content;
}

const roles: Readonly<Record<string, Role>> = { system: 'system', user: 'user', human: 'user', assistant: 'assistant', gpt: 'assistant', model: 'assistant', bot: 'assistant', tool: 'tool', function: 'tool', observation: 'tool' };

function messages(value: unknown, field: string): readonly Message[] {
  if (!Array.isArray(value) || value.length === 0) throw new BadRow(field, 'wrong-type', `"${field}" is not a list of messages.`);
  return value.map((item: unknown, i) => {
    const { role, from, content, value: said } = (typeof item === 'object' && item !== null ? item : {}) as Columns;
    const known = roles[String(role ?? from)];
    const body = content ?? said;
    if (!known || typeof body !== 'string') throw new BadRow(field, 'wrong-type', `Message ${i + 1} of "${field}" needs a role (system, user, assistant) and text.`);
    return { role: known, content: body };
  });
}

const isEmpty = (prompt: PromptInput): boolean => (prompt.kind === 'text' ? prompt.text === '' : prompt.messages.length === 0);

function checked(pair: PreferencePair): PreferencePair {
  if (isEmpty(pair.prompt)) throw new BadRow('prompt', 'missing-field', 'The prompt is empty.');
  if (answerText(pair.chosen).trim() === '') throw new BadRow('chosen', 'empty-response', 'The chosen response is empty.');
  if (answerText(pair.rejected).trim() === '') throw new BadRow('rejected', 'empty-response', 'The rejected response is empty.');
  if (JSON.stringify(pair.chosen) === JSON.stringify(pair.rejected)) throw new BadRow('rejected', 'identical-responses', 'Chosen and rejected are the same text, so the pair teaches nothing.');
  return pair;
}
