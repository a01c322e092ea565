import { describe, expect, it } from 'vitest';
import {
  AppFailure,
  appError,
  asResult,
  assertNever,
  fail,
  ok,
  throwFailure,
  toAppError,
} from '../../../../src-main/shared/result';

const system = (code: unknown, message = 'open /x'): Error => Object.assign(new Error(message), { code });

describe('results', () => {
  it('are a value or a failure', async () => {
    expect(ok(3)).toEqual({ ok: true, value: 3 });
    expect(fail('bad-data', 'm', 'h')).toEqual({ ok: false, error: { code: 'bad-data', message: 'm', hint: 'h' } });
    expect(fail('bad-data', 'm', 'h', { row: 1 })).toMatchObject({ error: { details: { row: 1 } } });
    expect(await asResult(() => Promise.resolve('x'))).toEqual(ok('x'));
    expect(await asResult(() => 'x')).toEqual(ok('x'));
    expect(await asResult(() => throwFailure('stopped', 'm', 'h'))).toEqual(fail('stopped', 'm', 'h'));
    expect(await asResult(() => Promise.reject(system('ENOENT')))).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });
});

describe('a failure', () => {
  it('keeps what it says, as an error too', () => {
    const error = appError('bad-model', 'm', 'h', { file: 'f' });
    expect(error).toEqual({ code: 'bad-model', message: 'm', hint: 'h', details: { file: 'f' } });
    const failure = new AppFailure(error);
    expect([failure.name, failure.message, failure.error]).toEqual(['AppFailure', 'm', error]);
    expect(toAppError(failure)).toBe(error);
  });
  it.each([
    ['ENOSPC', 'no-space', /Free some disk space/],
    ['EACCES', 'no-permission', /may write to/],
    ['EPERM', 'no-permission', /may write to/],
    ['EROFS', 'no-permission', /read-only/],
    ['ENOENT', 'not-found', /does not exist/],
    ['EISDIR', 'bad-input', /a file, not a folder/],
    ['ENOTDIR', 'bad-input', /part of this path/],
  ])('of the system is what a person can do something about: %s', (code, ours, hint) =>
    expect(toAppError(system(code))).toEqual({
      code: ours,
      message: 'open /x',
      hint: expect.stringMatching(hint) as string,
      details: { systemCode: code },
    }),
  );
  it.each([system('EOTHER'), system(2), system(undefined), system('toString')])(
    'of another kind is a fault of the app, with its stack',
    (thrown) =>
      expect(toAppError(thrown)).toEqual({
        code: 'internal',
        message: 'open /x',
        hint: expect.stringMatching(/fault of the app/) as string,
        details: { stack: thrown.stack },
      }),
  );
  it('always says something', () => {
    expect(toAppError(new TypeError('')).message).toBe('TypeError');
    expect(toAppError('gone')).toMatchObject({ code: 'internal', message: 'gone' });
    expect(toAppError(undefined).message).toBe('undefined');
    const bare = new Error('x');
    delete bare.stack;
    expect(toAppError(bare).details).toEqual({ stack: '' });
  });
  it('is a value that nobody thought of', () =>
    expect(() => assertNever('blue' as never)).toThrow('unexpected value "blue"'));
});
