import { Box, Link } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunView } from '../../src-main/shared/views/run';
import { formatRoute } from '../state/router';
import { runName } from '../state/run-words';
import type { RunStyle } from '../theme/palette';

/** A run's line as its charts draw it. */
export const RunMark = ({ color, dash }: RunStyle): ReactNode => (
  <svg width="26" height="10" aria-hidden="true" style={{ flex: 'none' }}>
    <line x1="0" x2="26" y1="5" y2="5" stroke={color} strokeWidth="2.5" strokeDasharray={dash} />
  </svg>
);

/** A run's name with its line: the same colour and dash everywhere. */
export function RunKey({ run, style }: { readonly run: RunView; readonly style: RunStyle }): ReactNode {
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1, minWidth: 0, maxWidth: '100%' }}>
      <RunMark {...style} />
      <Link
        href={formatRoute({ page: 'run', id: run.id })}
        color="textPrimary"
        underline="hover"
        noWrap
        title={runName(run)}
        sx={{ fontWeight: 620, minWidth: 0 }}
      >
        {runName(run)}
      </Link>
    </Box>
  );
}
