import path from 'node:path';
import { throwFailure } from '../../../shared/result';
import type { RowProblem } from '../../../shared/data/dataset';
import { textKind } from './file-kinds';
import { BadSeparator, LineFraming, TooLong, ValueFraming, type Frame, type Framing } from './framing';
import { parseJson, type Parsed } from './json';
import { openText, peek, type TextFile } from './open-text';
import { isMessage, own, rowHolders, rowsOfObject } from './whole-file';

/**
 * A row of a file before anything is known about its columns. Numbers start at 1: lines of JSON lines, otherwise
 * elements.
 */
export interface RawRow {
  readonly row: number;
  readonly value: Readonly<Record<string, unknown>>;
}
export const isRow = (item: RawRow | RowProblem): item is RawRow => 'value' in item;

export interface RowBatch {
  readonly items: readonly (RawRow | RowProblem)[]; // in order
  readonly share: number; // of the file, 0 to 1
}

/**
 * Rows as they come, so that no file is too large; `notes` is complete at the end. Throws AppFailure where a file
 * cannot be read at all or not to its end.
 */
export interface RowReader {
  readonly notes: readonly string[];
  batches(): AsyncGenerator<RowBatch>;
}

export function readRows(file: string): RowReader {
  const notes: string[] = [];
  return { notes, batches: () => readBatches(file, notes) };
}

/** How a file is cut into values, told by its beginning. */
interface Layout {
  readonly framing: Framing;
  readonly skip: number; // bytes before the first value
  readonly number: 'lines' | 'elements';
  readonly list: 'whole' | 'inside' | null; // the file is one, or an object that has one
}

const looked = 1 << 16;

async function* readBatches(file: string, notes: string[]): AsyncGenerator<RowBatch> {
  const text = await openText(file);
  const { head, rest } = await peek(text.chunks, looked);
  const layout = layoutOf(file, head);
  const reading = new Reading(file, layout, notes);
  try {
    yield* reading.batches(rest, text);
  } catch (thrown) {
    if (thrown instanceof BadSeparator)
      reading.refuse(thrown.at, `there is ${JSON.stringify(thrown.found)} where a row or a comma should be`);
    if (thrown instanceof TooLong)
      throwFailure(
        'bad-data',
        `Row ${layout.framing.completed + 1} of ${path.basename(file)} (from byte ${thrown.at}) is longer than 500 MB.`,
        'Write one object a line (JSON lines): then a file may have any size.',
        { file, row: layout.framing.completed + 1, byte: thrown.at },
      );
    throw thrown;
  }
}

/** Rows of one file, as its values come. */
class Reading {
  count = 0; // values or lines so far
  private hasRows = false;
  private firstProblem: RowProblem | null = null;
  private alone: Readonly<Record<string, unknown>> | null = null; // the first value, while it is the only one

  constructor(
    private readonly file: string,
    private readonly layout: Layout,
    private readonly notes: string[],
  ) {}

  async *batches(chunks: AsyncIterable<Buffer>, text: TextFile): AsyncGenerator<RowBatch> {
    const { framing, list, skip } = this.layout;
    let left = skip;
    for await (const chunk of chunks) {
      const rows = this.rowsOf(framing.push(chunk.subarray(left)));
      left = 0; // the beginning that was looked at is one chunk
      yield { items: rows, share: text.share() };
    }
    const last = framing.end();
    if (last && this.layout.number === 'elements')
      this.refuse(last.at, 'the file ends in the middle of the row that begins there');
    if (list) this.closeList(framing as ValueFraming);
    const rows = [...(last ? this.rowsOf([last]) : []), ...this.whole()];
    if (!this.hasRows) this.refuseAll();
    yield { items: rows, share: 1 };
  }

  /** A file cut off in the middle would lose rows without a word. */
  private closeList({ ended, endedAt, after }: ValueFraming): void {
    if (!ended) this.notes.push('The file ends before its array does: it may be cut off.');
    const more = after.trim();
    if (this.layout.list === 'whole' && more !== '') this.refuse(endedAt, 'the array ends there, and more follows');
    if (this.layout.list === 'inside' && !/^\}?$/.test(more))
      this.notes.push(`What follows the list of rows in the file is not read: ${more.slice(0, 60)}`);
  }

  private rowsOf(frames: readonly Frame[]): readonly (RawRow | RowProblem)[] {
    const items: (RawRow | RowProblem)[] = [];
    for (const frame of frames) {
      this.count++;
      const parsed = textOf(frame.bytes);
      if (parsed === null) continue; // a blank line
      const value = parsed.ok && isObject(parsed.value) ? inner(parsed.value) : null;
      if (this.alone) this.give(items, { row: this.aloneRow, value: this.alone });
      this.alone = null;
      if (!parsed.ok)
        this.give(items, {
          row: this.count,
          field: '',
          code: 'not-json',
          message: `${this.place(frame)} is not JSON: ${parsed.message}.`,
        });
      else if (value === null)
        this.give(items, {
          row: this.count,
          field: '',
          code: 'not-an-object',
          message: `Row ${this.count} is ${kindName(parsed.value)}, not an object with columns.`,
        });
      else if (!this.hasRows && this.firstProblem === null && !this.layout.list)
        [this.alone, this.aloneRow] = [value, this.count];
      else this.give(items, { row: this.count, value });
    }
    return items;
  }
  private aloneRow = 1;

  /** The rows inside a file's only value. */
  private whole(): readonly (RawRow | RowProblem)[] {
    if (!this.alone) return [];
    const { values, notes } = rowsOfObject(this.alone);
    for (const note of notes) this.notes.push(note);
    const items: (RawRow | RowProblem)[] = [];
    values.forEach((value, i) => {
      this.give(items, { row: value === this.alone ? this.aloneRow : i + 1, value: inner(value) });
    });
    return items;
  }

  private give(items: (RawRow | RowProblem)[], item: RawRow | RowProblem): void {
    if (isRow(item)) this.hasRows = true;
    else this.firstProblem ??= item;
    items.push(item);
  }

  private place(frame: Frame): string {
    return this.layout.number === 'lines' ? `Line ${this.count}` : `Row ${this.count} (byte ${frame.at})`;
  }

  refuse(byte: number, why: string): never {
    const row = this.layout.framing.completed + 1;
    return throwFailure(
      'bad-data',
      `${path.basename(this.file)} is not valid JSON from row ${row} on (byte ${byte}): ${why}.`,
      'A JSON file is one array of rows; one object a line is JSONL. Check that the file is complete.',
      { file: this.file, row, byte },
    );
  }

  private refuseAll(): void {
    const name = path.basename(this.file);
    const { file, firstProblem } = this;
    if (!firstProblem)
      throwFailure(
        'bad-data',
        this.layout.list ? `${name} holds an empty array.` : `${name} holds nothing but white space.`,
        'Give a file with at least one pair.',
        { file },
      );
    else if (firstProblem.code === 'not-json')
      throwFailure(
        'bad-data',
        `${name} is not JSON: no ${this.layout.number === 'lines' ? 'line' : 'row'} of it can be read ` +
          `(${firstProblem.message})`,
        'Give a JSON array, or JSON lines with one object a line.',
        { file },
      );
    else
      throwFailure(
        'bad-data',
        `${name} has no row with columns: ${firstProblem.message}`,
        'Each row has to be an object such as {"prompt": "…", "chosen": "…", "rejected": "…"}.',
        { file },
      );
  }
}

/** Drops the byte order mark that a value begins with where files were put together. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Null: nothing but white space. */
function textOf(bytes: Buffer): Parsed | null {
  try {
    const text = utf8.decode(bytes);
    return text.trim() === '' ? null : parseJson(text);
  } catch {
    return { ok: false, message: 'its bytes are not UTF-8 text' };
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const kindName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'text' : `a ${typeof value}`;

/** {"row_idx": 0, "row": {…}}: rows as the Hub's dataset server wraps them. */
const inner = (value: RawRow['value']): RawRow['value'] => {
  const row = own(value, 'row');
  return own(value, 'row_idx') !== undefined && isObject(row) ? row : value;
};

const listInside = new RegExp(`^\\{\\s*"(?:${rowHolders.join('|')})"\\s*:\\s*\\[(?=\\s*\\{)`);

/** A row's own list and not the file's: JSON lines, or a conversation. */
function isColumn(text: string, start: number): boolean {
  const [first, ...more] = text.split('\n').filter((line) => line.trim() !== '');
  if (more.length > 0 && more[0]!.trimStart().startsWith('{') && parseJson(first!).ok) return true;
  const [element] = new ValueFraming(true, start).push(Buffer.from(text.slice(start), 'latin1'));
  const parsed = element && parseJson(element.bytes.toString('utf8'));
  return parsed
    ? parsed.ok && isMessage(parsed.value)
    : /^\s*\{\s*"(?:role|from|content|value)"/.test(text.slice(start));
}

function layoutOf(file: string, head: Buffer): Layout {
  const text = head.toString('latin1'); // as many characters as bytes
  const trimmed = text.trimStart();
  const before = text.length - trimmed.length;
  if (trimmed.startsWith('['))
    return { framing: new ValueFraming(true, before + 1), skip: before + 1, number: 'elements', list: 'whole' };
  const held = listInside.exec(trimmed);
  if (held && !isColumn(trimmed, held[0].length))
    return {
      framing: new ValueFraming(true, before + held[0].length),
      skip: before + held[0].length,
      number: 'elements',
      list: 'inside',
    };
  const lines = trimmed
    .split('\n')
    .slice(0, 50)
    .filter((line) => line.trim() !== '');
  const isWhole = head.length < looked;
  const readable = (line: string | undefined, i: number): boolean =>
    line !== undefined && (parseJson(line).ok || (!isWhole && i === lines.length - 1 && line.startsWith('{')));
  if (lines.length === 0)
    throwFailure(
      'bad-data',
      `${path.basename(file)} holds nothing but white space.`,
      'Give a file with at least one pair.',
      { file },
    );
  if (lines.some(readable)) {
    const isPretty =
      !readable(lines[0], 0) &&
      trimmed.startsWith('{') &&
      !lines.slice(1).some((line, i) => line.startsWith('{') && readable(line, i + 1));
    return isPretty ? values(before) : { framing: new LineFraming(), skip: 0, number: 'lines', list: null };
  }
  if (trimmed.startsWith('{')) return values(before);
  const kind = textKind(Buffer.from(text, 'latin1').toString('utf8'));
  return throwFailure('bad-data', `${path.basename(file)} is not JSON: this looks like ${kind.what}.`, kind.todo, {
    file,
  });
}

const values = (before: number): Layout => ({
  framing: new ValueFraming(false, before),
  skip: before,
  number: 'elements',
  list: null,
});
