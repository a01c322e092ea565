import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../../../src-main/app/cli/main';
import { atHome } from '../../../../../src-main/shared/shell-words';

// Every command that a text of the app names can be typed as it stands there.

const root = path.join(import.meta.dirname, '../../../../..');
const sources = ['src-main', 'src-renderer', 'scripts', 'resources'].flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => /\.(ts|tsx|mjs|md)$/.test(file)),
);
const pages = ['README.md', 'CONTRIBUTING.md', ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`)];
const texts = [...sources, ...pages.filter((name) => name.endsWith('.md'))].map((file) => ({
  file,
  text: readFileSync(path.join(root, file), 'utf8'),
}));

interface Shown {
  readonly file: string;
  readonly words: readonly string[];
}
/** From `npx sampo` up to what cannot be part of a command any more. */
const shown: readonly Shown[] = texts.flatMap(({ file, text }) =>
  [...text.matchAll(/npx sampo((?: (?:--?)?[\w$][\w${}./-]*)*)/g)].map(([, words = '']) => ({
    file,
    words: words
      .trim()
      .split(' ')
      .filter((word) => word !== ''),
  })),
);
const common = ['home', 'json', 'help'];

describe('a command that is shown', () => {
  it('is one that there is, with its words and flags', () => {
    expect(shown.length).toBeGreaterThan(15);
    const wrong = shown.flatMap(({ file, words }) => {
      const rest = words[0] === '--home' ? words.slice(2) : words;
      const [name = '', next = ''] = rest;
      if (name === '' || name === '--help' || name === 'engine') return []; // engine is the starter's own (scripts/lib/engine-command.mjs)
      const command = Object.hasOwn(commands, name) ? commands[name]! : null;
      if (command === null) return [`${file}: ${words.join(' ')}`];
      const variants = command.usage.split(' | ').map((one) => one.split(' ')[1] ?? '');
      const takesWord = variants.every((one) => /^[a-z]+$/.test(one));
      const flags = rest.flatMap((word) => /^--([a-z-]+)/.exec(word)?.[1] ?? []);
      const known = [...common, ...command.flags.map((flag) => flag.name)];
      return (takesWord && !variants.includes(next)) || flags.some((flag) => !known.includes(flag))
        ? [`${file}: ${words.join(' ')}`]
        : [];
    });
    expect(wrong).toEqual([]);
  });
  it('is shown in a checkout alone, wherever a window can show it', () => {
    const isComment = (line: string): boolean => /^\s*(\/\/|\*|\/\*)/.test(line);
    const open = texts
      .filter(({ file }) => /^src-/.test(file) && !file.startsWith(path.join('src-main', 'app', 'cli')))
      .flatMap(({ file, text }) =>
        text
          .split('\n')
          .map((line, i, all) => ({ place: `${file}:${i + 1}`, line, near: `${all[i - 1] ?? ''}${line}` })),
      )
      .filter(
        ({ line, near }) =>
          /npx sampo|sampoCommand\(/.test(line) &&
          !isComment(line) &&
          !/inCheckout\(|isRelease \?|export const sampoCommand|text\.replace|=>$/.test(near),
      );
    expect(open.map(({ place }) => place)).toEqual([]);
  });
  it('is about the folder that was given', () => {
    expect(atHome('npx sampo runs list shows them; npx sampo --help all.', "/data/it's mine", 'linux')).toBe(
      "npx sampo --home '/data/it'\\''s mine' runs list shows them; npx sampo --help all.",
    );
    expect(atHome('npx sampo doctor', '$&', 'linux')).toBe("npx sampo --home '$&' doctor");
  });
});
