import { describe, expect, it } from 'vitest';
import type { ChatFormat } from '../../../../../src-main/engine/tokenizer/types';
import { ProbeDraw } from '../../../../../src-main/engine/train/probe-draw';
import { chooseProbes, generationShape, type ProbeSource } from '../../../../../src-main/engine/train/probes';
import type { PromptInput } from '../../../../../src-main/shared/dataset';
import { promptText } from '../../../../../src-main/shared/pair-text';
import { throwFailure } from '../../../../../src-main/shared/result';
import { tinyLlama } from '../../../support/tiny-config';

/** One token a character; templates mark turns. */
const chat = (hasChatTemplate: boolean): ChatFormat => ({
  vocabulary: 256,
  eosId: 2,
  eosText: '</s>',
  bosId: 1,
  padId: 0,
  stopIds: [2],
  hasChatTemplate,
  notes: [],
  encode: (text, special) => [...(special ? [1] : []), ...[...text].map((c) => c.charCodeAt(0))],
  decode: (ids) => ids.map((id) => String.fromCharCode(id)).join(''),
  render: (messages, add) => messages.map((m) => `<${m.role[0]}>${m.content}`).join('') + (add ? '<a>' : ''),
});
const text = (t: string): PromptInput => ({ kind: 'text', text: t });
const user = (t: string): PromptInput => ({ kind: 'messages', messages: [{ role: 'user', content: t }] });

interface More extends Partial<Pick<ProbeSource, 'maxNewTokens' | 'contextLength'>> {
  readonly trained?: readonly PromptInput[];
  readonly own?: readonly string[];
}
/** What reading a file of these prompts, one a row, leaves to choose from. */
const source = (prompts: readonly PromptInput[], { trained = [], own = [], ...more }: More = {}): ProbeSource => {
  const draw = new ProbeDraw(own);
  prompts.forEach((prompt, row) => draw.offer(prompt, row));
  const seen = new Set(trained.map(promptText));
  const trainedRows = prompts.flatMap((prompt, row) => (seen.has(promptText(prompt)) ? [{ row }] : []));
  return {
    prompts: draw.prompts,
    trainedPrompts: draw.among(trainedRows),
    maxNewTokens: 64,
    contextLength: 1024,
    ...more,
  };
};
const many = Array.from({ length: 200 }, (_, i) => text(`question ${i}`));
const texts = (probes: readonly { readonly text: string }[]): readonly string[] => probes.map((p) => p.text);

describe('chooseProbes', () => {
  it('draws six different prompts by their own text: order, repetition and the split change nothing', () => {
    const drawn = chooseProbes([], source(many), chat(true));
    expect(new Set(texts(drawn)).size).toBe(6);
    expect(drawn[0]!.ids[0]).toBe(1);
    expect(texts(chooseProbes([], source([...many].reverse()), chat(true)))).toEqual(texts(drawn));
    expect(texts(chooseProbes([], source([...many, ...many]), chat(true)))).toEqual(texts(drawn));
    expect(texts(chooseProbes([], source(many, { trained: many.slice(0, 150) }), chat(true)))).toEqual(texts(drawn));
    expect(texts(drawn)).not.toEqual(texts(many.slice(0, 6).map((p) => ({ text: promptText(p) }))));
  });
  it('keeps most of its choice when the dataset grows or shrinks', () => {
    const before = new Set(texts(chooseProbes([], source(many), chat(true))));
    const after = texts(chooseProbes([], source(many.slice(0, 150)), chat(true)));
    expect(after.filter((t) => before.has(t)).length).toBeGreaterThanOrEqual(
      [...before].filter((t) => Number(t.split(' ')[1]) < 150).length,
    );
  });
  it('names an own prompt that the model refuses, and passes over drawn ones', () => {
    const fussy: ChatFormat = {
      ...chat(true),
      encode: (given, special) => {
        if (given.includes('7')) throwFailure('bad-data', 'No sevens.', 'Take another.', { template: true });
        return chat(true).encode(given, special);
      },
    };
    const drawn = chooseProbes([], source(many), fussy);
    expect(drawn).toHaveLength(6);
    expect(texts(drawn).join()).not.toContain('7');
    expect(() => chooseProbes(['one', 'seven 7'], source(many), fussy)).toThrow(
      'Probe prompt 2 ("seven 7"): No sevens.',
    );
  });
  it('says which prompts are trained on', () => {
    const drawn = chooseProbes([], source(many), chat(true));
    const marked = chooseProbes(
      [],
      source(many, { trained: [text(drawn[1]!.text), text(drawn[4]!.text)] }),
      chat(true),
    );
    expect(marked.map((p) => p.trained)).toEqual([false, true, false, false, true, false]);
    expect(
      chooseProbes(
        ['x', 'y'],
        source([text('x'), text('z')], { trained: [text('x')], own: ['x', 'y'] }),
        chat(true),
      ).map((p) => p.trained),
    ).toEqual([true, false]);
  });
  it('passes over prompts that leave no room, and takes the least bad where none does', () => {
    const long = many.map((p, i) => (i % 2 === 0 ? p : text(`${promptText(p)}${'.'.repeat(100)}`)));
    const short = chooseProbes([], source(long, { contextLength: 100, maxNewTokens: 64 }), chat(true));
    expect(texts(short).every((t) => !t.endsWith('.'))).toBe(true);
    expect(short).toHaveLength(6);
    const tight = chooseProbes([], source(many.slice(0, 8), { contextLength: 20, maxNewTokens: 64 }), chat(true));
    expect(tight).toHaveLength(6);
    expect(chooseProbes([], source(many.slice(0, 3), { contextLength: 4 }), chat(true))).toHaveLength(3); // refused by name later
  });
  it('takes all of a small dataset, and the spec’s own before any', () => {
    expect([...texts(chooseProbes([], source([text('b'), text('a')]), chat(true)))].sort()).toEqual(['a', 'b']);
    expect(texts(chooseProbes(['q', 'p'], source(many), chat(true)))).toEqual(['q', 'p']);
    expect(chooseProbes([], source([]), chat(true))).toEqual([]);
  });
  it('puts own prompts through the template when the data are conversations', () => {
    expect(chooseProbes(['x'], source([user('a')]), chat(true))[0]).toEqual({
      text: 'x',
      ids: [...'<u>x<a>'].map((c) => c.charCodeAt(0)),
      trained: false,
    });
    expect(chooseProbes(['x'], source([text('a')]), chat(true))[0]!.ids).toEqual([1, 120]);
  });
  it('shows turns before the last', () => {
    expect(
      promptText({
        kind: 'messages',
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
        ],
      }),
    ).toBe('user: a\nassistant: b');
    expect(promptText(user('a'))).toBe('a');
  });
});

describe('generationShape', () => {
  it('has room for the longest prompt and its answer, within the window', () => {
    expect(generationShape([[1], new Array<number>(20).fill(1)], 64, tinyLlama())).toEqual({
      rows: 2,
      promptTokens: 32,
      capacity: 96,
    });
    expect(generationShape([new Array<number>(120).fill(1)], 64, tinyLlama())).toEqual({
      rows: 1,
      promptTokens: 127,
      capacity: 128,
    });
  });
  it('refuses a prompt that fills the window', () =>
    expect(() => generationShape([new Array<number>(128).fill(1)], 4, tinyLlama())).toThrow(/window/));
});
