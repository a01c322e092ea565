import type { AppError, Result } from '../../src-main/shared/result';

/** What a page knows about something it asked for. A failed reload keeps the value it had. */
export type Loadable<T> =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: AppError };

export const loading: Loadable<never> = { status: 'loading' };

export const fromResult = <T>(result: Result<T>): Loadable<T> =>
  result.ok ? { status: 'ready', value: result.value } : { status: 'failed', error: result.error };

export const valueOf = <T>(loadable: Loadable<T>): T | null => (loadable.status === 'ready' ? loadable.value : null);

export const mapLoadable = <T>(loadable: Loadable<T>, change: (value: T) => T): Loadable<T> =>
  loadable.status === 'ready' ? { status: 'ready', value: change(loadable.value) } : loadable;
