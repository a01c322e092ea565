import { Box, Button } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';
import { Panel } from '../../components/panel';
import { testIds } from '../../test-ids';
import { DiagnosticsDialog } from '../trouble/diagnostics-dialog';

/** The same as in the Help menu. */
export function Trouble(): ReactNode {
  const reveal = useAction('app:reveal');
  const [isOpen, setOpen] = useState(false);
  return (
    <Panel
      title="When something goes wrong"
      help={
        'The log says what the app and its engine did, without prompts and answers. Diagnostics are a text for a ' +
        'report, to be read before you send it.'
      }
    >
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <Button
          size="small"
          variant="outlined"
          disabled={reveal.isBusy}
          onClick={() => void reveal.run({ what: 'log', id: null })}
          data-testid={testIds.showLog}
        >
          Show the log
        </Button>
        <Button size="small" variant="outlined" onClick={() => setOpen(true)} data-testid={testIds.showDiagnostics}>
          Diagnostics
        </Button>
      </Box>
      {reveal.error !== null && <ErrorPanel error={reveal.error} />}
      {isOpen && <DiagnosticsDialog onClose={() => setOpen(false)} />}
    </Panel>
  );
}
