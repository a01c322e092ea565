import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { noteExport, sweepNotedExports, sweepPartialExports } from '../../../../src-main/app/partial-exports';
import { temporaryFolder } from '../../support/runs';

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
