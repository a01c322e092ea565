import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fileColumns, suggestColumns } from '../../../../../../src-main/engine/data/shapes/columns';
import { firstRows, readPairs } from '../../../../../../src-main/engine/data/read-pairs';
import type { AppError } from '../../../../../../src-main/shared/result';
import type { DatasetColumns } from '../../../../../../src-main/shared/spec/run-spec';

type Row = Readonly<Record<string, unknown>>;
const suggest = (...values: readonly Row[]): DatasetColumns | null =>
  suggestColumns(values.map((value, i) => ({ row: i + 1, value })));
const answers = { chosen: 'a', rejected: 'b' };

describe('suggested columns', () => {
  it.each(
    'prompt question query input context user user_input post problem text conversation messages dialogue'.split(' '),
  )('take "%s" for the prompt', (name) => expect(suggest({ [name]: 'p', ...answers })).toMatchObject({ prompt: name }));
  it.each(
    (
      'chosen better preferred preferred_response winner win good positive accepted chosen_response better_response ' +
      'response_chosen output_better answer_better best'
    ).split(' '),
  )('take "%s" for the better answer', (name) =>
    expect(suggest({ prompt: 'p', [name]: 'a', rejected: 'b' })).toEqual({
      prompt: 'prompt',
      chosen: name,
      rejected: 'rejected',
    }),
  );
  it.each(
    (
      'rejected worse dispreferred dispreferred_response loser lose bad negative refused rejected_response ' +
      'worse_response response_rejected output_worse answer_worse worst'
    ).split(' '),
  )('take "%s" for the worse answer', (name) =>
    expect(suggest({ prompt: 'p', chosen: 'a', [name]: 'b' })).toEqual({
      prompt: 'prompt',
      chosen: 'chosen',
      rejected: name,
    }),
  );
  it.each(['system_prompt', 'system_message', 'sys', 'System', 'System-Prompt'])(
    'take "%s" for the system text',
    (name) => expect(suggest({ prompt: 'p', ...answers, [name]: 's' })).toMatchObject({ system: name }),
  );
  it('leave out a system text that has its name already', () =>
    expect(suggest({ question: 'p', ...answers, system: 's', sys: 't' })).toEqual({
      prompt: 'question',
      chosen: 'chosen',
      rejected: 'rejected',
    }));
  it('leave an instruction to the Alpaca shape, unless it is written otherwise', () => {
    expect(suggest({ instruction: 'p', prompt: 'q', ...answers })).toEqual({ chosen: 'chosen', rejected: 'rejected' });
    expect(suggest({ Instruction: 'p', ...answers })).toMatchObject({ prompt: 'Instruction' });
  });
  it.each([
    ['response_0', 'response_1'],
    ['answer_0', 'answer_1'],
    ['response_a', 'response_b'],
    ['Answer A', 'Answer B'],
    ['response_1', 'response_2'],
    ['answer_1', 'answer_2'],
    ['output_1', 'output_2'],
  ])('take "%s" for better than "%s" where no column says otherwise', (first, second) => {
    const row = { prompt: 'p', [first]: 'a', [second]: 'b' };
    expect(suggest(row)).toEqual({ prompt: 'prompt', chosen: first, rejected: second });
    for (const verdict of ['winner', 'preference', 'label', 'labels', 'better_response_id', 'safer_response_id'])
      expect(suggest({ ...row, [verdict]: 1 })).toBeNull();
    for (const verdict of ['better', 'chosen_index', 'preferred']) {
      const { chosen } = suggest({ ...row, [verdict]: 1 }) ?? {};
      expect(chosen).not.toBe(first);
    }
    expect(suggest({ prompt: 'p', [first]: 'a' }), 'one alone').toBeNull();
  });
  it('go by a verdict that begins late, and not by a column that only has the name of one', () => {
    const row = { prompt: 'p', response_0: 'a', response_1: 'b' };
    expect(suggest({ ...row, winner: null }, row, { ...row, winner: 'response_1' })).toBeNull();
    expect(suggest({ ...row, labels: { source: 'x' } })).toMatchObject({ chosen: 'response_0' });
  });
  it('take the first usual name of those that are there', () => {
    expect(suggest({ text: 't', query: 'q', ...answers })).toMatchObject({ prompt: 'query' });
    expect(suggest({ prompt: 'p', response_0: 'x', response_1: 'y', better: 'a', worse: 'b' })).toMatchObject({
      chosen: 'better',
      rejected: 'worse',
    });
  });
  it('are none where they make no pair', () => {
    expect(suggest()).toBeNull();
    expect(suggest({ prompt: 'p', chosen: 'a' })).toBeNull();
    expect(suggest(answers)).toBeNull();
  });
});

const folder = mkdtempSync(join(tmpdir(), 'sampo-columns-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const write = (rows: readonly unknown[]): string => {
  const file = join(folder, `${++files}.jsonl`);
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'));
  return file;
};
const refusal = async (file: string, columns: DatasetColumns | null = null): Promise<AppError> => {
  try {
    await readPairs({ path: file, format: 'auto', columns });
  } catch (thrown) {
    return (thrown as { readonly error: AppError }).error;
  }
  throw new Error('it was not refused');
};

describe('the first rows of a file', () => {
  it('show what each column holds, by its first value', async () => {
    const { columns } = fileColumns(
      await firstRows(
        write([
          { text: null, turns: [{ from: 'human', value: 'x' }], one: { role: 'user', content: 'x' }, list: [1] },
          { text: 'x', number: 0, yes: true, nothing: null, object: { a: 1 }, empty: [], named: { from: 1 } },
        ]),
      ),
    );
    expect(Object.fromEntries(columns.map(({ name, holds }) => [name, holds]))).toEqual({
      text: 'text',
      turns: 'messages',
      one: 'messages',
      list: 'other',
      number: 'number',
      yes: 'other',
      nothing: 'other',
      object: 'other',
      empty: 'other',
      named: 'messages',
    });
    expect(columns[0]!.samples).toEqual(['null', 'x']);
    expect(columns.find(({ name }) => name === 'number')!.samples).toEqual(['', '0']);
    expect(columns.find(({ name }) => name === 'one')!.samples[0]).toBe('{"role":"user","content":"x"}');
  });
  it('are shown shortened, three of them', async () => {
    const rows = ['x'.repeat(200), 'y'.repeat(201), 'z', 'w'].map((a) => ({ a }));
    expect(fileColumns(await firstRows(write(rows))).columns[0]!.samples).toEqual([
      'x'.repeat(200),
      `${'y'.repeat(200)}…`,
      'z',
    ]);
  });
  it('are twenty, which decide what a file is', async () => {
    const after = (count: number): readonly unknown[] => [
      ...Array.from({ length: count }, (_, i) => ({ id: i })),
      { prompt: 'p', ...answers },
    ];
    expect((await firstRows(write(after(30)))).map(({ row }) => row)).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(await readPairs({ path: write(after(19)), format: 'auto', columns: null })).toMatchObject({
      format: 'pairs',
      rows: 20,
      pairs: [{ row: 20 }],
    });
    expect((await refusal(write(after(20)))).message).toMatch(/none of the known shapes .*\(columns: id\)\.$/);
  });
});

describe('a refusal', () => {
  it('of a column that is not there names the field of the spec, and what is there', async () => {
    const file = write([{ question: 'p', ...answers }, { note: 1 }]);
    expect(await refusal(file, { prompt: 'query' })).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/^\d+\.jsonl has no column "query", which is to be its prompt\.$/),
      hint: 'It has question, chosen, rejected, note.',
      details: { file, columns: ['question', 'chosen', 'rejected', 'note'], path: 'dataset.columns.prompt' },
    });
    expect((await refusal(write([{}]), { prompt: 'q' })).hint).toBe('It has no columns.');
  });
  it('of a shape holds what a window needs to ask for roles', async () => {
    const file = write([{ question: 'p', better: 'a', worse: 'b' }]);
    const suggested = { prompt: 'question', chosen: 'better', rejected: 'worse' };
    expect(await refusal(file)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(
        /none of the known shapes of preference data \(columns: question, better, worse\)/,
      ),
      hint: `Say which column is what, with --columns or dataset.columns: ${JSON.stringify(suggested)}?`,
      details: { file, columns: ['question', 'better', 'worse'], suggested, shape: null },
    });
  });
  it('of another kind of data says which, by the first row that tells', async () => {
    const file = write([{ id: 1 }, { id: 2, messages: [{ role: 'user', content: 'x' }] }]);
    expect(await refusal(file)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(
        /has no pairs: these look like conversations without .*; its columns are id, messages\.$/,
      ),
      hint: expect.stringMatching(/^Make one row of each pair/),
      details: { file, columns: ['id', 'messages'], suggested: null, shape: expect.stringMatching(/^conversations/) },
    });
    expect((await refusal(write([{}]))).message).toContain('(columns: none)');
  });
});

describe('columns with roles', () => {
  it('keep the row’s number and the other columns', async () => {
    const { pairs, problems, notes } = await readPairs({
      path: write([
        { q: 1, b: 'a', w: 'b' },
        { q: 'p', b: 'a', w: 'b', tools: [1] },
      ]),
      format: 'auto',
      columns: { prompt: 'q', chosen: 'b', rejected: 'w' },
    });
    expect(problems).toMatchObject([{ row: 1, field: 'prompt', code: 'wrong-type' }]);
    expect(pairs).toMatchObject([{ row: 2, prompt: { kind: 'text', text: 'p' }, chosen: 'a', rejected: 'b' }]);
    expect(notes).toEqual([expect.stringMatching(/^1 row has tools beside plain text/)]);
  });
  it('do not read a column twice: one that plays another part is gone from its own name', async () => {
    const { problems } = await readPairs({
      path: write([{ prompt: 'p', chosen: 'a', rejected: 'b', system: 's', better: 'c' }]),
      format: 'pairs',
      columns: { prompt: 'system', chosen: 'better' },
    });
    expect(problems).toEqual([]);
  });
});
