import { Box, Button, LinearProgress, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunView } from '../../../src-main/shared/views/run';
import { useAppState } from '../../api/app-store';
import { Panel } from '../../components/panel';
import { StatusChip } from '../../components/status-chip';
import { runsOf } from '../../state/app-state';
import { unbroken } from '../../state/format';
import { formatRoute } from '../../state/router';
import { standingWords } from '../../state/run-queue';
import { progressShare, runName } from '../../state/run-words';

export function RunningCard({ run }: { readonly run: RunView }): ReactNode {
  const runs = runsOf(useAppState());
  const share = progressShare(run);
  return (
    <Panel>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
        <Typography variant="h2" component="h2" noWrap sx={{ maxWidth: '50%' }}>
          {runName(run)}
        </Typography>
        <StatusChip status={run.status} />
        <Typography variant="body2" color="textSecondary" sx={{ flex: 1, minWidth: 200 }}>
          {standingWords(runs, run)}
        </Typography>
        <Button variant="outlined" href={formatRoute({ page: 'run', id: run.id })}>
          Watch
        </Button>
      </Box>
      {run.status !== 'queued' && (
        <LinearProgress
          aria-label="Progress"
          variant={share === null ? 'indeterminate' : 'determinate'}
          value={(share ?? 0) * 100}
          sx={{ mt: 1.5 }}
        />
      )}
      {run.lengthVerdict !== null && (
        <Typography variant="body2" sx={{ mt: 1.25 }}>
          {unbroken(run.lengthVerdict)}
        </Typography>
      )}
    </Panel>
  );
}
