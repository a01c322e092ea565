import { Button, Dialog, DialogActions, DialogContent, DialogTitle, LinearProgress, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ClosingView } from '../../../src-main/shared/views/app';
import { useEvent } from '../../api/api-context';
import { useAction } from '../../api/use-action';
import { useNow } from '../../components/use-now';
import { testIds } from '../../test-ids';
import { lossSentence } from '../../state/closing-words';

/** After so long a person may wonder whether it still does anything. */
const longAfterMs = 10_000;

/** Over everything while the app closes and the run at work is saved. It goes with the window. */
export function ClosingScreen(): ReactNode {
  const [closing, setClosing] = useState<{ readonly view: ClosingView; readonly since: number } | null>(null);
  useEvent('app:closing', (view) => setClosing({ view, since: Date.now() }));
  return closing === null ? null : <Saving view={closing.view} since={closing.since} />;
}

function Saving({ view, since }: { readonly view: ClosingView; readonly since: number }): ReactNode {
  const end = useAction('app:end-now');
  const isLong = useNow(1000) - since > longAfterMs;
  const [isEnding, setEnding] = useState(false);
  const endNow = (): void => {
    setEnding(true);
    void end.run(undefined);
  };
  return (
    <Dialog open maxWidth="xs" fullWidth aria-labelledby="closing-title" data-testid={testIds.closing}>
      <DialogTitle id="closing-title" sx={{ fontSize: 17, fontWeight: 620, overflowWrap: 'anywhere' }}>
        {isEnding ? 'Ending' : `Saving “${view.runName}”`}
      </DialogTitle>
      <DialogContent sx={{ display: 'grid', gap: 1.5 }}>
        <LinearProgress aria-label={isEnding ? 'Ending' : 'Saving'} />
        <Typography variant="body1">
          {isEnding
            ? 'The engine is ended, then the window closes.'
            : 'The step under way ends first, then a checkpoint is written and the window closes. The run can go on ' +
              'from there.'}
        </Typography>
        {isLong && !isEnding && (
          <Typography variant="body2" color="textSecondary">
            A step of a large model can take minutes. If the engine does not answer within 5 minutes, the run is ended
            without saving.
          </Typography>
        )}
        <Typography variant="body2" color="textSecondary">
          {lossSentence(view)}
        </Typography>
      </DialogContent>
      <DialogActions sx={{ p: 2, pt: 0 }}>
        <Button color="error" disabled={isEnding} onClick={endNow} data-testid={testIds.closingEnd}>
          End without saving
        </Button>
      </DialogActions>
    </Dialog>
  );
}
