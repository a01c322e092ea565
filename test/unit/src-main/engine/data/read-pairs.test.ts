import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { fileColumns } from '../../../../../src-main/engine/data/shapes/columns';
import { firstRows, readPairs } from '../../../../../src-main/engine/data/read-pairs';
import type { DatasetColumns, DatasetFormat } from '../../../../../src-main/shared/spec/run-spec';

const folder = mkdtempSync(join(tmpdir(), 'sampo-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const write = (content: string | Uint8Array): string => {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, content);
  return file;
};
const read = (content: string | Uint8Array, columns: DatasetColumns | null = null, format: DatasetFormat = 'auto') =>
  readPairs({ path: write(content), format, columns });
const refused = async (content: string | Uint8Array, columns: DatasetColumns | null = null): Promise<string> => {
  const failure = await read(content, columns).then(
    () => null,
    (thrown: unknown) =>
      thrown as { readonly error: { readonly code: string; readonly message: string; readonly hint: string } },
  );
  expect(failure?.error.code).toBe('bad-data');
  return `${failure!.error.message} ${failure!.error.hint}`;
};

const row = (n: number) => ({ prompt: `p${n}`, chosen: `c${n}`, rejected: `r${n}` });
const two = [row(1), row(2)];
const json = JSON.stringify;
const byColumn = { prompt: ['p1', 'p2'], chosen: ['c1', 'c2'], rejected: ['r1', 'r2'] };
const indexed = Object.fromEntries(Object.entries(byColumn).map(([name, values]) => [name, { ...values }]));

const layouts: readonly (readonly [name: string, content: string | Uint8Array])[] = [
  ['JSON lines', two.map((x) => json(x)).join('\n')],
  ['JSON lines with CRLF', two.map((x) => `${json(x)}\r\n`).join('')],
  ['an array', json(two)],
  ['a pretty-printed array', `\n ${json(two, null, 2)}\n`],
  ['gzip', gzipSync(json(two))],
  ['a byte order mark', `\uFEFF${json(two)}`],
  ['UTF-16 with its mark', Buffer.from(`\uFEFF${two.map((x) => json(x)).join('\n')}`, 'utf16le')],
  ['UTF-16 without', Buffer.from(json(two), 'utf16le')],
  ['big-endian UTF-16', Buffer.from(`\uFEFF${json(two)}`, 'utf16le').swap16()],
  ['pretty-printed objects one after the other', two.map((x) => json(x, null, 2)).join('\n')],
  ['the same with commas', two.map((x) => json(x, null, 2)).join(',\n')],
  ['objects in one line', two.map((x) => json(x)).join(' ')],
  ['rows under "data"', json({ data: two })],
  ['rows under "train", pretty', json({ train: two }, null, 2)],
  ['rows under "rows" after something else', json({ version: 3, rows: two })],
  ['rows as the Hub serves them', json({ rows: two.map((x, i) => ({ row_idx: i, row: x })) })],
  ['pandas', json(indexed)],
  ['pandas, orient list', json(byColumn, null, 1)],
  ['pandas, orient index', json({ 0: row(1), 1: row(2) })],
  [
    'pandas, orient split',
    json({ columns: ['prompt', 'chosen', 'rejected'], index: [0, 1], data: two.map((x) => Object.values(x)) }),
  ],
  ['pandas, orient table', json({ schema: { fields: [] }, data: two.map((x, i) => ({ index: i, ...x })) })],
];

describe('a file', () => {
  it.each(layouts)('of %s gives its rows', async (_name, content) => {
    const { pairs, problems, rows, notes } = await read(content);
    expect([rows, problems, notes]).toEqual([2, [], []]);
    expect(pairs).toEqual(
      two.map((x, i) => ({
        row: i + 1,
        prompt: { kind: 'text', text: x.prompt },
        chosen: x.chosen,
        rejected: x.rejected,
      })),
    );
  });

  it('may hold one row, of messages too', async () => {
    expect((await read(json(row(1)))).pairs).toHaveLength(1);
    const turns = {
      prompt: [{ role: 'user', content: 'p' }],
      chosen: [{ role: 'assistant', content: 'c' }],
      rejected: [{ role: 'assistant', content: 'r' }],
    };
    expect(await read(json(turns))).toMatchObject({ format: 'messages', rows: 1, pairs: [{ row: 1 }], problems: [] });
    expect(await read(json(turns, null, 2))).toMatchObject({ rows: 1, pairs: [{ row: 1 }] });
  });

  const talks = [1, 2].map((n) => ({
    conversations: [{ value: `p${n}`, from: 'human' }],
    chosen: { from: 'gpt', value: `c${n}` },
    rejected: { from: 'gpt', value: `r${n}` },
  }));
  it.each([
    ['JSON lines', talks.map((x) => json(x)).join('\n')],
    ['pretty-printed objects', talks.map((x) => json(x, null, 2)).join('\n')],
    ['an object', json(talks[0])],
    ['rows in an object', json({ conversations: talks })],
    [
      'a first row longer than what is looked at',
      talks.map((x) => json({ ...x, note: ' '.repeat(100_000) })).join('\n'),
    ],
  ])('whose rows begin with a list of messages is not a file that holds that list: %s', async (_name, content) => {
    const { format, pairs, problems } = await read(content);
    expect([format, problems]).toEqual(['sharegpt', []]);
    expect(pairs[0]!.prompt).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'p1' }] });
  });
  it('of JSON lines whose rows begin with a list of objects is not a file that holds that list', async () => {
    const { pairs } = await read(two.map((x) => json({ items: [{ a: 1 }], ...x })).join('\n'));
    expect(pairs.map((p) => p.row)).toEqual([1, 2]);
  });

  it('keeps its good rows beside bad ones, by their lines', async () => {
    const { rows, pairs, problems } = await read(
      `{"prompt": "cut o\n\n${json(row(1))}\n[1]\n${json(row(2))}\n{"prompt": 1}\n`,
    );
    expect([rows, pairs.map((p) => p.row)]).toEqual([5, [3, 5]]);
    expect(problems.map((p) => [p.row, p.code])).toEqual([
      [1, 'not-json'],
      [4, 'not-an-object'],
      [6, 'wrong-type'],
    ]);
  });

  it('keeps the good elements of an array', async () => {
    const { pairs, problems } = await read(`[${json(row(1))}, {"prompt": "x",}, 3, ${json(row(2))}]`);
    expect(pairs.map((p) => p.row)).toEqual([1, 4]);
    expect(problems.map((p) => [p.row, p.code, /byte \d+/.test(p.message)])).toEqual([
      [2, 'not-json', true],
      [3, 'not-an-object', false],
    ]);
  });

  it('of text cut in the middle of a character or a string is read over the borders of pieces', async () => {
    const long = { prompt: 'ü'.repeat(700_000), chosen: '日本"\\'.repeat(200_000), rejected: '🙂' };
    for (const content of [
      json([row(1), long, row(2)]),
      [row(1), long, row(2)].map((x) => json(x)).join('\n'),
      gzipSync(json([row(1), long, row(2)])),
    ]) {
      const { pairs } = await read(content);
      expect(pairs).toHaveLength(3);
      expect(pairs[1]).toEqual({
        row: 2,
        prompt: { kind: 'text', text: long.prompt },
        chosen: long.chosen,
        rejected: long.rejected,
      });
    }
  });

  it('tells what it does not read', async () => {
    expect((await read(json({ train: two, test: two }))).notes.join()).toMatch(
      /follows the list of rows .*not read: ,"test"/,
    );
    expect((await read(json({ version: 1, train: two, test: two }))).notes).toEqual([
      'The rows are those under "train"; "test" in the same file is not read.',
    ]);
    expect((await read(`[${json(row(1))},\n${json(row(2))}`)).notes.join()).toMatch(/may be cut off/);
    expect((await read(json([{ ...row(1), system_prompt: 'b' }]))).notes.join()).toMatch(
      /"system_prompt" is not read; 1 row/,
    );
  });
});

const refusals: readonly (readonly [name: string, content: string | Uint8Array, message: RegExp])[] = [
  ['nothing', '', /is empty/],
  ['white space', ' \n \n', /nothing but white space/],
  ['an empty array', '[ ]', /empty array/],
  [
    'an array cut off in a row',
    `[${json(row(1))}, {"prompt": "x`,
    /not valid JSON from row 2 on \(byte \d+\): the file ends in the middle/,
  ],
  ['an array without a comma', `[${json(row(1))} ${json(row(2))}]`, /from row 2 on \(byte \d+\): there is "\{" where/],
  ['two arrays', `${json(two)}\n${json(two)}`, /the array ends there, and more follows/],
  ['an object cut off', '{\n "prompt": "x",\n "chosen', /from row 1 on \(byte 0\): the file ends in the middle/],
  ['numbers', '[1, 2]', /no row with columns: Row 1 is a number/],
  ['Parquet', Buffer.from('PAR1\x00\x15\x04'), /looks like a Parquet file.*read_parquet/],
  ['a ZIP', Buffer.from('PK\x03\x04..'), /ZIP archive/],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), /compressed by zstd/],
  ['a pickle', Buffer.from([0x80, 4, 0x95]), /Python pickle/],
  ['CSV', 'prompt,chosen,rejected\na,b,c\n', /CSV table \(columns: prompt, chosen, rejected\)/],
  ['TSV', 'prompt\tchosen\trejected\na\tb\tc\n', /TSV table/],
  ['a web page', '<!DOCTYPE html><html>', /web page/],
  ['prose', 'Dear all,\n', /text without JSON/],
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\n', /Git LFS pointer/],
  ['broken gzip', gzipSync(json(two)).subarray(0, 40), /cannot be unpacked/],
  ['Latin-1', Buffer.from('{"prompt": "\xfc", "chosen": "a", "rejected": "b"}\n', 'latin1'), /not UTF-8/],
  [
    'rated answers',
    json([{ prompt: 'p', completion: 'c', label: true }]),
    /rated answers \(prompt, completion, label\)/,
  ],
  ['ranked answers', json([{ instruction: 'p', completions: [{}] }]), /ranked answers \(a list "completions"\)/],
  [
    'compared answers',
    json([{ prompt: 'p', response_0: 'a', response_1: 'b', better_response_id: 1 }]),
    /compared answers \(response_0, response_1/,
  ],
  ['supervised data', json([{ messages: [{ role: 'user', content: 'x' }] }]), /without a rejected answer/],
  ['other columns', json([{ a: 1, b: 2 }]), /none of the known shapes .*columns: a, b/],
];
it.each(refusals)('%s is refused by what it is', async (_name, content, message) =>
  expect(await refused(content)).toMatch(message),
);

describe('columns', () => {
  const odd = json([{ question: 'p', better: 'c', worse: 'r', sys: 's', constructor: 'x' }]);
  it('are named by their roles', async () => {
    const { pairs, notes } = await read(odd, {
      prompt: 'question',
      chosen: 'better',
      rejected: 'worse',
      system: 'sys',
    });
    expect(pairs[0]).toMatchObject({
      prompt: {
        messages: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'p' },
        ],
      },
    });
    expect(notes).toHaveLength(1);
  });
  it('may change places', async () => {
    expect((await read(json([row(1)]), { chosen: 'rejected', rejected: 'chosen' })).pairs[0]).toMatchObject({
      chosen: 'r1',
      rejected: 'c1',
    });
  });
  it('that a file lacks are refused with those it has', async () => {
    expect(await refused(odd, { prompt: 'query', chosen: 'better', rejected: 'worse' })).toMatch(
      /no column "query", which is to be its prompt.*question, better, worse/,
    );
    expect(await refused(odd, { prompt: 'toString', chosen: 'better', rejected: 'worse' })).toMatch(
      /no column "toString"/,
    );
    expect(await refused(odd, { prompt: 'question', chosen: 'better', rejected: 'worse', system: 'rules' })).toMatch(
      /no column "rules", which is to be its system/,
    );
  });
  it('of the system text may begin late in a file', async () => {
    const rows = [...Array.from({ length: 40 }, (_, i) => row(i)), { ...row(40), rules: 's' }];
    expect(
      (await read(json(rows), { system: 'rules' })).pairs.filter((p) => p.prompt.kind === 'messages'),
    ).toHaveLength(1);
  });

  const suggestions: readonly (readonly [row: Readonly<Record<string, unknown>>, suggested: DatasetColumns | null])[] =
    [
      [
        { question: 'p', better: 'a', worse: 'b' },
        { prompt: 'question', chosen: 'better', rejected: 'worse' },
      ],
      [
        { prompt: 'p', response_0: 'a', response_1: 'b' },
        { prompt: 'prompt', chosen: 'response_0', rejected: 'response_1' },
      ],
      [{ prompt: 'p', response_0: 'a', response_1: 'b', winner: 1 }, null],
      [
        { instruction: 'p', input: 'q', output_better: 'a', output_worse: 'b' },
        { chosen: 'output_better', rejected: 'output_worse' },
      ],
      [
        { Question: 'p', 'Chosen Response': 'a', 'Rejected Response': 'b', 'System Prompt': 's' },
        { prompt: 'Question', chosen: 'Chosen Response', rejected: 'Rejected Response', system: 'System Prompt' },
      ],
      [{ a: 'p', b: 'a', c: 'b' }, null],
    ];
  it.each(suggestions)('%j: a suggestion', async (one, suggested) => {
    const found = fileColumns(await firstRows(write(json([one]))));
    expect(found.suggested).toEqual(suggested);
    expect(found.format).toBeNull();
    expect(found.columns.map(({ name }) => name)).toEqual(Object.keys(one));
  });
  it('show what they hold', async () => {
    const found = fileColumns(
      await firstRows(write(json([{ ...row(1), m: [{ role: 'user', content: 'x' }], n: 3 }, row(2), row(3), row(4)]))),
    );
    expect(found).toMatchObject({ format: 'pairs', suggested: null });
    expect(found.columns.map(({ holds }) => holds)).toEqual(['text', 'text', 'text', 'messages', 'number']);
    expect(found.columns[0]!.samples).toEqual(['p1', 'p2', 'p3']);
  });
});
