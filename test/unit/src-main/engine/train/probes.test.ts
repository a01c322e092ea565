import { describe, expect, it } from 'vitest';
import type { ChatFormat } from '../../../../../src-main/engine/tokenizer/types';
import { chooseProbes, generationShape } from '../../../../../src-main/engine/train/probes';
import type { PromptInput } from '../../../../../src-main/shared/dataset';
import { promptText } from '../../../../../src-main/shared/pair-text';
import { tinyLlama } from '../../../support/tiny-config';

/** One token a character; templates mark turns. */
const chat = (hasChatTemplate: boolean): ChatFormat => ({
  vocabulary: 256, eosId: 2, eosText: '</s>', bosId: 1, padId: 0, stopIds: [2], hasChatTemplate, notes: [],
  encode: (text, special) => [...(special ? [1] : []), ...[...text].map((c) => c.charCodeAt(0))],
  decode: (ids) => ids.map((id) => String.fromCharCode(id)).join(''),
  render: (messages, add) => messages.map((m) => `<${m.role[0]}>${m.content}`).join('') + (add ? '<a>' : ''),
});
const text = (t: string): PromptInput => ({ kind: 'text', text: t });
const user = (t: string): PromptInput => ({ kind: 'messages', messages: [{ role: 'user', content: t }] });

describe('chooseProbes', () => {
  it('takes the first six different prompts of the dataset', () => {
    const probes = chooseProbes([], ['a', 'b', 'a', 'c', 'd', 'e', 'f', 'g'].map(text), chat(true));
    expect(probes.map((p) => p.text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(probes[0]!.ids).toEqual([1, 97]);
  });
  it('puts own prompts through the template when the data are conversations', () => {
    expect(chooseProbes(['x'], [user('a')], chat(true))[0]).toEqual({ text: 'x', ids: [...'<u>x<a>'].map((c) => c.charCodeAt(0)) });
    expect(chooseProbes(['x'], [text('a')], chat(true))[0]!.ids).toEqual([1, 120]);
  });
  it('shows turns before the last', () => {
    expect(promptText({ kind: 'messages', messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }] })).toBe('user: a\nassistant: b');
    expect(promptText(user('a'))).toBe('a');
  });
});

describe('generationShape', () => {
  it('has room for the longest prompt and its answer, within the window', () => {
    expect(generationShape([[1], new Array<number>(20).fill(1)], 64, tinyLlama())).toEqual({ rows: 2, promptTokens: 32, capacity: 96 });
    expect(generationShape([new Array<number>(120).fill(1)], 64, tinyLlama())).toEqual({ rows: 1, promptTokens: 127, capacity: 128 });
  });
  it('refuses a prompt that fills the window', () => expect(() => generationShape([new Array<number>(128).fill(1)], 4, tinyLlama())).toThrow(/window/));
});
