import type { Answer, Message, PromptInput } from './dataset';

/** Turns as a person reads them: one alone is its text, several carry the names of their roles. */
const turnsText = (turns: readonly Message[]): string =>
  turns.length === 1 ? turnText(turns[0]!) : turns.map((turn) => `${turn.role}: ${turnText(turn)}`).join('\n');

/** What a turn says, and which functions it calls. */
function turnText({ content, tool_calls: calls }: Message): string {
  if (!Array.isArray(calls) || calls.length === 0) return content;
  return [content, JSON.stringify(calls)].filter((part) => part !== '').join('\n');
}

export const promptText = (prompt: PromptInput): string =>
  prompt.kind === 'text' ? prompt.text : turnsText(prompt.messages);

export const answerText = (answer: Answer): string => (typeof answer === 'string' ? answer : turnsText(answer));

/** Words of a text or of what all turns say, without the names of their roles. */
export function wordCount(said: string | readonly Message[]): number {
  if (typeof said !== 'string') return said.reduce((sum, { content }) => sum + wordCount(content), 0);
  let words = 0;
  let inWord = false;
  for (let i = 0; i < said.length; i++) {
    const code = said.charCodeAt(i);
    const isSpace = code === 32 || (code >= 9 && code <= 13) || (code >= 128 && /\s/.test(said.charAt(i)));
    if (!isSpace && !inWord) words++;
    inWord = !isSpace;
  }
  return words;
}
