import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { contentHash } from '../../../../../../src-main/engine/data/content-hash';
import { openText, peek } from '../../../../../../src-main/engine/data/readers/open-text';
import type { AppError } from '../../../../../../src-main/shared/result';

const folder = mkdtempSync(join(tmpdir(), 'sampo-text-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const write = (content: string | Uint8Array): string => {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, content);
  return file;
};
const textOf = async (file: string): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const chunk of (await openText(file)).chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
};
const refusal = async (file: string): Promise<AppError> => {
  try {
    await textOf(file);
  } catch (thrown) {
    return (thrown as { readonly error: AppError }).error;
  }
  throw new Error('it was not refused');
};

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const mega = 1 << 20;

describe('a file’s text', () => {
  const text = '{"a": "ü日🙂"}';
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le')],
    ['big-endian UTF-16', bigEndian(`\uFEFF${text}`)],
    ['big-endian UTF-16 without a mark', bigEndian(text)],
    ['gzip', gzipSync(text)],
    ['gzip of UTF-16', gzipSync(Buffer.from(`\uFEFF${text}`, 'utf16le'))],
    ['gzip of two parts', Buffer.concat([gzipSync(text.slice(0, 5)), gzipSync(text.slice(5))])],
  ])('is the same in %s', async (_name, content) => expect(await textOf(write(content))).toBe(text));
  it.each(['7', '{}', '[', '\u001f', '\u001fx'])('may be very short: %j', async (short) =>
    expect(await textOf(write(short))).toBe(short),
  );
  it('of lists in UTF-16 needs no mark either', async () => {
    expect(await textOf(write(Buffer.from('[1]', 'utf16le')))).toBe('[1]');
    expect(await textOf(write(bigEndian('[1]')))).toBe('[1]');
  });
  it('longer than a piece is whole, its mark taken off once', async () => {
    const long = `\uFEFF${'x'.repeat(mega)}\uFEFFü${'y'.repeat(mega)}`;
    expect((await textOf(write(long))) === long.slice(1)).toBe(true);
    expect((await textOf(write(gzipSync(long)))) === long.slice(1)).toBe(true);
  });
  it('in UTF-16 may part a character between two pieces', async () => {
    const long = `${'x'.repeat(mega / 2 - 2)}🙂ü`; // the mark, so many x, and half of 🙂 are a piece
    expect((await textOf(write(Buffer.from(`\uFEFF${long}`, 'utf16le')))) === long).toBe(true);
  });
  it('tells how much of the file is read, by its packed size', async () => {
    for (const content of [Buffer.from('x'.repeat(3 * mega)), gzipSync(Buffer.from('x'.repeat(3 * mega)))]) {
      const { chunks, share } = await openText(write(content));
      expect(share()).toBe(0);
      const shares: number[] = [];
      for await (const _ of chunks) shares.push(share());
      expect(shares.length).toBeGreaterThan(1);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      expect(shares[0]).toBeGreaterThan(0);
      expect(shares.at(-1)).toBe(1);
    }
  });
  it('that nobody reads to its end leaves nothing open', async () => {
    for (const content of [Buffer.from('x'.repeat(3 * mega)), gzipSync(Buffer.from('x'.repeat(30 * mega)))]) {
      const file = write(content);
      for await (const chunk of (await openText(file)).chunks) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      rmSync(file);
    }
  });
  it('is refused with its file where there is none', async () => {
    const none = join(folder, 'none.json');
    const empty = write('');
    const inner = join(folder, 'inner');
    mkdirSync(inner);
    expect(await refusal(none)).toEqual({
      code: 'bad-data',
      message: `There is no file ${none}.`,
      hint: 'Check the path.',
      details: { file: none },
    });
    expect(await refusal(inner)).toMatchObject({
      code: 'bad-data',
      message: `${inner} is a folder.`,
      details: { file: inner },
    });
    expect(await refusal(empty)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/^\d+\.json is empty\.$/),
      details: { file: empty },
    });
  });
  it('is refused with its file where it cannot be read', async () => {
    const half = write(gzipSync(Buffer.from('a text that is cut off')).subarray(0, 30));
    expect(await refusal(half)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/^\d+\.json cannot be unpacked: unexpected end of file\.$/),
      details: { file: half },
    });
    const parquet = write('PAR1....');
    expect(await refusal(parquet)).toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/is not JSON: this looks like a Parquet file\.$/),
      details: { file: parquet },
    });
    for (const bytes of [
      [0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8, 0x41, 0x00], // half of a character, in the middle
      [0xff, 0xfe, 0x41, 0x00, 0x00, 0xd8], // and at the end
      [0xfe, 0xff, 0x00, 0x41, 0x00],
    ]) {
      const broken = write(Buffer.from(bytes));
      expect(await refusal(broken)).toMatchObject({
        code: 'bad-data',
        message: expect.stringMatching(/^\d+\.json begins as UTF-16 and is not\.$/),
        hint: 'Save it as UTF-8.',
        details: { file: broken },
      });
    }
  });
  it('is taken as UTF-8 where only one byte of a mark is there', async () => {
    for (const first of [0xff, 0xfe])
      expect((await textOf(write(Buffer.of(first, 0x7b, 0x7d, 0x20)))).slice(1)).toBe('{} ');
    expect(await textOf(write(Buffer.of(0x31, 0xfe, 0x7d, 0x20)))).toHaveLength(4);
    expect(await textOf(write(Buffer.of(0x31, 0xff, 0x7d, 0x20)))).toHaveLength(4);
    expect(await textOf(write(Buffer.of(0x7b, 0x31, 0x00, 0x20)))).toBe('{1\u0000 ');
    expect(await textOf(write(Buffer.of(0x31, 0x00, 0x7d, 0x20)))).toBe('1\u0000} ');
  });
});

describe('a look ahead', () => {
  const source = (parts: readonly string[], log: string[]): AsyncGenerator<Buffer> =>
    (async function* () {
      try {
        for (const part of parts) {
          log.push(part);
          yield await Promise.resolve(Buffer.from(part));
        }
      } finally {
        log.push('closed');
      }
    })();
  const rest = async (chunks: AsyncIterable<Buffer>): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const chunk of chunks) found.push(chunk.toString());
    return found;
  };
  it('takes as many pieces as it needs and gives all of them again', async () => {
    const log: string[] = [];
    const found = await peek(source(['a', 'bc', 'd', 'e'], log), 3);
    expect([found.head.toString(), log]).toEqual(['abc', ['a', 'bc']]);
    expect(await rest(found.rest)).toEqual(['abc', 'd', 'e']);
    expect(log).toEqual(['a', 'bc', 'd', 'e', 'closed']);
  });
  it('takes what there is where there is less', async () => {
    const found = await peek(source(['a'], []), 3);
    expect(found.head.toString()).toBe('a');
    expect(await rest(found.rest)).toEqual(['a']);
    expect(await rest((await peek(source([], []), 3)).rest)).toEqual([]);
  });
  it('closes its source where the rest is not wanted', async () => {
    const log: string[] = [];
    const found = await peek(source(['a', 'b', 'c'], log), 1);
    for await (const _ of found.rest) break;
    expect(log).toEqual(['a', 'closed']);
  });
});

it('a file’s hash is the SHA-256 of its bytes', async () => {
  // echo -n abc | sha256sum
  expect(await contentHash(write('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const long = Buffer.alloc(5 * mega, 'a');
  const other = Buffer.from(long);
  other[other.length - 1] = 0;
  expect(await contentHash(write(long))).not.toBe(await contentHash(write(other)));
});
