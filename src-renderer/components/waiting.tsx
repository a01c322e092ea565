import { Skeleton, Stack } from '@mui/material';
import type { ReactNode } from 'react';
import type { Loadable } from '../state/loadable';
import { ErrorPanel } from './error-panel';

const RowsSkeleton = ({ rows = 5 }: { readonly rows?: number }): ReactNode => (
  <Stack spacing={1} aria-busy="true" aria-label="Loading">
    {Array.from({ length: rows }, (_, row) => (
      <Skeleton key={row} variant="rounded" height={38} />
    ))}
  </Stack>
);

/** The three states of something asked for, so that no page forgets one. */
export function Loaded<T>({
  data,
  onRetry,
  skeleton,
  children,
}: {
  readonly data: Loadable<T>;
  readonly onRetry?: () => void;
  readonly skeleton?: ReactNode;
  readonly children: (value: T) => ReactNode;
}): ReactNode {
  if (data.status === 'loading') return skeleton ?? <RowsSkeleton />;
  if (data.status === 'failed')
    return <ErrorPanel error={data.error} {...(onRetry === undefined ? {} : { onRetry })} />;
  return children(data.value);
}
