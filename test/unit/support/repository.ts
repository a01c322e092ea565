import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const notOurs = new Set(['node_modules', 'dist', 'release', '.git', '.runtime', 'test-results', '__pycache__']);

/** All files of the checkout, from its root, with `/`. What Git ignores is not among them. */
export const files: readonly string[] = (() => {
  const inside = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      if (notOurs.has(entry.name)) return [];
      const path = join(folder, entry.name);
      return entry.isDirectory() ? inside(path) : [relative(root, path).split(sep).join('/')];
    });
  return inside(root);
})();
const known = new Set(files);
const folders = new Set(files.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))));

export const read = (file: string): string => readFileSync(join(root, file), 'utf8');
export const isThere = (path: string): boolean => known.has(path) || folders.has(path.replace(/\/$/, ''));
/** Whether a file's path ends with this one: comments name files by their last folders. */
export const endsAFile = (path: string): boolean =>
  files.some((file) => file === path || file.endsWith(`/${path}`)) || isThere(path);
export const fileEndingWith = (path: string): string | undefined =>
  files.find((file) => file === path) ?? files.find((file) => file.endsWith(`/${path}`));

/** Headings of a page, as they are written. */
export const headings = (markdown: string): readonly string[] =>
  [...withoutCode(markdown).matchAll(/^#+ +(.*?)\s*$/gm)].map(([, text]) => text!);
/** As GitHub makes links to headings. */
export const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
export const withoutCode = (markdown: string): string => markdown.replace(/^```[^]*?^```/gm, '');

/** The text under a heading, up to the next one of its rank or above. */
export function section(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ +/, '') === heading);
  if (start < 0) return '';
  const rank = /^#+/.exec(lines[start]!)![0].length;
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && /^#+/.exec(line)![0].length <= rank);
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** Cells of a page's table rows; `\|` is part of a cell. */
export const tableRows = (markdown: string): readonly (readonly string[])[] =>
  markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[-|: ]+\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
