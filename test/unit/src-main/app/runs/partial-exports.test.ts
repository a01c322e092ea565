import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { noteExport, sweepNotedExports, sweepPartialExports } from '../../../../../src-main/app/runs/partial-exports';
import { logTo } from '../../../../../src-main/shared/log';
import { temporaryFolder } from '../../../support/runs';

/** As it is, unless a test says otherwise. */
vi.mock(import('node:fs'), async (original) => {
  const real = await original();
  return { ...real, rmSync: vi.fn(real.rmSync) };
});

const gone = 2 ** 22 + 1; // above the largest process id there is
const folder = (...parts: readonly string[]): string => {
  const made = path.join(...parts);
  mkdirSync(made, { recursive: true });
  writeFileSync(path.join(made, 'model.safetensors'), 'x');
  return made;
};

describe('what a killed export left', () => {
  it('is removed; exports under way, finished ones and what others named are not', () => {
    const parent = temporaryFolder();
    const left = folder(parent, `.sampo-export-${gone}-0123abcd`);
    const kept = [
      folder(parent, `.sampo-export-${process.pid}-0123abcd`),
      folder(parent, 'model'),
      folder(parent, '.model-0123abcd'),
      folder(parent, `.sampo-export-${gone}-notes`),
    ];
    writeFileSync(path.join(parent, `.sampo-export-${gone}-ffffffff`), 'a file of this name');
    expect(sweepPartialExports(parent)).toEqual([left]);
    expect([left, ...kept].map((one) => existsSync(one))).toEqual([false, true, true, true, true]);
    expect(sweepPartialExports(path.join(parent, 'nowhere'))).toEqual([]);
  });

  it('is found at the next start, wherever it lies', () => {
    const [caches, parent] = [temporaryFolder(), temporaryFolder()];
    const left = folder(parent, `.sampo-export-${gone}-0123abcd`);
    noteExport(caches, parent)();
    sweepNotedExports(caches);
    expect(existsSync(left)).toBe(true); // that export ended by itself
    mkdirSync(path.join(caches, 'exporting'), { recursive: true });
    writeFileSync(path.join(caches, 'exporting', `${gone}-1.json`), JSON.stringify({ parent }));
    writeFileSync(path.join(caches, 'exporting', `${gone}-2.json`), 'half');
    noteExport(caches, parent);
    sweepNotedExports(caches);
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(path.join(caches, 'exporting')).map((name) => name.split('-')[0])).toEqual([`${process.pid}`]);
  });
});

describe('what cannot be swept', () => {
  afterEach(() => logTo(null));
  const logged = (): (readonly string[])[] => {
    const said: (readonly string[])[] = [];
    logTo((level, source, text) => void said.push([level, source, text.split(':')[0]!]));
    return said;
  };
  it('is said in the log, and what can is swept and said too', () => {
    const said = logged();
    const parent = temporaryFolder();
    const left = folder(parent, `.sampo-export-${gone}-0123abcd`);
    expect(sweepPartialExports(parent)).toEqual([left]);
    expect(said).toEqual([['info', 'exports', 'removed what was left of an export']]);
    said.length = 0;
    const stuck = folder(parent, `.sampo-export-${gone}-0123abce`);
    const other = folder(parent, `.sampo-export-${gone}-0123abcf`);
    vi.mocked(rmSync).mockImplementationOnce(() => {
      throw new Error('busy');
    });
    expect(sweepPartialExports(parent)).toEqual([other]);
    expect(existsSync(stuck)).toBe(true);
    expect(said.map(([level]) => level)).toEqual(['error', 'info']);
    expect(said[0]).toEqual(['error', 'exports', 'what is left of an export cannot be removed']);
  });

  it('a note that cannot be read is said and removed; a file that is no note goes too', () => {
    const said = logged();
    const caches = temporaryFolder();
    mkdirSync(path.join(caches, 'exporting'));
    for (const name of [`${gone}-1.json`, 'stray']) writeFileSync(path.join(caches, 'exporting', name), 'half');
    sweepNotedExports(caches);
    expect(said).toEqual(Array(2).fill(['error', 'exports', 'a note of an export could not be read']));
    expect(readdirSync(path.join(caches, 'exporting'))).toEqual([]);
  });

  it('a note is its owner’s alone and says where', () => {
    const caches = temporaryFolder();
    noteExport(caches, '/there');
    const [name] = readdirSync(path.join(caches, 'exporting'));
    const file = path.join(caches, 'exporting', name!);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ parent: '/there' });
    if (process.platform !== 'win32')
      expect([file, path.dirname(file)].map((one) => statSync(one).mode & 0o777)).toEqual([0o600, 0o700]);
  });
});
