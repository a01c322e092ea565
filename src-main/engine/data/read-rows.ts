import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { throwFailure } from '../../shared/result';
import type { RowProblem } from '../../shared/dataset';

/** A row of a file before anything is known about its columns. Numbers start at 1: lines of JSONL, elements of a JSON array. */
export interface RawRow {
  readonly row: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface RawRows {
  readonly rows: readonly RawRow[];
  readonly problems: readonly RowProblem[];
}

/** Text in memory is limited by the longest string of the runtime; larger files belong split. */
const limitBytes = 512 << 20;
const unzip = promisify(gunzip);

/** Reads a JSON array or JSON lines, gzipped or not (told by content, not by name). Throws AppFailure where nothing can be read. */
export async function readRows(file: string): Promise<RawRows> {
  const info = await stat(file).catch(() => throwFailure('bad-data', `There is no file ${file}.`, 'Check the path.', { file }));
  if (info.isDirectory()) throwFailure('bad-data', `${file} is a folder.`, 'Give one JSON or JSONL file.', { file });
  if (info.size === 0) throwFailure('bad-data', `${path.basename(file)} is empty.`, 'Give a file with at least one pair.', { file });
  const text = await readText(file);
  const trimmed = text.trimStart();
  if (trimmed === '') throwFailure('bad-data', `${path.basename(file)} holds nothing but white space.`, 'Give a file with at least one pair.', { file });
  return trimmed.startsWith('[') ? fromArray(file, text) : fromLines(file, text);
}

async function readText(file: string): Promise<string> {
  const handle = await open(file, 'r');
  const magic = Buffer.alloc(2);
  try {
    await handle.read(magic, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const raw = await readFile(file);
  const bytes = magic[0] === 0x1f && magic[1] === 0x8b ? await inflate(file, raw) : raw;
  if (bytes.length > limitBytes) throwFailure('bad-data', `${path.basename(file)} is larger than 512 MB.`, 'Split it into smaller files.', { file, bytes: bytes.length });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes); // drops a byte order mark
  } catch {
    return throwFailure('bad-data', `${path.basename(file)} is not UTF-8 text.`, 'Save it as UTF-8; parquet and other binary files have to be converted to JSONL first.', { file });
  }
}

async function inflate(file: string, raw: Buffer): Promise<Buffer> {
  try {
    return await unzip(raw, { maxOutputLength: limitBytes + 1 });
  } catch (thrown) {
    return throwFailure('bad-data', `${path.basename(file)} cannot be unpacked: ${thrown instanceof Error ? thrown.message : String(thrown)}.`, 'The gzip file is cut off, damaged or larger than 512 MB unpacked.', { file });
  }
}

function fromArray(file: string, text: string): RawRows {
  const parsed = parse(text);
  if (!parsed.ok) return throwFailure('bad-data', `${path.basename(file)} is not valid JSON: ${parsed.message}.`, 'A JSON file has to be one array of rows; one object a line is JSONL.', { file });
  const values = parsed.value as readonly unknown[];
  if (values.length === 0) throwFailure('bad-data', `${path.basename(file)} holds an empty array.`, 'Give a file with at least one pair.', { file });
  return collect(values.map((value, i) => ({ row: i + 1, value })), []);
}

function fromLines(file: string, text: string): RawRows {
  const found: { readonly row: number; readonly value: unknown }[] = [];
  const problems: RowProblem[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const parsed = parse(line);
    if (parsed.ok) found.push({ row: i + 1, value: parsed.value });
    else problems.push({ row: i + 1, field: '', code: 'not-json', message: `Line ${i + 1} is not JSON: ${parsed.message}.` });
  });
  if (found.length === 0) throwFailure('bad-data', `${path.basename(file)} is not JSON: no line of it can be read (${problems[0]?.message ?? ''})`, 'Give a JSON array, or JSON lines with one object a line.', { file });
  return collect(found, problems);
}

function collect(values: readonly { readonly row: number; readonly value: unknown }[], problems: readonly RowProblem[]): RawRows {
  const rows: RawRow[] = [];
  const bad: RowProblem[] = [...problems];
  for (const { row, value } of values) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) rows.push({ row, value: value as Readonly<Record<string, unknown>> });
    else bad.push({ row, field: '', code: 'not-an-object', message: `Row ${row} is not an object with columns.` });
  }
  return { rows, problems: bad };
}

function parse(text: string): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (thrown) {
    return { ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
