export type Row = Readonly<Record<string, unknown>>;
export const s = (content: string) => ({ role: 'system', content }) as const;
export const u = (content: string) => ({ role: 'user', content }) as const;
export const a = (content: string) => ({ role: 'assistant', content }) as const;
export const t = (content: string) => ({ role: 'tool', content }) as const;
export const answers = { chosen: 'yes', rejected: 'no' };
export const turnAnswers = { chosen: [a('yes')], rejected: [a('no')] };
export const conversation = (messages: readonly unknown[], more: Row = turnAnswers) => ({
  prompt: { kind: 'messages', messages },
  ...more,
});
export const text = (prompt: string, more: Row = answers) => ({ prompt: { kind: 'text', text: prompt }, ...more });

export const hh = (...turns: readonly string[]): string =>
  turns.map((turn, i) => `\n\n${i % 2 === 0 ? 'Human' : 'Assistant'}: ${turn}`).join('');
