import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultHome, openFolders } from '../../../../src-main/app/folders';
import { AppFailure } from '../../../../src-main/shared/result';
import { temporaryFolder } from '../../support/runs';

afterEach(() => void vi.unstubAllEnvs());

describe('the data folder', () => {
  it('is made whole, however deep, and may be there already', () => {
    const home = path.join(temporaryFolder(), 'a', 'b');
    const folders = openFolders(home);
    expect([folders.runs, folders.caches, folders.exports].map((folder) => existsSync(folder))).toEqual([
      true,
      true,
      true,
    ]);
    expect(openFolders(home)).toEqual(folders);
  });

  it.runIf(process.platform !== 'win32')(
    'is its owner’s alone; an older one of ours is tightened, a shared folder is not',
    () => {
      const mode = (folder: string): number => statSync(folder).mode & 0o777;
      const fresh = openFolders(path.join(temporaryFolder(), 'home'));
      expect([fresh.home, fresh.runs, fresh.caches, fresh.exports, fresh.logs].map(mode)).toEqual([
        0o700, 0o700, 0o700, 0o700, 0o700,
      ]);
      for (const folder of [fresh.home, fresh.runs]) chmodSync(folder, 0o755);
      writeFileSync(fresh.database, '');
      openFolders(fresh.home);
      expect([fresh.home, fresh.runs].map(mode)).toEqual([0o700, 0o700]);
      const shared = temporaryFolder();
      chmodSync(shared, 0o755);
      writeFileSync(path.join(shared, 'thesis.tex'), '');
      const inside = openFolders(shared);
      expect([mode(shared), mode(inside.runs)]).toEqual([0o755, 0o700]);
    },
  );

  it('that is a file, or lies in one, is refused by name', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    for (const home of [file, path.join(file, 'inside')]) {
      const refused = ((): unknown => {
        try {
          return openFolders(home);
        } catch (thrown) {
          return thrown;
        }
      })();
      expect(refused).toBeInstanceOf(AppFailure);
      expect((refused as AppFailure).error).toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining(home) as string,
        hint: expect.stringMatching(/--home/) as string,
      });
    }
  });

  it('whose inner folder is taken by a file is refused by that name', () => {
    const home = temporaryFolder();
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'caches'), '');
    expect(() => openFolders(home)).toThrow(/caches cannot be used/);
  });

  it('is SAMPO_HOME, or the platform’s place', () => {
    vi.stubEnv('SAMPO_HOME', 'some/where');
    expect(defaultHome()).toBe(path.resolve('some/where'));
    vi.stubEnv('SAMPO_HOME', '');
    vi.stubEnv('XDG_CONFIG_HOME', '/config');
    expect(defaultHome()).toBe(
      process.platform === 'linux' ? '/config/SamPO Studio' : expect.stringContaining(homedir()),
    );
  });
});
