import { Box, LinearProgress, Link, Tooltip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { useAppState } from '../../api/app-store';
import { currentRun, runsOf } from '../../state/app-state';
import { formatBytes } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { formatRoute } from '../../state/router';
import { standingWords } from '../../state/run-queue';
import { progressShare, runName, statusWords } from '../../state/run-words';
import { testIds } from '../../test-ids';

/** Below this a checkpoint of a small model may not fit. */
const lowDiskBytes = 2e9;

export function StatusBar(): ReactNode {
  const state = useAppState();
  const info = valueOf(state.info);
  const runs = runsOf(state);
  const run = currentRun(runs);
  const share = run === null ? null : progressShare(run);
  return (
    <Box
      component="footer"
      aria-label="Status"
      data-testid={testIds.statusBar}
      sx={{
        gridColumn: '1 / -1',
        display: 'flex',
        alignItems: 'center',
        gap: { xs: 1.5, lg: 3 },
        px: 2,
        height: 30,
        borderTop: '1px solid',
        borderColor: 'divider',
        bgcolor: 'background.paper',
        fontSize: 12,
        color: 'text.secondary',
        minWidth: 0,
      }}
    >
      <Tooltip title={info?.engineReason ?? info?.engine ?? ''}>
        <Typography
          variant="caption"
          noWrap
          sx={{ minWidth: 0, flex: '0 4 auto', ...(info?.engineReason ? { color: 'warning.main' } : {}) }}
        >
          {info?.engine ?? 'Looking for the engine'}
        </Typography>
      </Tooltip>
      <Box
        sx={{
          flex: '1 0 auto',
          minWidth: 0,
          maxWidth: '80%',
          display: 'flex',
          alignItems: 'center',
          justifyContent: 'center',
          gap: 1.5,
        }}
      >
        {run !== null && (
          <>
            <Link
              href={formatRoute({ page: 'run', id: run.id })}
              data-testid={testIds.statusJob}
              variant="caption"
              color="textPrimary"
              underline="hover"
              noWrap
              sx={{ fontWeight: 600, minWidth: 60, maxWidth: 260, flex: '0 3 auto' }}
            >
              {runName(run)}
            </Link>
            {run.status !== 'queued' && ( // a moving bar would say that something is done
              <LinearProgress
                aria-label={`Progress of ${runName(run)}`}
                variant={share === null ? 'indeterminate' : 'determinate'}
                value={(share ?? 0) * 100}
                sx={{ width: { xs: 64, lg: 120 }, flex: 'none' }}
              />
            )}
            <Typography variant="caption" noWrap sx={{ minWidth: 0, flex: '0 1 auto' }}>
              {run.status === 'running' ? '' : `${statusWords(run.status).label.toLowerCase()} · `}
              {standingWords(runs, run)}
            </Typography>
          </>
        )}
      </Box>
      {info !== null && (
        <Typography
          variant="caption"
          noWrap
          sx={{ flex: 'none', ...(info.diskFreeBytes < lowDiskBytes ? { color: 'error.main', fontWeight: 600 } : {}) }}
        >
          {formatBytes(info.diskFreeBytes)} disk left
        </Typography>
      )}
    </Box>
  );
}
