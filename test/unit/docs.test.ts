import { describe, expect, it } from 'vitest';
import {
  anchor,
  endsAFile,
  fileEndingWith,
  files,
  headings,
  isThere,
  read,
  tableRows,
  withoutCode,
} from './support/repository';

// What the pages and the comments name is there: a file that moves takes its mentions along.

const pages = files.filter((file) => /^(docs\/[\w-]+|README|CONTRIBUTING)\.md$/.test(file));
const sources = files.filter((file) => /^(src-main|src-renderer|test)\/.*\.(tsx?|cc|h)$/.test(file));

/** Words that look like a path of this repository. */
const ours = /^(?:\.github|\.ci|docs|resources|scripts|src-main|src-renderer|test)(?:\/[\w.@-]+)*\/?$/;
const bareFile = /^[\w.-]+\.(?:tsx?|mjs|cjs|py|cc|h|ya?ml)$/;

describe('the pages', () => {
  it('are these', () => {
    expect(pages.sort()).toEqual([
      'CONTRIBUTING.md',
      'README.md',
      'docs/architecture.md',
      'docs/contract.md',
      'docs/glossary.md',
      'docs/methods.md',
      'docs/setup.md',
    ]);
  });

  it.each(pages)('%s names files and folders that are there', (page) => {
    const named = [...withoutCode(read(page)).matchAll(/`([^`\n]+)`/g)].flatMap(([, text]) => text!.split(/[\s,]+/));
    const missing = named.filter((word) =>
      ours.test(word) ? !isThere(word) : bareFile.test(word) && !endsAFile(word),
    );
    expect(missing).toEqual([]);
  });

  it.each(pages)('%s links to pages, headings and pictures that are there', (page) => {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : '';
    const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
    const broken = links.filter((target) => {
      if (/^https:/.test(target)) return false;
      const [path = '', name] = target.split('#');
      const file = path === '' ? page : new URL(folder + path, 'file:///').pathname.slice(1);
      if (!isThere(file)) return true;
      return name !== undefined && !headings(read(file)).map(anchor).includes(name);
    });
    expect(broken).toEqual([]);
  });

  it.each(pages)('%s has lines of at most 120 characters, tables and pictures apart', (page) => {
    const long = read(page)
      .split('\n')
      .filter((line) => line.length > 120 && !/^\s*\||^!\[/.test(line));
    expect(long).toEqual([]);
  });
});

describe('the way of a pair', () => {
  it('crosses each file once, in order', () => {
    const [, list = ''] = /<!-- way of a pair -->([^]*?)<!-- end -->/.exec(read('docs/architecture.md')) ?? [];
    const rows = tableRows(list).slice(1);
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.map(([number]) => number)).toEqual(rows.map((_, i) => `${i + 1}`));
    const crossed = rows.map(([, file]) => file!.replaceAll('`', ''));
    expect(new Set(crossed).size).toBe(crossed.length);
    expect(crossed.filter((file) => !files.includes(file))).toEqual([]);
  });
});

/** Files of other projects, and of models and exports. */
const others = new Set(['ggml/docs/gguf.md', 'modeling_llama.py', 'modeling_gpt_neox.py', 'trainers.py']);

describe('comments', () => {
  const cites = sources.flatMap((file) =>
    comments(read(file)).flatMap((text) =>
      [...text.matchAll(/(?<![\w/.:-])((?:[\w-]+\/)*[\w.-]+\.(?:tsx?|mjs|md|cc|h|py))\b(?:,? \(?"([^"]+)")?/g)].map(
        ([, cited, heading]) => ({ file, cited: cited!, heading }),
      ),
    ),
  );

  it('name files that are there', () => {
    expect(cites.length).toBeGreaterThan(40); // a search that finds nothing would approve of everything
    // tests make up files of their own; of theirs only pages count
    const counts = cites.filter(({ file, cited }) => !file.startsWith('test/') || cited.endsWith('.md'));
    const missing = counts.filter(({ cited }) => !others.has(cited) && !endsAFile(cited));
    expect(missing.map(({ file, cited }) => `${file}: ${cited}`)).toEqual([]);
  });

  it('name headings that are there', () => {
    const headed = cites.filter(({ cited, heading }) => cited.endsWith('.md') && heading !== undefined);
    expect(headed.length).toBeGreaterThan(10);
    const missing = headed.filter(({ cited, heading }) => {
      const page = fileEndingWith(cited);
      return page === undefined || !headings(read(page)).some((text) => text.replaceAll('`', '') === heading);
    });
    expect(missing.map(({ file, cited, heading }) => `${file}: ${cited}, "${heading}"`)).toEqual([]);
  });

  it('do not count sections: numbers change when a page grows', () => {
    const counted = sources.flatMap((file) =>
      comments(read(file)).flatMap((text) =>
        [...text.matchAll(/\w+\.md,? (?:sections? )?\d[^.;,)]*/g)].map(([found]) => `${file}: ${found}`),
      ),
    );
    expect(counted).toEqual([]);
  });
});

/** Comments of a source file; a `//` inside a string is rare enough, and names no file. */
function comments(source: string): readonly string[] {
  return [...source.matchAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g)].map(([text]) => text.replace(/\n\s*(\*|\/\/) ?/g, ' '));
}
