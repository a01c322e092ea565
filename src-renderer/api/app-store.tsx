import { createContext, useCallback, useContext, useEffect, useMemo, useReducer, type ReactNode } from 'react';
import type { Channel, Requests } from '../../src-main/shared/ipc/contract';
import type { Result } from '../../src-main/shared/result';
import { initialAppState, reduceApp, runsOf, type AppSlice, type AppState } from '../state/app-state';
import { fromResult } from '../state/loadable';
import { useApi, useEvent, useReturn } from './api-context';
import { settle } from './use-request';

const infoEveryMs = 60_000;

interface AppStore {
  readonly state: AppState;
  readonly reload: (slice: AppSlice) => void;
}

const AppStoreContext = createContext<AppStore>({ state: initialAppState, reload: () => undefined });

export const useAppState = (): AppState => useContext(AppStoreContext).state;
export const useReload = (): AppStore['reload'] => useContext(AppStoreContext).reload;

/** Holds what every page needs; the store of main is the truth, events only say when to look again. */
export function AppStoreProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const api = useApi();
  const [state, dispatch] = useReducer(reduceApp, initialAppState);

  const reload = useCallback(
    (slice: AppSlice): void => {
      const ask = <C extends Channel>(channel: C, input: Requests[C]['in']): Promise<Result<Requests[C]['out']>> =>
        settle(api.request(channel, input));
      const load = {
        info: async () =>
          dispatch({ kind: 'loaded', slice: 'info', data: fromResult(await ask('app:info', undefined)) }),
        settings: async () =>
          dispatch({ kind: 'loaded', slice: 'settings', data: fromResult(await ask('settings:get', undefined)) }),
        methods: async () =>
          dispatch({ kind: 'loaded', slice: 'methods', data: fromResult(await ask('app:methods', undefined)) }),
        models: async () =>
          dispatch({ kind: 'loaded', slice: 'models', data: fromResult(await ask('models:list', undefined)) }),
        datasets: async () =>
          dispatch({ kind: 'loaded', slice: 'datasets', data: fromResult(await ask('datasets:list', undefined)) }),
        runs: async () =>
          dispatch({ kind: 'loaded', slice: 'runs', data: fromResult(await ask('runs:list', { search: '' })) }),
      } as const satisfies Record<AppSlice, () => Promise<void>>;
      void load[slice]();
    },
    [api],
  );

  useEffect(() => {
    for (const slice of ['settings', 'runs', 'info', 'methods', 'models', 'datasets'] as const) reload(slice);
  }, [reload]);

  // No event tells how full the disk is.
  useEffect(() => {
    const timer = setInterval(() => reload('info'), infoEveryMs);
    return () => clearInterval(timer);
  }, [reload]);

  useEvent('runs:changed', ({ run }) => {
    const known = runsOf(state).find((candidate) => candidate.id === run.id);
    if (known?.status !== run.status && state.datasets.status === 'ready') reload('datasets');
    dispatch({ kind: 'run-changed', run });
  });
  useEvent('runs:removed', ({ id }) => {
    dispatch({ kind: 'run-removed', id });
    reload('datasets');
    reload('info');
  });
  useEvent('models:changed', () => reload('models'));
  useEvent('datasets:changed', () => reload('datasets'));
  useEvent('settings:changed', (settings) => dispatch({ kind: 'settings-changed', settings }));
  useReturn(() => {
    for (const slice of ['runs', 'info', 'models', 'datasets'] as const) reload(slice);
  });

  const value = useMemo(() => ({ state, reload }), [state, reload]);
  return <AppStoreContext.Provider value={value}>{children}</AppStoreContext.Provider>;
}
