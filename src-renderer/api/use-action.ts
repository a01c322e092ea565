import { useCallback, useState } from 'react';
import type { Channel, Requests } from '../../src-main/shared/ipc/contract';
import type { AppError } from '../../src-main/shared/result';
import { useApi } from './api-context';
import { settle } from './use-request';

export interface Action<C extends Channel> {
  readonly run: (input: Requests[C]['in']) => Promise<Requests[C]['out'] | undefined>;
  readonly isBusy: boolean;
  readonly error: AppError | null;
  readonly clearError: () => void;
}

/**
 * A request that a person causes: it has a busy state and a failure that stays until the next try. `undefined`: it
 * failed.
 */
export function useAction<C extends Channel>(channel: C): Action<C> {
  const api = useApi();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const run = useCallback(
    async (input: Requests[C]['in']) => {
      setBusy(true);
      setError(null);
      const result = await settle(api.request(channel, input));
      setBusy(false);
      if (result.ok) return result.value;
      setError(result.error);
      return undefined;
    },
    [api, channel],
  );
  const clearError = useCallback(() => setError(null), []);
  return { run, isBusy, error, clearError };
}
