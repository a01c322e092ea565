import { useCallback, useEffect, useState } from 'react';
import type { Channel, Requests } from '../../src-main/shared/ipc/contract';
import { toAppError, type Result } from '../../src-main/shared/result';
import { fromResult, loading, type Loadable } from '../state/loadable';
import { useApi } from './api-context';

export interface Requested<T> {
  readonly data: Loadable<T>;
  readonly reload: () => void;
  /** True while a newer answer than `data` is on its way. */
  readonly isStale: boolean;
}

/** Asks once per distinct input; `null` asks nothing. Answers that come late, for an older input, are dropped. */
export function useRequest<C extends Channel>(
  channel: C,
  input: Requests[C]['in'] | null,
  delayMs = 0,
): Requested<Requests[C]['out']> {
  const api = useApi();
  const key = input === null ? null : JSON.stringify(input ?? {});
  const [count, setCount] = useState(0);
  const [state, setState] = useState<{ readonly key: string | null; readonly data: Loadable<Requests[C]['out']> }>({
    key: null,
    data: loading,
  });
  const wanted = key === null ? null : `${count}:${key}`;

  useEffect(() => {
    if (wanted === null || input === null) return undefined;
    let isCurrent = true;
    const timer = setTimeout(() => {
      void settle(api.request(channel, input)).then((result) => {
        if (isCurrent) setState({ key: wanted, data: fromResult(result) });
      });
    }, delayMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
    // `wanted` stands for the input.
  }, [api, channel, wanted, delayMs]);

  const reload = useCallback(() => setCount((n) => n + 1), []);
  return { data: key === null ? loading : state.data, reload, isStale: wanted !== null && state.key !== wanted };
}

/** A rejected invoke (a fault of the bridge itself) becomes a failure like any other. */
export async function settle<T>(promise: Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await promise;
  } catch (thrown) {
    return { ok: false, error: toAppError(thrown) };
  }
}
