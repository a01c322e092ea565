import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultHome, makeFolder, openFolders } from '../../../../src-main/app/folders';
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

describe('the platform’s place for data', () => {
  afterEach(() => void vi.restoreAllMocks());
  const at = (platform: NodeJS.Platform): string => {
    vi.spyOn(process, 'platform', 'get').mockReturnValue(platform);
    vi.stubEnv('SAMPO_HOME', '');
    return defaultHome();
  };
  it('is that of each system', () => {
    vi.stubEnv('APPDATA', undefined);
    vi.stubEnv('XDG_CONFIG_HOME', undefined);
    expect(at('darwin')).toBe(path.join(homedir(), 'Library', 'Application Support', 'SamPO Studio'));
    expect(at('win32')).toBe(path.join(homedir(), 'AppData', 'Roaming', 'SamPO Studio'));
    expect(at('linux')).toBe(path.join(homedir(), '.config', 'SamPO Studio'));
    vi.stubEnv('APPDATA', '/roaming');
    vi.stubEnv('XDG_CONFIG_HOME', '/config');
    expect([at('win32'), at('linux'), at('darwin')]).toEqual([
      path.join('/roaming', 'SamPO Studio'),
      path.join('/config', 'SamPO Studio'),
      expect.stringContaining('Library'),
    ]);
  });

  it('has the same names inside', () => {
    const home = path.join(temporaryFolder(), 'home');
    expect(openFolders(home)).toEqual({
      home,
      database: path.join(home, 'sampo.sqlite'),
      runs: path.join(home, 'runs'),
      caches: path.join(home, 'caches'),
      exports: path.join(home, 'exports'),
      logs: path.join(home, 'logs'),
    });
    expect(existsSync(path.join(home, 'logs'))).toBe(true);
  });
});

describe('a folder', () => {
  const refusal = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (thrown) {
      return (thrown as AppFailure).error;
    }
  };
  it('is made with its parents and the mode that is asked for; one that is there stays', () => {
    const folder = path.join(temporaryFolder(), 'a', 'b');
    makeFolder(folder, 0o750);
    makeFolder(folder, 0o700);
    if (process.platform !== 'win32')
      expect([folder, path.dirname(folder)].map((one) => statSync(one).mode & 0o777)).toEqual([0o750, 0o750]);
    makeFolder(path.join(folder, 'c'));
    expect(existsSync(path.join(folder, 'c'))).toBe(true);
  });

  it('that is a file is named in what is said', () => {
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(refusal(() => makeFolder(file))).toEqual({
      code: 'bad-input',
      message: `${file} is a file`,
      hint: 'Choose another folder.',
      details: { folder: file },
    });
    expect(refusal(() => openFolders(file))).toMatchObject({
      message: `The data folder ${file} cannot be used: ${file} is a file.`,
      details: { folder: file },
    });
  });

  it.runIf(process.platform !== 'win32')(
    'of ours is tightened, whoever may read it; one that is anybody’s is not',
    () => {
      const mode = (folder: string): number => statSync(folder).mode & 0o7777;
      const fresh = openFolders(path.join(temporaryFolder(), 'home'));
      writeFileSync(fresh.database, '');
      for (const [folder, given] of [
        [fresh.home, 0o701],
        [fresh.runs, 0o710],
        [fresh.caches, 0o1777],
        [fresh.exports, 0o500],
        [fresh.logs, 0o740],
      ] as const)
        chmodSync(folder, given);
      chmodSync(fresh.exports, 0o700);
      openFolders(fresh.home);
      expect([fresh.home, fresh.runs, fresh.caches, fresh.exports, fresh.logs].map(mode)).toEqual([
        0o700, 0o700, 0o1777, 0o700, 0o700,
      ]);
    },
  );
});
