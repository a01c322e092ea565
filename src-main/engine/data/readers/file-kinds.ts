/** What a file is that is no JSON, by its first bytes: a refusal names it rather than a place in it. */
const magics: readonly (readonly [bytes: string, what: string, todo: string])[] = [
  [
    'PAR1',
    'a Parquet file',
    'Convert it to JSON lines, for example with pandas: read_parquet(…).to_json(…, orient="records", lines=True).',
  ],
  ['ARROW1', 'an Arrow file', 'Convert it to JSON lines, for example with datasets: load_from_disk(…).to_json(…).'],
  [
    '\xff\xff\xff\xff',
    'an Arrow stream',
    'Convert it to JSON lines, for example with datasets: load_from_disk(…).to_json(…).',
  ],
  ['PK\x03\x04', 'a ZIP archive (an Excel sheet is one too)', 'Unpack it, and give the JSON file inside.'],
  ['\x28\xb5\x2f\xfd', 'compressed by zstd', 'Unpack it first (zstd -d), or pack it as .gz.'],
  ['BZh', 'compressed by bzip2', 'Unpack it first (bunzip2), or pack it as .gz.'],
  ['\xfd7zXZ', 'compressed by xz', 'Unpack it first (unxz), or pack it as .gz.'],
  ['7z\xbc\xaf', 'a 7-Zip archive', 'Unpack it, and give the JSON file inside.'],
  ['SQLite format 3', 'an SQLite database', 'Export the table as JSON lines.'],
  ['%PDF', 'a PDF', 'Give a JSON or JSONL file.'],
  ['GGUF', 'a GGUF model', 'Give a JSON or JSONL file; models are added under Models.'],
  ['\x93NUMPY', 'a NumPy array', 'Give a JSON or JSONL file.'],
  ['\x00\x00\xfe\xff', 'text in UTF-32', 'Save it as UTF-8.'],
  ['\xff\xfe\x00\x00', 'text in UTF-32', 'Save it as UTF-8.'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file it stands for', 'Fetch the file itself (git lfs pull).'],
];

export interface FileKind {
  readonly what: string;
  readonly todo: string;
}

export function binaryKind(head: Buffer): FileKind | null {
  const start = head.subarray(0, 32).toString('latin1');
  const known = magics.find(([bytes]) => start.startsWith(bytes));
  if (known) return { what: known[1], todo: known[2] };
  if (/^\x80[\x02-\x05]/.test(start))
    return {
      what: 'a Python pickle',
      todo: 'Give a JSON or JSONL file; a pickle can run programs and is never opened.',
    };
  return null;
}

/** Text that is no JSON. */
export function textKind(head: string): FileKind {
  const [line = ''] = head.trimStart().split('\n', 1);
  if (/^<(!doctype|html|\?xml)/i.test(line))
    return { what: 'a web page or XML', todo: 'Download the file itself rather than the page that shows it.' };
  for (const [separator, name] of [
    ['\t', 'TSV'],
    [',', 'CSV'],
    [';', 'CSV'],
  ] as const) {
    const names = line.split(separator).map((part) => part.trim());
    if (names.length > 1 && names.every((part) => /^"?[\w .-]{1,60}"?$/.test(part)))
      return {
        what: `a ${name} table (columns: ${names.join(', ')})`,
        todo: 'Convert it to JSON lines, for example with pandas: read_csv(…).to_json(…, orient="records", lines=True).',
      };
  }
  if (/^[\w-]+:\s/.test(line)) return { what: 'YAML', todo: 'Convert it to JSON lines.' };
  return { what: 'text without JSON', todo: 'Give a JSON array, or JSON lines with one object a line.' };
}
