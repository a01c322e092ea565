import {
  Alert,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  LinearProgress,
  Typography,
} from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useEvent } from '../../api/api-context';
import { useAction } from '../../api/use-action';
import { useRequest } from '../../api/use-request';
import { CodeBlock } from '../../components/code-block';
import { ErrorPanel } from '../../components/error-panel';
import { testIds } from '../../test-ids';

/** Opens when the Help menu asks for it. */
export function DiagnosticsFromMenu(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  useEvent('app:show', ({ what }) => setOpen(what === 'diagnostics'));
  return isOpen ? <DiagnosticsDialog onClose={() => setOpen(false)} /> : null;
}

/** The whole text is read here before it is saved; nothing is sent. */
export function DiagnosticsDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const { data, reload } = useRequest('app:diagnostics', undefined);
  const save = useAction('app:save-diagnostics');
  const [savedAt, setSavedAt] = useState<string | null>(null);
  const saveNow = async (): Promise<void> => {
    const saved = await save.run(undefined);
    if (saved) setSavedAt(saved.path);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      maxWidth="md"
      fullWidth
      aria-labelledby="diagnostics-title"
      data-testid={testIds.diagnostics}
    >
      <DialogTitle id="diagnostics-title" sx={{ fontSize: 17, fontWeight: 620 }}>
        Diagnostics
      </DialogTitle>
      <DialogContent sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 1.5 }}>
        <Typography variant="body1">
          For a report when something goes wrong. Read it before you send it to anybody: it holds no prompts, answers or
          names of runs, but folder names can be in the log.
        </Typography>
        {data.status === 'loading' && <LinearProgress aria-label="Collecting" />}
        {data.status === 'failed' && <ErrorPanel error={data.error} onRetry={reload} />}
        {data.status === 'ready' && (
          <CodeBlock text={data.value.text} label="Diagnostics" maxHeight={380} isWrapped={false} />
        )}
        {save.error !== null && <ErrorPanel error={save.error} onRetry={() => void saveNow()} />}
        {savedAt !== null && (
          <Alert severity="success" variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
            Saved as {savedAt}
          </Alert>
        )}
      </DialogContent>
      <DialogActions sx={{ p: 2, pt: 0 }}>
        <Button onClick={onClose} data-testid={testIds.confirmNo}>
          Close
        </Button>
        <Button
          variant="contained"
          disabled={data.status !== 'ready' || save.isBusy}
          onClick={() => void saveNow()}
          data-testid={testIds.diagnosticsSave}
        >
          Save as a file
        </Button>
      </DialogActions>
    </Dialog>
  );
}
