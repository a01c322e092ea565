import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { LostRunView } from '../../../src-main/shared/views/run';
import { useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { useRequest } from '../../api/use-request';
import { ErrorPanel } from '../../components/error-panel';
import { formatCount, formatDate, plural } from '../../state/format';
import { testIds } from '../../test-ids';

/**
 * Said where runs are listed, once: folders of runs that the history does not know, after it was lost or an older one
 * was put back.
 */
export function LostRuns(): ReactNode {
  const { data, reload } = useRequest('runs:lost', undefined);
  const reloadApp = useReload();
  const [isOpen, setOpen] = useState(false);
  if (data.status !== 'ready' || data.value.length === 0) return null;
  const lost = data.value;
  const close = (): void => {
    setOpen(false);
    reload();
    reloadApp('runs');
  };
  return (
    <>
      <Alert
        severity="warning"
        variant="outlined"
        data-testid={testIds.lostRuns}
        action={
          <Button color="inherit" size="small" onClick={() => setOpen(true)} data-testid={testIds.lostRunsShow}>
            {lost.length === 1 ? 'Look at it' : 'Look at them'}
          </Button>
        }
      >
        {plural(lost.length, 'run folder')} on the disk {lost.length === 1 ? 'is' : 'are'} not in this list: the history
        that held {lost.length === 1 ? 'it' : 'them'} was lost or replaced.
      </Alert>
      {isOpen && <LostRunsDialog lost={lost} onClose={close} />}
    </>
  );
}

function LostRunsDialog({
  lost,
  onClose,
}: {
  readonly lost: readonly LostRunView[];
  readonly onClose: () => void;
}): ReactNode {
  const recover = useAction('runs:recover');
  const named = lost.filter((run) => run.name !== null).length;
  const list = async (): Promise<void> => {
    if ((await recover.run(undefined)) !== undefined) onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="md" fullWidth aria-labelledby="lost-title">
      <DialogTitle id="lost-title" sx={{ fontSize: 17, fontWeight: 620 }}>
        Run folders that are not in the list
      </DialogTitle>
      <DialogContent>
        <Typography variant="body1" sx={{ mb: 1.5 }}>
          {named === 0
            ? 'None of them says what was trained, so they stay as they are; their checkpoints are in the folders.'
            : 'Listed again, a run can be continued and exported from its checkpoint. Its charts and answers went ' +
              'with the history, but for the steps after its last checkpoint.'}
        </Typography>
        <Table size="small">
          <TableHead>
            <TableRow>
              <TableCell>Run</TableCell>
              <TableCell>Made</TableCell>
              <TableCell align="right">Checkpoint</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {lost.map((run) => (
              <TableRow key={run.id}>
                <TableCell sx={{ overflowWrap: 'anywhere' }}>
                  {run.name ?? (
                    <Typography variant="body2" color="textSecondary">
                      Unknown: {run.folder}
                    </Typography>
                  )}
                </TableCell>
                <TableCell>{run.at === null ? '–' : formatDate(run.at)}</TableCell>
                <TableCell align="right">{run.step === null ? 'none' : `step ${formatCount(run.step)}`}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
        {recover.error !== null && <ErrorPanel error={recover.error} onRetry={() => void list()} />}
      </DialogContent>
      <DialogActions sx={{ p: 2, pt: 0 }}>
        <Button onClick={onClose} data-testid={testIds.confirmNo}>
          Not now
        </Button>
        <Button
          variant="contained"
          disabled={named === 0 || recover.isBusy}
          onClick={() => void list()}
          data-testid={testIds.lostRunsList}
        >
          {named === 0 ? 'List again' : `List ${plural(named, 'run')} again`}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
