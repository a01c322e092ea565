import { Alert, Button } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAction } from '../../api/use-action';
import { ErrorDialog } from '../../components/error-dialog';
import { plural } from '../../state/format';
import { isQueueStill, queueOf } from '../../state/run-queue';
import { runName } from '../../state/run-words';
import { testIds } from '../../test-ids';

/** After a pause nothing starts by itself; here the queue goes on. */
export function QueueStill({ runs }: { readonly runs: readonly RunView[] }): ReactNode {
  const resume = useAction('runs:resume');
  const [next] = queueOf(runs);
  if (next === undefined || !isQueueStill(runs)) return null;
  const count = queueOf(runs).length;
  return (
    <>
      <Alert
        severity="info"
        variant="outlined"
        data-testid={testIds.queueStill}
        action={
          <Button
            size="small"
            disabled={resume.isBusy}
            onClick={() => void resume.run({ id: next.id })}
            data-testid={testIds.queueGoOn}
          >
            Go on
          </Button>
        }
      >
        The queue stands still after a pause: {plural(count, 'run')} {count === 1 ? 'waits' : 'wait'}, “{runName(next)}”
        next. Continuing the paused run goes on too.
      </Alert>
      <ErrorDialog title="The queue cannot go on now" error={resume.error} onClose={resume.clearError} />
    </>
  );
}
