import { describe, expect, it, vi } from 'vitest';
import { answer, channels } from '../../../../src-main/app/typed-ipc';
import type { Handlers } from '../../../../src-main/shared/ipc';
import { AppFailure, appError } from '../../../../src-main/shared/result';

const handlersOf = (change: Record<string, unknown>): Handlers => change as unknown as Handlers;

describe('a request from a window', () => {
  it('that is trusted and well formed gets the handler’s value', async () => {
    const list = vi.fn(() => Promise.resolve([]));
    expect(await answer(handlersOf({ 'runs:list': list }), 'runs:list', true, { search: 'x' })).toEqual({
      ok: true,
      value: [],
    });
    expect(list).toHaveBeenCalledWith({ search: 'x' });
  });

  it('chooses a card by its number', async () => {
    const set = vi.fn((change: unknown) => Promise.resolve(change));
    expect(
      await answer(handlersOf({ 'settings:set': set }), 'settings:set', true, { device: 'gpu:12', tf32: false }),
    ).toEqual({ ok: true, value: { device: 'gpu:12', tf32: false } });
  });

  it('from another page is refused before anything is looked at', async () => {
    const list = vi.fn();
    expect(await answer(handlersOf({ 'runs:list': list }), 'runs:list', false, { search: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'bad-input' },
    });
    expect(list).not.toHaveBeenCalled();
  });

  it.each([
    ['runs:list', {}, /runs:list: search/],
    ['runs:list', { search: '', also: 1 }, /runs:list: input.*also/],
    ['app:info', 'something', /app:info: input/],
    ['datasets:rows', { id: 'd', offset: -1, limit: 10, search: '' }, /datasets:rows: offset/],
    [
      'runs:series',
      { id: 'r', names: [], fromStep: null, toStep: null, maxPoints: 1_000_000 },
      /runs:series: maxPoints/,
    ],
    ['app:reveal', { what: '/etc', id: null }, /app:reveal: what/],
    ['settings:set', { device: 'gpu:-1' }, /settings:set: device/],
    ['settings:set', { device: 'gpu:x' }, /settings:set: device/],
  ] as const)('%s with %j is refused by field', async (channel, input, message) => {
    const handler = vi.fn();
    expect(await answer(handlersOf({ [channel]: handler }), channel, true, input)).toMatchObject({
      ok: false,
      error: { code: 'bad-input', message: expect.stringMatching(message) as string },
    });
    expect(handler).not.toHaveBeenCalled();
  });

  it('whose handler fails gets the failure as a value, thrown or rejected', async () => {
    const failure = appError('bad-model', 'm', 'h');
    const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    const results = await Promise.all([
      answer(handlersOf({ 'app:info': () => Promise.reject(new AppFailure(failure)) }), 'app:info', true, undefined),
      answer(
        handlersOf({
          'app:info': () => {
            throw full;
          },
        }),
        'app:info',
        true,
        undefined,
      ),
      answer(
        handlersOf({
          'app:info': () => {
            throw new Error('bug');
          },
        }),
        'app:info',
        true,
        undefined,
      ),
    ]);
    expect(results[0]).toEqual({ ok: false, error: failure });
    expect(results[1]).toMatchObject({ ok: false, error: { code: 'no-space' } });
    expect(results[2]).toMatchObject({ ok: false, error: { code: 'internal', message: 'bug' } });
  });

  it('finds a parser for every channel, once', () => {
    expect(channels).toContain('runs:start');
    expect(new Set(channels).size).toBe(channels.length);
  });
});
