import { Button, Dialog, DialogActions, DialogContent, DialogContentText, DialogTitle } from '@mui/material';
import type { ReactNode } from 'react';
import { testIds } from '../test-ids';

export interface ConfirmProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly text: ReactNode;
  readonly yes: string;
  readonly isDanger?: boolean;
  readonly isBusy?: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

export function Confirm({
  isOpen,
  title,
  text,
  yes,
  isDanger = false,
  isBusy = false,
  onYes,
  onNo,
}: ConfirmProps): ReactNode {
  return (
    <Dialog open={isOpen} onClose={onNo} maxWidth="xs" fullWidth>
      <DialogTitle sx={{ fontSize: 17, fontWeight: 620, overflowWrap: 'anywhere' }}>{title}</DialogTitle>
      <DialogContent>
        <DialogContentText component="div" variant="body1">
          {text}
        </DialogContentText>
      </DialogContent>
      <DialogActions sx={{ p: 2, pt: 0 }}>
        <Button onClick={onNo} data-testid={testIds.confirmNo}>
          Cancel
        </Button>
        <Button
          variant="contained"
          color={isDanger ? 'error' : 'primary'}
          disabled={isBusy}
          onClick={onYes}
          data-testid={testIds.confirmYes}
        >
          {yes}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
