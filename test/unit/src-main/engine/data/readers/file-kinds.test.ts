import { describe, expect, it } from 'vitest';
import { binaryKind, textKind } from '../../../../../../src-main/engine/data/readers/file-kinds';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a file that is no JSON', () => {
  it.each([
    ['PAR1..', /^a Parquet file$/, /read_parquet/],
    ['ARROW1\0\0', /^an Arrow file$/, /load_from_disk/],
    ['\xff\xff\xff\xff\x10', /^an Arrow stream$/, /load_from_disk/],
    ['PK\x03\x04', /^a ZIP archive/, /Unpack it/],
    ['\x28\xb5\x2f\xfd', /zstd/, /zstd -d/],
    ['BZh91AY', /bzip2/, /bunzip2/],
    ['\xfd7zXZ\0', /xz$/, /unxz/],
    ['7z\xbc\xaf\x27', /7-Zip/, /Unpack it/],
    ['SQLite format 3\0', /SQLite/, /Export the table/],
    ['%PDF-1.7', /PDF/, /Give a JSON/],
    ['GGUF\x03', /GGUF model/, /added under Models/],
    ['\x93NUMPY', /NumPy array/, /Give a JSON/],
    ['\x00\x00\xfe\xff', /UTF-32/, /UTF-8/],
    ['\xff\xfe\x00\x00', /UTF-32/, /UTF-8/],
    ['version https://git-lfs.github.com/spec/v1\noid', /Git LFS pointer/, /git lfs pull/],
    ['\x80\x02}', /pickle/, /never opened/],
    ['\x80\x05', /pickle/, /never opened/],
  ])('is told by its first bytes: %j', (head, what, todo) => {
    const kind = binaryKind(bytes(head));
    expect(kind?.what).toMatch(what);
    expect(kind?.todo).toMatch(todo);
    expect(binaryKind(bytes(` ${head}`))).toBeNull();
  });
  it.each(['{"a": 1}', '[', '', '\x80\x01', '\x80\x06', '\x1f\x8b', '\xff\xfe{\0', 'text'])(
    'is not one of them: %j',
    (head) => expect(binaryKind(bytes(head))).toBeNull(),
  );
  it.each([
    ['prompt,chosen,rejected\n1,2,3', 'a CSV table (columns: prompt, chosen, rejected)', /read_csv/],
    ['prompt;chosen;rejected\n1;2;3', 'a CSV table (columns: prompt, chosen, rejected)', /read_csv/],
    ['"a b" , "c.d"\r\n1,2', 'a CSV table (columns: "a b", "c.d")', /read_csv/],
    ['\n\n a\tb\n1\t2', 'a TSV table (columns: a, b)', /read_csv/],
    ['a,b\tc,d', 'text without JSON', /JSON array/], // neither all of one nor of the other
    [`${'x'.repeat(60)},b`, `a CSV table (columns: ${'x'.repeat(60)}, b)`, /read_csv/],
    [`${'x'.repeat(61)},b`, 'text without JSON', /JSON array/],
    ['Dear all, this is (not) a table', 'text without JSON', /JSON array/],
    ['one', 'text without JSON', /JSON array/],
    ['', 'text without JSON', /one object a line/],
    ['prompt: what\nchosen: this', 'YAML', /JSON lines/],
    ['- prompt: x', 'text without JSON', /JSON array/],
    ['<!DOCTYPE html>', 'a web page or XML', /Download the file itself/],
    [' <HTML lang="en">', 'a web page or XML', /Download the file itself/],
    ['<?xml version="1.0"?>', 'a web page or XML', /Download the file itself/],
    ['<b>', 'text without JSON', /JSON array/],
  ])('is told by its first line: %j', (head, what, todo) => {
    const kind = textKind(head);
    expect(kind.what).toBe(what);
    expect(kind.todo).toMatch(todo);
  });
});
