import { Button, Dialog, DialogActions, DialogContent, DialogTitle } from '@mui/material';
import type { ReactNode } from 'react';
import type { AppError } from '../../src-main/shared/result';
import { testIds } from '../test-ids';
import { ErrorPanel } from './error-panel';

/** For what was asked from a row or a menu, where there is no room for the answer. */
export function ErrorDialog({
  title,
  error,
  onClose,
}: {
  readonly title: string;
  readonly error: AppError | null;
  readonly onClose: () => void;
}): ReactNode {
  if (error === null) return null;
  return (
    <Dialog open onClose={onClose} maxWidth="sm" fullWidth aria-labelledby="error-dialog-title">
      <DialogTitle id="error-dialog-title" sx={{ fontSize: 17, fontWeight: 620 }}>
        {title}
      </DialogTitle>
      <DialogContent>
        <ErrorPanel error={error} />
      </DialogContent>
      <DialogActions sx={{ p: 2, pt: 0 }}>
        <Button variant="contained" onClick={onClose} data-testid={testIds.confirmNo}>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
