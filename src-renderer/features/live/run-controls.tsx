import Pause from '@mui/icons-material/Pause';
import PlayArrow from '@mui/icons-material/PlayArrow';
import Stop from '@mui/icons-material/Stop';
import { Button, Tooltip } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { isResumable } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAction } from '../../api/use-action';
import { Confirm } from '../../components/confirm';
import { ErrorDialog } from '../../components/error-dialog';
import { ErrorPanel } from '../../components/error-panel';
import { testIds } from '../../test-ids';

export function RunControls({ run }: { readonly run: RunView }): ReactNode {
  const pause = useAction('runs:pause');
  const stop = useAction('runs:stop');
  const resume = useAction('runs:resume');
  const [isStopping, setStopping] = useState(false);
  const isWorking = run.status === 'running' || run.status === 'preparing';
  const confirmStop = async (): Promise<void> => {
    if ((await stop.run({ id: run.id })) !== undefined) setStopping(false);
  };
  return (
    <>
      {run.status === 'running' && (
        <Tooltip title="Saves a checkpoint and frees the machine. Continue goes on exactly there.">
          <span>
            <Button
              variant="outlined"
              startIcon={<Pause />}
              disabled={pause.isBusy}
              onClick={() => void pause.run({ id: run.id })}
              data-testid={testIds.runPause}
            >
              Pause
            </Button>
          </span>
        </Tooltip>
      )}
      {(isWorking || run.status === 'queued') && (
        <Button
          variant="outlined"
          startIcon={<Stop />}
          disabled={stop.isBusy}
          onClick={() => setStopping(true)}
          data-testid={testIds.runStop}
        >
          {run.status === 'queued' ? 'Take out of the queue' : 'Stop and save'}
        </Button>
      )}
      {isResumable(run.status) && (
        <Button
          variant="contained"
          startIcon={<PlayArrow />}
          disabled={resume.isBusy}
          onClick={() => void resume.run({ id: run.id })}
          data-testid={testIds.runResume}
        >
          Continue
        </Button>
      )}
      <Confirm
        isOpen={isStopping}
        title={run.status === 'queued' ? 'Take this run out of the queue?' : 'Stop and save?'}
        text={
          <>
            {run.status === 'queued'
              ? 'It has not started, so nothing is lost.'
              : 'The step at work is finished and a checkpoint is saved, so nothing is lost: the result can be ' +
                'exported, and the run can be continued later.'}
            {stop.error !== null && <ErrorPanel error={stop.error} />}
          </>
        }
        yes={run.status === 'queued' ? 'Take out' : 'Stop and save'}
        isBusy={stop.isBusy}
        onYes={() => void confirmStop()}
        onNo={() => setStopping(false)}
      />
      <ErrorDialog title="The run cannot be paused" error={pause.error} onClose={pause.clearError} />
      <ErrorDialog title="The run cannot go on now" error={resume.error} onClose={resume.clearError} />
    </>
  );
}
