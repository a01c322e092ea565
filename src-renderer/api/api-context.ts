import { createContext, useContext, useEffect, useRef } from 'react';
import type { Api, Events } from '../../src-main/shared/ipc/contract';

const missing: Api = {
  request: () => Promise.reject(new Error('no ApiContext above this component')),
  on: () => () => undefined,
  dropped: () => Promise.reject(new Error('no ApiContext above this component')),
};

export const ApiContext = createContext<Api>(missing);

export const useApi = (): Api => useContext(ApiContext);

/** Listens while mounted; the newest listener is called, so it may close over fresh state. */
export function useEvent<E extends keyof Events>(event: E, listener: (payload: Events[E]) => void): void {
  const api = useApi();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => api.on(event, (payload) => latest.current(payload)), [api, event]);
}

/** Calls back when the window comes to the front again: events may have been lost while it slept. */
export function useReturn(listener: () => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => {
    const onReturn = (): void => {
      if (document.visibilityState !== 'hidden') latest.current();
    };
    window.addEventListener('focus', onReturn);
    window.addEventListener('online', onReturn);
    document.addEventListener('visibilitychange', onReturn);
    return () => {
      window.removeEventListener('focus', onReturn);
      window.removeEventListener('online', onReturn);
      document.removeEventListener('visibilitychange', onReturn);
    };
  }, []);
}
