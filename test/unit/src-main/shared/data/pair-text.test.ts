import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../../src-main/shared/data/dataset';
import { answerText, promptText, wordCount } from '../../../../../src-main/shared/data/pair-text';

const u = (content: string): Message => ({ role: 'user', content });
const a = (content: string, calls?: readonly unknown[]): Message => ({
  role: 'assistant',
  content,
  ...(calls ? { tool_calls: calls } : {}),
});

describe('a pair as a person reads it', () => {
  it('is text as it stands', () => {
    expect(promptText({ kind: 'text', text: 'why\n' })).toBe('why\n');
    expect(answerText('so ')).toBe('so ');
  });
  it('is one turn without its role, and several with theirs', () => {
    expect(promptText({ kind: 'messages', messages: [u('why')] })).toBe('why');
    expect(promptText({ kind: 'messages', messages: [{ role: 'system', content: 'be brief' }, u('why')] })).toBe(
      'system: be brief\nuser: why',
    );
    expect(answerText([a('so')])).toBe('so');
    expect(answerText([a('so'), u('and'), a('thus')])).toBe('assistant: so\nuser: and\nassistant: thus');
  });
  it('shows which functions a turn calls, below what it says', () => {
    const calls = [{ type: 'function', function: { name: 'f' } }];
    expect(answerText([a('', calls)])).toBe(JSON.stringify(calls));
    expect(answerText([a('wait', calls)])).toBe(`wait\n${JSON.stringify(calls)}`);
    expect(answerText([a('wait', [])])).toBe('wait');
    expect(answerText([{ ...a('wait'), tool_calls: 'f' }])).toBe('wait');
  });
  it('has words between white space of any kind', () => {
    const spaces = ['\t', '\n', '\v', '\f', '\r', ' ', '\u0085', '\u00a0', '\u1680', '\u2028', '\u3000', '\ufeff'];
    for (const space of spaces)
      expect(wordCount(`a${space}b`), JSON.stringify(space)).toBe(`a${space}b`.split(/\s+/).length);
    for (const character of ['\b', '\u000e', '\u001f', '!', '\u0080', 'ä', '\u200b'])
      expect(wordCount(`a${character}b`), JSON.stringify(character)).toBe(1);
  });
});
