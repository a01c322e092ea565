import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../../../src-main/engine/graph/types';
import type { ChatFormat } from '../../../../../../src-main/engine/tokenizer/types';
import { ProbeDraw } from '../../../../../../src-main/engine/train/probes/probe-draw';
import {
  answerProbes,
  chooseProbes,
  generationShape,
  promptIds,
  type ProbeSource,
} from '../../../../../../src-main/engine/train/probes/probes';
import type { PromptInput } from '../../../../../../src-main/shared/data/dataset';
import { promptText } from '../../../../../../src-main/shared/data/pair-text';
import { throwFailure } from '../../../../../../src-main/shared/result';
import { tinyLlama } from '../../../../support/tiny-config';

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

describe('a draw of prompts', () => {
  const drawn = (prompts: readonly PromptInput[], own: readonly string[] = []): ProbeDraw => {
    const draw = new ProbeDraw(own);
    prompts.forEach((prompt, row) => draw.offer(prompt, row));
    return draw;
  };
  it('has the 64 lowest hashes, lowest first: the same on every machine', () => {
    // FNV-1a and murmur3's last mix, worked out in another language
    const found = texts(drawn(many.slice(0, 100)).prompts);
    expect([found.length, found.slice(0, 4), found.at(-1)]).toEqual([
      64,
      ['question 51', 'question 8', 'question 38', 'question 94'],
      'question 29',
    ]);
    expect(texts(drawn([text('a'), text(''), text('é🙂')]).prompts)).toEqual(['a', '', 'é🙂']);
  });
  it('remembers the rows of what it keeps and of what somebody chose', () => {
    const draw = drawn([text('b'), text('a'), text('b'), text('own')], ['own', 'never']);
    const among = (...rows: readonly number[]): readonly string[] =>
      [...draw.among(rows.map((row) => ({ row })))].sort();
    expect([among(0), among(2), among(3), among(1, 2), among(9), among()]).toEqual([
      ['b'],
      ['b'],
      ['own'],
      ['a', 'b'],
      [],
      [],
    ]);
    const full = drawn([...many.slice(0, 100), text('own')], ['own', 'question 45']);
    // question 45 is the 65th: it is not drawn, but somebody's own
    expect([...full.among([{ row: 45 }, { row: 3 }, { row: 100 }])].sort()).toEqual([
      'own',
      'question 3',
      'question 45',
    ]);
    const beyond = many.slice(0, 100).findIndex((_, i) => !texts(full.prompts).includes(`question ${i}`) && i !== 45);
    expect([...full.among([{ row: beyond }])]).toEqual([]);
  });
});

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
    const refused = (prompt: string): unknown => {
      try {
        return chooseProbes([prompt], source(many), fussy);
      } catch (thrown) {
        return thrown;
      }
    };
    const [whole, cut] = [`7${'a'.repeat(59)}`, `7${'a'.repeat(60)}`];
    expect(refused(whole)).toMatchObject({
      error: {
        code: 'bad-data',
        message: `Probe prompt 1 ("${whole}"): No sevens.`,
        hint: 'Take another.',
        details: { template: true, probe: 1 },
      },
    });
    expect(refused(cut)).toMatchObject({ error: { message: `Probe prompt 1 ("${cut.slice(0, 60)}…"): No sevens.` } });
    const broken: ChatFormat = {
      ...chat(true),
      encode: () => {
        throw new TypeError('a fault');
      },
    };
    for (const own of [[], ['x']]) expect(() => chooseProbes(own, source(many), broken)).toThrow(TypeError);
    const unfit: ChatFormat = { ...chat(true), encode: () => throwFailure('bad-model', 'no template', '') };
    expect(() => chooseProbes([], source(many), unfit)).toThrow('no template'); // not a prompt's fault
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
    // refused by name later
    expect(chooseProbes([], source(many.slice(0, 3), { contextLength: 4 }), chat(true))).toHaveLength(3);
  });
  it.each([
    [11, 11], // with its start 12 of 20 tokens: room for 8
    [12, 11],
  ])('of prompts of %i characters and of 11 takes those of %i first', (one, first) => {
    const given = (length: number, mark: string): readonly PromptInput[] =>
      Array.from({ length: 6 }, (_, i) => text(`${mark}${i}`.padEnd(length, '.')));
    const room = { contextLength: 20, maxNewTokens: 8 };
    const found = chooseProbes([], source([...given(one, 'a'), ...given(11, 'b')], room), chat(true));
    expect(found).toHaveLength(6);
    expect(found.every(({ text: t }) => t.length === first)).toBe(true);
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

describe('an empty prompt', () => {
  it('begins with the start of a text, or its end where there is none', () => {
    const bare: ChatFormat = { ...chat(false), encode: (given) => [...given].map((c) => c.charCodeAt(0)) };
    expect([
      promptIds(bare, text('')),
      promptIds({ ...bare, bosId: null }, text('')),
      promptIds(bare, text('a')),
    ]).toEqual([[1], [2], [97]]);
  });
});

describe('answers to probes', () => {
  it('are greedy, with their prompts, lengths and ends', async () => {
    const asked: string[] = [];
    // the most likely token is the number of the call, so answers read 3, 4, …; the end token is 5
    const session = {
      run: (entry: string, feeds: Readonly<Record<string, Int32Array>>) => {
        asked.push(`${entry} ${feeds['ids']!.join(' ')}`);
        const logits = new Float32Array(2 * 8);
        logits[2 + asked.length] = 1;
        logits[8 + Math.min(4, 2 + asked.length)] = 1;
        return { logits };
      },
    } as unknown as Session;
    const probes = [
      { text: 'one', ids: [6, 7], trained: true },
      { text: 'two', ids: [6], trained: false },
    ];
    const format: ChatFormat = {
      ...chat(true),
      stopIds: [5],
      decode: (ids, skip) => `${ids.join(' ')}${skip ? '' : '!'}`,
    };
    const shape = { rows: 2, promptTokens: 2, capacity: 9 };
    const answers = await answerProbes(session, shape, probes, format, {
      step: 12,
      maxNewTokens: 4,
      shouldStop: () => false,
    });
    expect(answers).toEqual([
      { step: 12, prompt: 0, promptText: 'one', trained: true, text: '3 4 5', tokens: 3, finish: 'eos' },
      { step: 12, prompt: 1, promptText: 'two', trained: false, text: '3 4 4 4', tokens: 4, finish: 'length' },
    ]);
    expect(asked[0]).toBe('prefill 6 7 6 0'); // the last place is padding
    asked.length = 0;
    const stopped = await answerProbes(session, shape, probes, format, {
      step: 1,
      maxNewTokens: 4,
      shouldStop: () => true,
    });
    expect(stopped.map(({ finish, tokens }) => [finish, tokens])).toEqual([
      ['stop', 1],
      ['stop', 1],
    ]);
  });
});

describe('generationShape', () => {
  it.each([
    [0, 0, 64],
    [1, 16, 80],
    [16, 16, 80],
    [17, 32, 96],
    [127, 127, 128],
  ])('for a longest prompt of %i tokens has %i places, and %i with the answer', (longest, promptTokens, capacity) => {
    const prompts = longest === 0 ? [] : [new Array<number>(longest).fill(1)];
    expect(generationShape(prompts, 64, tinyLlama())).toEqual({ rows: prompts.length, promptTokens, capacity });
  });
  it('answers at most eight side by side', () =>
    expect([7, 8, 9].map((n) => generationShape(new Array(n).fill([1]), 4, tinyLlama()).rows)).toEqual([7, 8, 8]));

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
