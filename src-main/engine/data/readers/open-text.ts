import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { throwFailure, messageOf } from '../../../shared/result';
import { binaryKind } from './file-kinds';

/**
 * A file's text as UTF-8 bytes, piece by piece: unpacked where it is gzip, turned where it is UTF-16, without a byte
 * order mark.
 */
export interface TextFile {
  readonly chunks: AsyncIterable<Buffer>;
  /** How much of the file has been read, 0 to 1. */
  share(): number;
}

const chunkBytes = 1 << 20;

export async function openText(file: string): Promise<TextFile> {
  const info = await stat(file).catch(() =>
    throwFailure('bad-data', `There is no file ${file}.`, 'Check the path.', { file }),
  );
  if (info.isDirectory()) throwFailure('bad-data', `${file} is a folder.`, 'Give one JSON or JSONL file.', { file });
  if (info.size === 0)
    throwFailure('bad-data', `${path.basename(file)} is empty.`, 'Give a file with at least one pair.', { file });
  const stream = createReadStream(file, { highWaterMark: chunkBytes });
  return { chunks: asUtf8(file, unpacked(file, stream)), share: () => Math.min(1, stream.bytesRead / info.size) };
}

async function* unpacked(file: string, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(stream, 2);
  if (!(head[0] === 0x1f && head[1] === 0x8b)) {
    yield* rest;
    return;
  }
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  const feeding = (async (): Promise<void> => {
    for await (const chunk of rest)
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve).once('close', resolve));
    gunzip.end();
  })();
  feeding.catch((thrown: unknown) => gunzip.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))));
  try {
    yield* gunzip as AsyncIterable<Buffer>;
  } catch (thrown) {
    const reason = messageOf(thrown);
    throwFailure(
      'bad-data',
      `${path.basename(file)} cannot be unpacked: ${reason}.`,
      'The gzip file is cut off or damaged.',
      { file },
    );
  } finally {
    gunzip.destroy();
  }
}

async function* asUtf8(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { head, rest } = await peek(chunks, 4);
  const kind = binaryKind(head);
  if (kind)
    throwFailure('bad-data', `${path.basename(file)} is not JSON: this looks like ${kind.what}.`, kind.todo, {
      file,
    });
  const encoding = utf16(head);
  if (encoding === null) {
    yield* withoutMark(rest, head.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0);
    return;
  }
  const decoder = new TextDecoder(encoding, { fatal: true }); // drops the mark
  try {
    for await (const chunk of rest) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch {
    throwFailure('bad-data', `${path.basename(file)} begins as UTF-16 and is not.`, 'Save it as UTF-8.', { file });
  }
}

/** By its mark, or by the zero byte beside the first bracket. */
function utf16(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  const [a, b] = head;
  const isBracket = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;
  if ((a === 0xff && b === 0xfe) || (isBracket(a) && b === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && isBracket(b))) return 'utf-16be';
  return null;
}

async function* withoutMark(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    yield chunk.subarray(left);
    left = 0;
  }
}

/** The first bytes, at least so many where there are, and everything from the start. */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < bytes) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head, rest: rest() };
}
