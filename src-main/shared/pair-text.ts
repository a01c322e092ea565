import type { Answer, Message, PromptInput } from './dataset';

/** Turns as a person reads them: one alone is its text, several carry the names of their roles. */
const turnsText = (turns: readonly Message[]): string =>
  turns.length === 1 ? turns[0]!.content : turns.map(({ role, content }) => `${role}: ${content}`).join('\n');

export const promptText = (prompt: PromptInput): string => (prompt.kind === 'text' ? prompt.text : turnsText(prompt.messages));

export const answerText = (answer: Answer): string => (typeof answer === 'string' ? answer : turnsText(answer));
