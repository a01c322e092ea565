import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../src-main/store/open';
import { toAppError, type AppError } from '../../../../src-main/shared/result';
import { temporaryFolder } from '../../support/runs';

function refusal(file: string): AppError {
  try {
    openDatabase(file).close();
  } catch (thrown) {
    return toAppError(thrown);
  }
  throw new Error('it was opened');
}

describe('a database that cannot be opened', () => {
  it.each([
    [
      'holds something else',
      (file: string) => writeFileSync(file, 'these are not the rows you are looking for '.repeat(100)),
      'database',
      /is damaged or not a database \(SQLITE_NOTADB\)/,
    ],
    [
      'was cut off',
      (file: string) => {
        openDatabase(file).close();
        writeFileSync(file, readFileSync(file).subarray(0, 100)); // the header alone
      },
      'database',
      /is damaged/,
    ],
    ['is a folder', (file: string) => mkdirSync(file), 'no-permission', /cannot be opened \(SQLITE_CANTOPEN/],
  ] as const)('%s: says which file, what happened and what to do, and leaves it', (_what, make, code, message) => {
    const file = path.join(temporaryFolder(), 'sampo.sqlite');
    make(file);
    const error = refusal(file);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string, details: { file } });
    expect(error.message).toContain(file);
    expect(error.hint).not.toMatch(/fault of the app/);
  });
});
