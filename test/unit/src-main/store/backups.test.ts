import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../../src-main/store';
import {
  backupDaily,
  backupFolder,
  listBackups,
  restoreBackup,
  setAside,
  takeBackup,
} from '../../../../src-main/store/backups';
import { loadDriver, type Database } from '../../../../src-main/store/driver';
import { checkHealth } from '../../../../src-main/store/health';
import { migrate, migrations, openDatabase } from '../../../../src-main/store/open';
import { toAppError, type AppError } from '../../../../src-main/shared/result';
import { anyRun, temporaryFolder } from '../../support/runs';

const refusal = (work: () => unknown): AppError => {
  try {
    work();
  } catch (thrown) {
    return toAppError(thrown);
  }
  throw new Error('nothing was refused');
};

/** A database of several pages with runs in it, closed. */
function filled(runs = 60): string {
  const file = path.join(temporaryFolder(), 'sampo.sqlite');
  const store = openStore(file);
  for (let n = 0; n < runs; n++)
    store.runs.insert(anyRun({ id: `r_${1000 + n}` as never, name: `run ${n} ${'x'.repeat(300)}` }));
  store.close();
  return file;
}
const within = <T>(file: string, work: (store: Store) => T): T => {
  const store = openStore(file);
  try {
    return work(store);
  } finally {
    store.close();
  }
};
function spoil(file: string, from: number, bytes: number): void {
  const content = readFileSync(file);
  content.fill(0xa5, from, from + bytes);
  writeFileSync(file, content);
}
const pageBytes = 4096;

describe('a damaged database', () => {
  it.each([
    ['the page of its tables', (file: string) => spoil(file, 100, 3996), /damaged/],
    ['pages in its middle', (file: string) => spoil(file, 6 * pageBytes, 3 * pageBytes), /damaged/],
    [
      'its second half, cut off',
      (file: string) => truncateSync(file, Math.floor(statSync(file).size / pageBytes / 2) * pageBytes),
      /damaged/,
    ],
    ['its last half page', (file: string) => truncateSync(file, statSync(file).size - 2 * pageBytes), /damaged/],
    [
      'all of it, beside backups',
      (file: string) => {
        within(file, ({ database }) => takeBackup(database, file, 'daily'));
        truncateSync(file, 0);
      },
      /empty \(0 bytes\)/,
    ],
    [
      'all of it, beside run folders',
      (file: string) => {
        mkdirSync(path.join(path.dirname(file), 'runs', 'r_1234'), { recursive: true });
        truncateSync(file, 0);
      },
      /empty \(0 bytes\)/,
    ],
  ] as const)('is found at start: %s; said with what to do, and left as it is', (_what, damage, message) => {
    const file = filled();
    damage(file);
    const before = readFileSync(file);
    const error = refusal(() => openStore(file));
    expect(error).toMatchObject({ code: 'database', details: { file, damaged: true } });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/history restore.*history new/s);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('is not what a whole one is taken for, nor an empty file in an empty home', () => {
    const file = filled();
    expect(within(file, ({ database }) => checkHealth(database, file))).toEqual({ problems: [], unread: [] });
    const fresh = path.join(temporaryFolder(), 'sampo.sqlite');
    writeFileSync(fresh, '');
    within(fresh, ({ runs }) => expect(runs.list()).toEqual([]));
  });

  it('that is very large is read without the tables that grow, and these are named', () => {
    const file = filled();
    within(file, ({ database }) =>
      expect(checkHealth(database, file, 1000)).toEqual({ problems: [], unread: ['metrics', 'pair_points'] }),
    );
    spoil(file, 6 * pageBytes, 3 * pageBytes);
    const database = new (loadDriver())(file);
    expect(() => expect(checkHealth(database, file, 1000).problems).toEqual([])).toThrow();
    database.close();
  });
});

describe('a backup', () => {
  it('holds what the database holds, is its owner’s alone, and two of a kind are kept', () => {
    const file = filled(3);
    within(file, ({ database }) => {
      for (const day of [1, 2, 3]) takeBackup(database, file, 'daily', day * 86_400_000);
      takeBackup(database, file, 'before-update', 4 * 86_400_000);
    });
    expect(listBackups(file).map(({ reason, takenAt }) => [reason, takenAt / 86_400_000])).toEqual([
      ['before-update', 4],
      ['daily', 3],
      ['daily', 2],
    ]);
    expect(readdirSync(backupFolder(file)).filter((name) => name.includes('part'))).toEqual([]);
    const [newest] = listBackups(file);
    if (process.platform !== 'win32')
      expect([
        statSync(newest!.file).mode & 0o777,
        statSync(backupFolder(file)).mode & 0o777,
        statSync(file).mode & 0o777,
      ]).toEqual([0o600, 0o700, 0o600]);
    within(newest!.file, ({ runs }) => expect(runs.list()).toHaveLength(3));
  });

  it('is taken before a migration, of what was before it', () => {
    const file = path.join(temporaryFolder(), 'sampo.sqlite');
    const old: Database = new (loadDriver())(file);
    migrate(old, file, migrations.slice(0, 1));
    old.close();
    openDatabase(file).close();
    const [backup] = listBackups(file);
    expect(backup?.reason).toBe('before-update');
    const copy = new (loadDriver())(backup!.file, { readonly: true });
    expect(copy.pragma('user_version', { simple: true })).toBe(1);
    copy.close();
    openDatabase(file).close(); // up to date now
    expect(listBackups(file)).toHaveLength(1);
  });

  it('that cannot be written stops the migration, and nothing has changed', () => {
    const file = path.join(temporaryFolder(), 'sampo.sqlite');
    const old: Database = new (loadDriver())(file);
    migrate(old, file, migrations.slice(0, 1));
    old.close();
    writeFileSync(backupFolder(file), 'a file where the folder should be');
    expect(() => openDatabase(file)).toThrow();
    const after = new (loadDriver())(file);
    expect(after.pragma('user_version', { simple: true })).toBe(1);
    after.close();
  });

  it('is taken once a day at the end, where there is something to lose', () => {
    const empty = path.join(temporaryFolder(), 'sampo.sqlite');
    within(empty, ({ database }) => expect(backupDaily(database, empty)).toBeNull());
    const file = filled(1);
    within(file, ({ database }) => {
      const day = 86_400_000;
      expect(backupDaily(database, file, 10 * day)).toMatchObject({ reason: 'daily' });
      expect(backupDaily(database, file, 10.9 * day)).toBeNull();
      expect(backupDaily(database, file, 11.1 * day)).not.toBeNull();
    });
  });

  it('takes the place of a damaged database, which is kept under another name', () => {
    const file = filled(4);
    within(file, ({ database }) => takeBackup(database, file, 'daily'));
    spoil(file, 100, 3000);
    const damaged = readFileSync(file);
    const aside = restoreBackup(file, listBackups(file)[0]!.file);
    expect(readFileSync(aside!).equals(damaged)).toBe(true);
    within(file, ({ runs }) => expect(runs.list()).toHaveLength(4));
  });

  it('that is damaged itself changes nothing', () => {
    const file = filled(4);
    within(file, ({ database }) => takeBackup(database, file, 'daily'));
    const [backup] = listBackups(file);
    spoil(backup!.file, 100, 3000);
    const before = readFileSync(file);
    expect(() => restoreBackup(file, backup!.file)).toThrow();
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(path.dirname(file)).filter((name) => name.includes('part') || name.includes('aside'))).toEqual(
      [],
    );
  });

  it('does not push away a database that somebody has open', () => {
    const file = filled(2);
    const open = openStore(file);
    expect(refusal(() => setAside(file))).toMatchObject({
      code: 'database',
      message: expect.stringMatching(/in use by another program/) as string,
    });
    open.close();
    const aside = setAside(file);
    expect([existsSync(file), existsSync(aside!)]).toEqual([false, true]);
    expect(setAside(file)).toBeNull();
  });
});
