import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { firstRows, openPairs, readPairs, type PairsFile } from '../../../../../../src-main/engine/data/read-pairs';
import type { AppError } from '../../../../../../src-main/shared/result';

const folder = mkdtempSync(join(tmpdir(), 'sampo-rows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const write = (content: string | Uint8Array): string => {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, content);
  return file;
};
const read = (content: string | Uint8Array): Promise<PairsFile> =>
  readPairs({ path: write(content), format: 'auto', columns: null });
const refusal = async (content: string | Uint8Array): Promise<AppError> => {
  try {
    await read(content);
  } catch (thrown) {
    return (thrown as { readonly error: AppError }).error;
  }
  throw new Error('it was not refused');
};

const json = JSON.stringify;
const pair = (n: number, more: Readonly<Record<string, unknown>> = {}) => ({
  prompt: `p${n}`,
  chosen: `c${n}`,
  rejected: `r${n}`,
  ...more,
});
const [one, two] = [json(pair(1)), json(pair(2))];
const rowsOf = async (content: string | Uint8Array): Promise<readonly number[]> =>
  (await read(content)).pairs.map(({ row }) => row);
const long = 'x'.repeat(1_200_000); // longer than a piece

describe('rows', () => {
  it.each([
    ['lines, the blank ones too', `\n${one}\n \t\n${two}\n`, [2, 4]],
    ['one line below blank ones', `\n\n${one}`, [3]],
    ['one line above a bad one', `${one}\n\n[2]\n`, [1]],
    ['a mark at the beginning of each file that was put in', `\uFEFF${one}\n\uFEFF${two}`, [1, 2]],
    ['a line that cannot be read, then one longer than a piece', `{"a\n${json(pair(2, { long }))}\n${one}`, [2, 3]],
    ['a first line longer than a piece', `${json(pair(2, { long }))}\n${one}`, [1, 2]],
    ['text, then lines', `"title"\n${one}\n${two}`, [2, 3]],
    ['elements of an array', `[${one}\n,\n${two}]`, [1, 2]],
    ['elements of an array longer than a piece', `\n[${json(pair(1, { long }))}, ${two}, ${one}]`, [1, 2, 3]],
    ['elements of a list inside', `\n{"data": [${one}, ${two}]}`, [1, 2]],
    [
      'elements of a list inside that are longer than a piece',
      `{"data": [${json(pair(1, { long }))}, ${two}]}`,
      [1, 2],
    ],
    ['objects that are printed', `\n${json(pair(1), null, 2)}\n\n${json(pair(2), null, 2)}`, [1, 2]],
    ['one printed object longer than a piece', json(pair(1, { long }), null, 2), [1]],
    [
      'rows with a column "row"',
      [one, json(pair(2, { row: { a: 1 } })), json(pair(2, { row: 3, row_idx: 3 }))].join('\n'),
      [1, 2, 3],
    ],
  ])('are %s', async (_name, content, rows) => expect(await rowsOf(content)).toEqual(rows));
  it('begin with a conversation that is longer than what is looked at', async () => {
    const talk = {
      conversations: [{ from: 'human', value: 'x'.repeat(100_000) }],
      chosen: { from: 'gpt', value: 'c' },
      rejected: { from: 'gpt', value: 'r' },
    };
    const image = { ...talk, conversations: [{ value: long, from: 'human' }] }; // and longer than a piece
    for (const rows of [[talk], [talk, talk], [image, talk]]) {
      const { format, pairs, problems } = await read(rows.map((row) => json(row)).join('\n'));
      expect([format, pairs.map(({ row }) => row), problems]).toEqual(['sharegpt', rows.map((_, i) => i + 1), []]);
    }
  });
  it('say of what cannot be read where it is and what', async () => {
    expect((await read(`${one}\n{"a": 1,}\n[2]\nnull\n"x"\n7\ntrue`)).problems).toEqual([
      { row: 2, field: '', code: 'not-json', message: expect.stringMatching(/^Line 2 is not JSON: [^:]*JSON.*\.$/) },
      ...['a list', 'null', 'text', 'a number', 'a boolean'].map((what, i) => ({
        row: 3 + i,
        field: '',
        code: 'not-an-object',
        message: `Row ${3 + i} is ${what}, not an object with columns.`,
      })),
    ]);
    expect((await read(`[${one}, {"a": 1,}]`)).problems).toEqual([
      { row: 2, field: '', code: 'not-json', message: expect.stringMatching(/^Row 2 \(byte 48\) is not JSON: /) },
    ]);
    expect((await read(`{"data": [${one}, {"a": 1,}]}`)).problems[0]!.message).toMatch(
      /^Row 2 \(byte 57\) is not JSON/,
    );
    const latin = Buffer.from(`${one}\n{"prompt": "\xfc"}\n`, 'latin1');
    expect((await read(latin)).problems).toMatchObject([
      { row: 2, code: 'not-json', message: 'Line 2 is not JSON: its bytes are not UTF-8 text.' },
    ]);
  });
  it('are judged by the first that can be read, however many cannot', async () => {
    const content = `${'1\n'.repeat(25)}${json(pair(1, { long }))}\n${two}\n`;
    expect(await rowsOf(content)).toEqual([26, 27]);
    expect((await firstRows(write(content))).map(({ row }) => row)).toEqual([26, 27]);
  });
  it('come as the file is read, with how far that is', async () => {
    const lines = Array.from({ length: 45 }, (_, i) => json(pair(i, { long: 'x'.repeat(50_000) })));
    for (const content of [lines.join('\n'), `[${lines.join(',')}]`]) {
      const { batches } = await openPairs({ path: write(content), format: 'auto', columns: null });
      const shares: number[] = [];
      let rows = 0;
      for await (const batch of batches) {
        shares.push(batch.share);
        rows += batch.items.length;
      }
      expect(rows).toBe(45);
      expect(shares.length).toBeGreaterThan(2);
      expect(shares).toEqual([...shares].sort((x, y) => x - y));
      expect(shares[0]).toBeLessThan(1);
      expect(shares.at(-1)).toBe(1);
    }
  });
});

describe('notes', () => {
  it('are none where all of a file is read', async () => {
    for (const content of [one, `[${one}]`, `{"data": [${one}]}\n`, `{"version": 1, "data": [${one}]}`])
      expect((await read(content)).notes).toEqual([]);
  });
  it('show the beginning of what is not read', async () => {
    const { notes } = await read(`{"train": [${one}], "more": "${'y'.repeat(100)}"}`);
    expect(notes).toEqual([
      `What follows the list of rows in the file is not read: ,${` "more": "${'y'.repeat(100)}`.slice(0, 59)}`,
    ]);
  });
});

describe('a file that is refused', () => {
  it.each([
    ['[{"a": 1}, {"a', 2, 11, 'the file ends in the middle of the row that begins there'],
    ['  [{"a": 1} {"a": 2}]', 2, 12, 'there is "{" where a row or a comma should be'],
    ['[{"a": 1}]\n ]', 2, 10, 'the array ends there, and more follows'],
    ['\n{"data": [{"a": 1}, {"a"', 2, 21, 'the file ends in the middle of the row that begins there'],
    ['{\n"a": 1}\n}', 2, 10, 'there is "}" where a row or a comma should be'],
  ])('%j says from which row and byte on', async (content, row, byte, why) => {
    expect(await refusal(content)).toEqual({
      code: 'bad-data',
      message: expect.stringMatching(/^\d+\.json is not valid JSON from row \d+ on \(byte \d+\): /),
      hint: expect.stringMatching(/one array of rows/),
      details: { file: join(folder, `${files}.json`), row, byte },
    });
    expect((await refusal(content)).message).toContain(`from row ${row} on (byte ${byte}): ${why}.`);
  });
  it.each([
    [' \n', / holds nothing but white space\.$/, /at least one pair/],
    ['[]', / holds an empty array\.$/, /at least one pair/],
    ['{"data": []}', /none of the known shapes/, /Give prompt/],
    ['{"a": 1,}\n{"b": 2,}\n', / is not JSON|not valid JSON/, /JSON/],
    ['[{"a": 1,}]', / is not JSON: no row of it can be read \(Row 1 \(byte 1\) is not JSON/, /JSON lines/],
    ['1\n2\n', / has no row with columns: Row 1 is a number, not an object with columns\.$/, /Each row has to be/],
    ['a,b\n', /looks like a CSV table/, /read_csv/],
  ])('%j says what it is', async (content, message, hint) => {
    expect(await refusal(content)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
      details: { file: join(folder, `${files}.json`) },
    });
  });
  it('speaks of lines where there are lines', async () => {
    const latin = Buffer.from('{"a": "\xfc"}\n{"a": "\xfc"}\n', 'latin1');
    expect((await refusal(latin)).message).toMatch(/ is not JSON: no line of it can be read \(Line 1 is not JSON/);
  });
});
