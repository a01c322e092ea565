// @vitest-environment jsdom
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../../src-main/shared/views/run';
import { ApiContext } from '../../../../src-renderer/api/api-context';
import { useAction } from '../../../../src-renderer/api/use-action';
import { useRequest } from '../../../../src-renderer/api/use-request';
import { appError } from '../../../../src-main/shared/result';
import { FakeFailure, fakeApi, type FakeApi, type FakeHandlers } from '../harness/fake-api';
import { run } from '../harness/fake-data';
import '../support/render-app';

const wrapper =
  (api: FakeApi) =>
  ({ children }: { readonly children: ReactNode }) => <ApiContext value={api}>{children}</ApiContext>;

/** Answers in the order the test says. */
function heldAnswers(): { readonly handler: FakeHandlers['runs:list']; readonly answer: (search: string) => void } {
  const open = new Map<string, (runs: readonly RunView[]) => void>();
  return {
    handler: ({ search }) => new Promise((resolve) => open.set(search, resolve)),
    answer: (search) => open.get(search)?.([run({ id: search })]),
  };
}

describe('useRequest', () => {
  it('drops an answer that comes after a newer question', async () => {
    const { handler, answer } = heldAnswers();
    const api = fakeApi({ 'runs:list': handler });
    const { result, rerender } = renderHook(({ search }) => useRequest('runs:list', { search }), {
      wrapper: wrapper(api),
      initialProps: { search: 'old' },
    });
    await waitFor(() => expect(api.called('runs:list')).toHaveLength(1));
    rerender({ search: 'new' });
    await waitFor(() => expect(api.called('runs:list')).toHaveLength(2));
    act(() => answer('new'));
    await waitFor(() => expect(result.current.isStale).toBe(false));
    act(() => answer('old'));
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));
    expect(result.current.data).toMatchObject({ status: 'ready', value: [{ id: 'new' }] });
  });
  it('asks once for questions that follow one another quickly', async () => {
    const api = fakeApi();
    const { result, rerender } = renderHook(({ search }) => useRequest('runs:list', { search }, 40), {
      wrapper: wrapper(api),
      initialProps: { search: 'a' },
    });
    rerender({ search: 'ab' });
    rerender({ search: 'abc' });
    expect(result.current.isStale).toBe(true);
    await waitFor(() => expect(result.current.isStale).toBe(false));
    expect(api.called('runs:list')).toEqual([{ search: 'abc' }]);
  });
  it('asks nothing for null, and again on reload', async () => {
    const api = fakeApi();
    const { result, rerender } = renderHook(
      ({ input }: { readonly input: { readonly search: string } | null }) => useRequest('runs:list', input),
      { wrapper: wrapper(api), initialProps: { input: null as { readonly search: string } | null } },
    );
    expect(result.current).toMatchObject({ isStale: false, data: { status: 'loading' } });
    rerender({ input: { search: '' } });
    await waitFor(() => expect(result.current.data.status).toBe('ready'));
    act(() => result.current.reload());
    await waitFor(() => expect(api.called('runs:list')).toHaveLength(2));
  });
});

describe('useAction', () => {
  it('keeps a failure until the next try', async () => {
    let isBroken = true;
    const api = fakeApi({
      'app:reveal': () => {
        if (isBroken) throw new FakeFailure(appError('not-found', 'gone', ''));
        return null;
      },
    });
    const { result } = renderHook(() => useAction('app:reveal'), { wrapper: wrapper(api) });
    await act(async () => expect(await result.current.run({ what: 'home', id: null })).toBeUndefined());
    expect(result.current.error?.message).toBe('gone');
    isBroken = false;
    await act(async () => expect(await result.current.run({ what: 'home', id: null })).toBeNull());
    expect(result.current.error).toBeNull();
  });
  it('turns a rejected bridge into a failure', async () => {
    const api: FakeApi = { ...fakeApi(), request: () => Promise.reject(new Error('the bridge is gone')) };
    const { result } = renderHook(() => useAction('app:reveal'), { wrapper: wrapper(api) });
    await act(async () => void (await result.current.run({ what: 'home', id: null })));
    expect(result.current.error).toMatchObject({ code: 'internal', message: 'the bridge is gone' });
    expect(result.current.isBusy).toBe(false);
  });
});
