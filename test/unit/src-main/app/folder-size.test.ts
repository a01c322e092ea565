import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderBytes } from '../../../../src-main/app/folder-size';
import { temporaryFolder } from '../../support/runs';

describe('the bytes of a folder', () => {
  it('are those of all files in it, however deep', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'a', 'b'), { recursive: true });
    writeFileSync(path.join(folder, 'one'), 'x'.repeat(3));
    writeFileSync(path.join(folder, 'a', 'b', 'two'), 'x'.repeat(40));
    expect([folderBytes(folder), folderBytes(path.join(folder, 'a')), folderBytes(path.join(folder, 'none'))]).toEqual([
      43, 40, 0,
    ]);
  });

  it.skipIf(process.platform === 'win32')('count on where one of them is not there any more', () => {
    const folder = temporaryFolder();
    symlinkSync(path.join(folder, 'gone'), path.join(folder, 'a'));
    writeFileSync(path.join(folder, 'b'), 'xy');
    expect(folderBytes(folder)).toBe(2);
  });
});
