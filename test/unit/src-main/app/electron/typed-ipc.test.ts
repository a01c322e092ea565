import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, channels } from '../../../../../src-main/app/electron/typed-ipc';
import { logTo } from '../../../../../src-main/shared/log';
import type { Handlers } from '../../../../../src-main/shared/ipc/contract';
import { AppFailure, appError } from '../../../../../src-main/shared/result';
import { anySpec } from '../../../support/runs';

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

describe('what the log has of requests', () => {
  afterEach(() => logTo(null));
  it('is who was refused and why, a fault with its stack, and nothing of what went well', async () => {
    const said: (readonly string[])[] = [];
    logTo((level, source, text) => void said.push([level, source, text.split('\n')[0]!]));
    const failing = (thrown: unknown) => handlersOf({ 'app:info': () => Promise.reject(thrown) });
    await answer(handlersOf({ 'app:info': () => Promise.resolve(1) }), 'app:info', true, undefined);
    await answer(failing(null), 'app:info', false, undefined);
    await answer(failing(new AppFailure(appError('bad-data', 'row 3: secret', 'h'))), 'app:info', true, undefined);
    await answer(failing(new TypeError('a bug')), 'app:info', true, undefined);
    expect(said).toEqual([
      ['warn', 'window', 'a request that did not come from the app’s own page was refused'],
      ['info', 'window', 'a request was refused: bad-data'],
      ['error', 'window', 'a request failed: TypeError: a bug'],
    ]);
  });

  it('and what a page is told names the field, however deep', async () => {
    const spec = { ...anySpec(), training: { ...anySpec().training, maxLength: 'long' } };
    expect(await answer(handlersOf({}), 'runs:start', true, { specs: [spec] })).toMatchObject({
      error: {
        code: 'bad-input',
        message: expect.stringMatching(/^runs:start: specs\.0\.training\.maxLength: /) as string,
        details: { path: 'specs.0.training.maxLength' },
      },
    });
    expect(await answer(handlersOf({}), 'runs:start', false, {})).toEqual({
      ok: false,
      error: {
        code: 'bad-input',
        message: 'The request did not come from the app’s own page.',
        hint: 'Nothing was done.',
      },
    });
  });
});
