import { describe, expect, it } from 'vitest';
import { exitCodeOf, shown, table } from '../../../../../src-main/app/cli/output';
import { appError, type ErrorCode } from '../../../../../src-main/shared/result';

describe('exit codes', () => {
  const expected: Readonly<Record<ErrorCode, number>> = {
    'bad-input': 2,
    'bad-spec': 2,
    'bad-data': 2,
    'bad-model': 2,
    unsupported: 2,
    'not-found': 2,
    'no-permission': 2,
    'no-space': 2,
    database: 2,
    'missing-on-machine': 3,
    stopped: 130,
    'engine-failed': 1,
    internal: 1,
  };
  it.each(Object.entries(expected))('%s is %i', (code, exit) => {
    expect(exitCodeOf(appError(code as ErrorCode, 'm', 'h'))).toBe(exit);
  });
});

describe('a table', () => {
  it('pads columns to their widest cell, numbers to the right', () => {
    expect(
      table(
        ['name', 'loss'],
        [
          ['dpo', '0.5'],
          ['a longer one', '–'],
        ],
      ),
    ).toBe(['name          loss', '────────────  ────', 'dpo            0.5', 'a longer one     –'].join('\n'));
  });
});

describe('a number', () => {
  it('has its significant digits, and a dash where there is none', () => {
    expect([shown(0.123456), shown(0.123456, 2), shown(0), shown(null), shown(undefined), shown(1234567)]).toEqual([
      '0.123',
      '0.12',
      '0',
      '–',
      '–',
      '1230000',
    ]);
  });
});
