import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderBytes } from '../../../../../src-main/app/folder-size';
import { runSpecFile, specPath, specText, trainCommand, writeSpec } from '../../../../../src-main/app/runs/spec-files';
import { anySpec, temporaryFolder } from '../../../support/runs';

describe('a spec as a file', () => {
  it.each([
    ['', 'Pairs', 'sampo-on-Pairs'],
    ['my run', 'Pairs', 'my-run'],
    ['a/b  c', 'Pairs', 'a-b-c'],
    ['Größe 2.0_x', 'Pairs', 'Gro-e-2.0_x'],
    ['***', 'Pairs', 'sampo'],
    ['con', 'Pairs', 'con-1'],
  ])('called %j is saved under a name that any file system takes', (name, dataset, file) => {
    expect(specPath('/home', anySpec({ name }), dataset)).toBe(path.join('/home', 'specs', `${file}.json`));
  });

  it('is written whole, with its folder, over an older one', () => {
    const file = path.join(temporaryFolder(), 'specs', 'mine.json');
    for (const name of ['one', 'two']) {
      const spec = anySpec({ name });
      writeSpec(file, spec);
      expect(readFileSync(file, 'utf8')).toBe(specText(spec));
      expect(JSON.parse(specText(spec))).toEqual(spec);
      expect(specText(spec).split('\n').slice(0, 2)).toEqual(['{', '  "version": 1,']);
    }
    expect(readdirSync(path.dirname(file))).toEqual(['mine.json']);
  });

  it('of a run lies in its folder; one that is there is not written again', () => {
    const folder = path.join(temporaryFolder(), 'r_1');
    const file = runSpecFile(folder, anySpec({ name: 'first' }));
    expect(file).toBe(path.join(folder, 'spec.json'));
    runSpecFile(folder, anySpec({ name: 'second' }));
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ name: 'first' });
  });

  it('has the command that trains it', () => {
    expect(trainCommand('/home', '/specs/a.json')).toBe('npx sampo --home /home train --spec /specs/a.json');
  });
});

describe('the size of a folder', () => {
  it('is that of all files under it; 0 where there is none', () => {
    const folder = temporaryFolder();
    expect(folderBytes(folder)).toBe(0);
    writeFileSync(path.join(folder, 'a'), 'x'.repeat(10));
    mkdirSync(path.join(folder, 'in', 'deep'), { recursive: true });
    writeFileSync(path.join(folder, 'in', 'b'), 'x'.repeat(200));
    writeFileSync(path.join(folder, 'in', 'deep', 'c'), 'x'.repeat(3000));
    expect(folderBytes(folder)).toBe(3210);
    expect(folderBytes(path.join(folder, 'nowhere'))).toBe(0);
  });
});
