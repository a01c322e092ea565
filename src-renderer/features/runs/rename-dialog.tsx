import { Button, Dialog, DialogActions, DialogContent, DialogTitle, TextField } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';

export function RenameDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }): ReactNode {
  const [name, setName] = useState(run.name);
  const rename = useAction('runs:rename');
  const save = async (): Promise<void> => {
    if ((await rename.run({ id: run.id, name: name.trim() })) !== undefined) onClose();
  };
  return (
    <Dialog open onClose={onClose} maxWidth="xs" fullWidth>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <DialogTitle sx={{ fontSize: 17 }}>Rename the run</DialogTitle>
        <DialogContent sx={{ display: 'grid', gap: 2 }}>
          <TextField
            autoFocus
            fullWidth
            value={name}
            onChange={(event) => setName(event.target.value)}
            slotProps={{ htmlInput: { maxLength: 200, 'aria-label': 'Name of the run' } }}
            sx={{ mt: 0.5 }}
          />
          {rename.error !== null && <ErrorPanel error={rename.error} />}
        </DialogContent>
        <DialogActions sx={{ p: 2, pt: 0 }}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" disabled={rename.isBusy || name.trim() === ''}>
            Rename
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
