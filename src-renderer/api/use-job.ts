import { useState } from 'react';
import type { JobView, ShortJobName } from '../../src-main/shared/ipc/jobs';
import { useEvent } from './api-context';

/** How far the engine is with work of this kind; null while there is none. */
export function useJob(name: ShortJobName): JobView | null {
  const [job, setJob] = useState<JobView | null>(null);
  useEvent('jobs:changed', ({ job: changed }) => {
    if (changed.job === name)
      setJob((now) => (changed.state !== 'ended' ? changed : now?.id === changed.id ? null : now));
  });
  return job;
}
