import { Box, Button, LinearProgress, Typography } from '@mui/material';
import { useEffect, useRef, type ReactNode } from 'react';
import type { JobView, ShortJobName } from '../../src-main/shared/ipc/jobs';
import { useApi } from '../api/api-context';
import { useJob } from '../api/use-job';
import { settle } from '../api/use-request';
import { formatCount } from '../state/format';

export interface JobProgressProps {
  readonly job: ShortJobName;
  /** What is being done, before the engine says more. */
  readonly label: string;
  readonly units?: string;
  readonly testId?: string;
}

/** Work of the engine as it goes on, with a way to end it; it ends too when whoever shows it is gone. */
export function JobProgress({ job: name, label, units = '', testId }: JobProgressProps): ReactNode {
  const api = useApi();
  const job = useJob(name);
  const cancel = (): void => void settle(api.request('jobs:cancel', { job: name }));
  const share = job !== null && job.total > 0 ? job.done / job.total : null;
  return (
    <Box data-testid={testId}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, mb: 0.5 }}>
        <Typography variant="body2" color="textSecondary" sx={{ flex: 1 }} aria-live="polite">
          {words(label, job, units)}
        </Typography>
        <Button size="small" onClick={cancel}>
          Cancel
        </Button>
      </Box>
      <LinearProgress
        aria-label={label}
        variant={share === null ? 'indeterminate' : 'determinate'}
        value={(share ?? 0) * 100}
      />
    </Box>
  );
}

function words(label: string, job: JobView | null, units: string): string {
  if (job?.state === 'waiting') return `${label}: waits for other work of the engine`;
  if (job === null || job.total === 0) return label;
  return `${label}: ${formatCount(job.done)} of ${formatCount(job.total)}${units === '' ? '' : ` ${units}`}`;
}

/** Ends the work that is under way when its page is left. */
export function useCancelOnLeave(name: ShortJobName, isBusy: boolean): void {
  const api = useApi();
  const busy = useRef(isBusy);
  useEffect(() => {
    busy.current = isBusy;
  });
  useEffect(
    () => () => {
      if (busy.current) void settle(api.request('jobs:cancel', { job: name }));
    },
    [api, name],
  );
}
