import { describe, expect, it } from 'vitest';
import { loadDriver } from '../../../../src-main/store/driver';
import { databaseError } from '../../../../src-main/store/errors';

const coded = (code: string): Error => Object.assign(new Error('raw words'), { code });

describe('a fault of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'no-space'],
    ['SQLITE_CORRUPT_INDEX', 'database'],
    ['SQLITE_READONLY_DIRECTORY', 'no-permission'],
    ['SQLITE_CANTOPEN_ISDIR', 'no-permission'],
    ['SQLITE_BUSY_SNAPSHOT', 'database'],
    ['SQLITE_IOERR_WRITE', 'database'],
  ] as const)('%s is said as %s, with the file', (code, kind) => {
    expect(databaseError(coded(code), '/home/sampo.sqlite')).toMatchObject({
      code: kind,
      message: expect.stringContaining('/home/sampo.sqlite') as string,
      details: { systemCode: code },
    });
  });

  it('that the driver really throws is known', () => {
    const database = new (loadDriver())(':memory:');
    database.exec('CREATE TABLE t (x)');
    database.pragma('max_page_count = 3');
    const thrown = ((): unknown => {
      try {
        return database.exec(`INSERT INTO t VALUES ('${'x'.repeat(100_000)}')`);
      } catch (error) {
        return error;
      }
    })();
    expect(databaseError(thrown)?.code).toBe('no-space');
    database.close();
  });

  it('that is the app’s own, or no fault of SQLite, stays what it is', () => {
    expect(
      [coded('SQLITE_CONSTRAINT'), coded('ENOSPC'), new Error('x'), 'x', null].map((thrown) => databaseError(thrown)),
    ).toEqual([null, null, null, null, null]);
  });
});
