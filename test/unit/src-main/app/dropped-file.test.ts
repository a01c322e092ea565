import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { acceptDrop } from '../../../../src-main/app/dropped-file';
import { FileTokens } from '../../../../src-main/app/file-tokens';
import { temporaryFolder } from '../../support/runs';

const folder = temporaryFolder();
const file = (name: string): string => {
  writeFileSync(path.join(folder, name), '{}');
  return path.join(folder, name);
};

describe('a dropped file', () => {
  it.each(['pairs.jsonl', 'PAIRS.JSON', 'pairs.ndjson', 'pairs.jsonl.gz'])(
    '%s gets a token, as a picked one does',
    (name) => {
      const tokens = new FileTokens();
      const picked = acceptDrop(tokens, file(name));
      expect(picked).toMatchObject({ name, bytes: 2 });
      expect(tokens.path(picked.token)).toBe(path.join(folder, name));
    },
  );

  const inFolder = (name: string): string => path.join(folder, name);
  mkdirSync(inFolder('data.json'));
  it.each<[string, unknown, RegExp]>([
    ['made by a page', '', /not a file on this computer/],
    ['no path at all', { path: '/etc/passwd' }, /not a file on this computer/],
    ['a path from somewhere', 'pairs.jsonl', /not a file on this computer/],
    ['gone', inFolder('gone.jsonl'), /gone\.jsonl is no longer there/],
    ['a folder', inFolder('data.json'), /data\.json is a folder/],
    ['a device', '/dev/null', /null is not a regular file/],
    [
      'of another kind',
      file('photo.png'),
      /photo\.png does not look like preference data: its name ends with none of \.json, \.jsonl, \.ndjson, \.gz/,
    ],
  ])('%s is refused with a reason and gets no token', (_what, dropped, message) => {
    const tokens = new FileTokens();
    const issued: string[] = [];
    tokens.issue = (picked) => {
      issued.push(picked);
      throw new Error('issued');
    };
    expect(() => acceptDrop(tokens, dropped)).toThrow(message);
    expect(issued).toEqual([]);
  });
});
