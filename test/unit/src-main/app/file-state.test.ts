import { cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fileState } from '../../../../src-main/app/file-state';
import { temporaryFolder } from '../../support/runs';

describe('what tells a file from what it was', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = path.join(temporaryFolder(), 'model');
    file = path.join(folder, 'tokenizer.json');
    mkdirSync(folder);
    writeFileSync(file, 'one');
    utimesSync(file, 1000, 1000);
  });
  const both = (): readonly (string | null)[] => [fileState(file), fileState(folder)];
  /** Another text of as many bytes and the same time. */
  const asBefore = (at: string): void => {
    writeFileSync(at, 'two');
    utimesSync(at, 1000, 1000);
  };

  it.each<readonly [string, () => void]>([
    ['is written again', () => writeFileSync(file, 'another')],
    ['is written with as many bytes and its old time', () => asBefore(file)],
    [
      'is replaced by one of its size and time',
      () => {
        asBefore(`${folder}.new`);
        renameSync(`${folder}.new`, file);
      },
    ],
    ['goes', () => rmSync(file)],
  ])('differs once it %s, in its folder too', async (_what, change) => {
    const before = both();
    expect(both()).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 30)); // file systems note times in ticks of some ms
    change();
    both().forEach((state, i) => expect(state).not.toBe(before[i]));
  });

  it('of a folder differs once a file comes', () => {
    const before = fileState(folder);
    cpSync(file, path.join(folder, 'config.json'));
    expect(fileState(folder)).not.toBe(before);
  });

  it('is null where there is none, and where it cannot be looked at', () => {
    expect([fileState(path.join(folder, 'none')), fileState(path.join(file, 'inside'))]).toEqual([null, null]);
  });
});
