import type { Message, Role } from '../../../shared/data/dataset';
import { BadRow } from './bad-row';
import { nonFinite } from '../readers/json';
import { own } from '../readers/whole-file';

type Columns = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is Columns =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What people call the sides of a conversation, in small letters. A map: a role is text from a file, and an object has
 * names of its own.
 */
const roles: ReadonlyMap<string, Role> = new Map([
  ['system', 'system'],
  ['developer', 'developer'],
  ['user', 'user'],
  ['human', 'user'],
  ['prompter', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
  ['model', 'assistant'],
  ['bot', 'assistant'],
  ['chatgpt', 'assistant'],
  ['ai', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
  ['observation', 'tool'],
  ['ipython', 'tool'],
]);
/** LLaMA-Factory's turn in which a model calls a function: its text is the call. */
const callRole = 'function_call';

export const textOf = (value: unknown, field: string): string => {
  if (typeof value !== 'string') throw new BadRow(field, 'wrong-type', `"${field}" is not text.`);
  const number = nonFinite(value);
  if (number !== null)
    throw new BadRow(field, 'not-a-number', `"${field}" is ${number}, which pandas writes for a missing value.`);
  return value;
};

/** A list of messages, or one alone. */
export function turnsOf(value: unknown, field: string): readonly Message[] {
  const list = isObject(value) ? [value] : value;
  if (!Array.isArray(list) || list.length === 0)
    throw new BadRow(field, 'wrong-type', `"${field}" is not a list of messages.`);
  return list.map((item: unknown, i) => turnOf(item, `Message ${i + 1} of "${field}"`, field));
}

function turnOf(item: unknown, where: string, field: string): Message {
  if (!isObject(item)) throw new BadRow(field, 'wrong-type', `${where} is not an object with a role and text.`);
  const { role, from, content, value, ...more } = item;
  const named = role ?? from;
  if (typeof named !== 'string')
    throw new BadRow(field, 'unknown-role', `${where} has no role (system, user, assistant, tool).`);
  const name = named.trim().toLowerCase();
  if (name === callRole) return { role: 'assistant', content: '', tool_calls: callsIn(content ?? value, where, field) };
  const known = roles.get(name);
  if (!known)
    throw new BadRow(
      field,
      'unknown-role',
      `${where} has the role "${named}"; known are ${[...roles.keys()].join(', ')}.`,
    );
  // null is what tables write where a message has no such field; transformers' templates test for the field
  const kept = Object.fromEntries(Object.entries(more).filter(([, said]) => said !== null));
  const said = content ?? value ?? null;
  if (said === null && !hasCalls(kept)) throw new BadRow(field, 'wrong-type', `${where} has no text.`);
  return { ...kept, role: known, content: said === null ? '' : contentText(said, where, field) };
}

/** Text, or a list of parts that are text. */
function contentText(content: unknown, where: string, field: string): string {
  if (typeof content === 'string') {
    const number = nonFinite(content);
    if (number !== null) throw new BadRow(field, 'not-a-number', `The text of ${lower(where)} is ${number}.`);
    return content;
  }
  const parts = isObject(content) ? [content] : content;
  if (!Array.isArray(parts)) throw new BadRow(field, 'wrong-type', `${where} has no text.`);
  return parts.map((part: unknown) => partText(part, where, field)).join('');
}

function partText(part: unknown, where: string, field: string): string {
  if (typeof part === 'string') return part;
  if (isObject(part)) {
    const { type = 'text', text } = part;
    if (type === 'text' && typeof text === 'string') return text;
    if (type !== 'text')
      throw new BadRow(
        field,
        'unsupported-content',
        `${where} holds a part of type "${String(type)}"; only text can be trained on.`,
      );
  }
  throw new BadRow(field, 'wrong-type', `${where} holds a part without text.`);
}

const lower = (where: string): string => where.charAt(0).toLowerCase() + where.slice(1);

export const hasCalls = (message: Columns): boolean => {
  const calls = own(message, 'tool_calls');
  return (Array.isArray(calls) && calls.length > 0) || isObject(own(message, 'function_call'));
};

/** {"name": …, "arguments": …} as text or object, one or several, as calls that chat templates know. */
function callsIn(said: unknown, where: string, field: string): readonly unknown[] {
  const parsed = ((): unknown => {
    if (typeof said !== 'string') return said;
    try {
      return JSON.parse(said);
    } catch {
      return null;
    }
  })();
  const calls = Array.isArray(parsed) ? parsed : [parsed];
  if (calls.length === 0 || !calls.every((call) => isObject(call) && typeof call.name === 'string'))
    throw new BadRow(
      field,
      'wrong-type',
      `${where} is a function call, but its text is no {"name": …, "arguments": …}.`,
    );
  return calls.map((call: unknown) => ({ type: 'function', function: call }));
}

/** The same turn for the sake of a shared beginning: ids and times of messages do not count. */
export const isSameTurn = (a: Message, b: Message): boolean =>
  a.role === b.role &&
  a.content === b.content &&
  JSON.stringify(a.tool_calls ?? null) === JSON.stringify(b.tool_calls ?? null);
