import { useCallback, useEffect, useState } from 'react';
import type { AppError } from '../../../src-main/shared/result';
import type { MeasuredSpeed } from '../../../src-main/shared/runs/run-time';
import type { RunSpec } from '../../../src-main/shared/spec/run-spec';
import { useApi } from '../../api/api-context';
import { settle } from '../../api/use-request';

export type Measured =
  | { readonly status: 'idle' }
  | { readonly status: 'measuring' }
  | { readonly status: 'cancelled' }
  | { readonly status: 'failed'; readonly error: AppError }
  | { readonly status: 'ready'; readonly speed: MeasuredSpeed };

export interface Measuring {
  readonly measured: Measured;
  readonly cancel: () => void;
  readonly again: () => void;
}

const idle: Measured = { status: 'idle' };

/**
 * Times a few calls of the run, by itself, while `spec` is given; null measures nothing. Who leaves the page ends the
 * measurement.
 */
export function useMeasured(spec: RunSpec | null, steps: number): Measuring {
  const api = useApi();
  const [tries, setTries] = useState(0);
  const key = spec === null ? null : `${tries} ${steps} ${JSON.stringify({ ...spec, name: '' })}`;
  const [state, setState] = useState<{ readonly key: string | null; readonly measured: Measured }>({
    key: null,
    measured: idle,
  });

  const stop = useCallback(() => void settle(api.request('jobs:cancel', { job: 'measure' })), [api]);
  useEffect(() => {
    if (key === null || spec === null) return undefined;
    let isOver = false;
    setState({ key, measured: { status: 'measuring' } });
    void settle(api.request('runs:measure', { spec, steps })).then((result) => {
      if (isOver) return;
      isOver = true;
      const failed = (error: AppError): Measured =>
        error.code === 'stopped' ? { status: 'cancelled' } : { status: 'failed', error };
      setState({ key, measured: result.ok ? { status: 'ready', speed: result.value } : failed(result.error) });
    });
    return () => {
      if (!isOver) stop();
      isOver = true;
    };
    // `key` stands for spec and steps.
  }, [api, key, stop]);

  return {
    measured: state.key === key ? state.measured : idle,
    cancel: stop,
    again: useCallback(() => setTries((n) => n + 1), []),
  };
}
