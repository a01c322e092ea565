import { Box, Link, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunView } from '../../../src-main/shared/views';
import { formatRoute } from '../../state/router';
import { runName } from '../../state/run-words';
import { runStyle } from '../../theme/palette';

/** A run's name with its line: the same colour and dash in every chart of the page. */
export function RunKey({ run, index }: { readonly run: RunView; readonly index: number }): ReactNode {
  const { data } = useTheme();
  const { color, dash } = runStyle(data, index);
  return (
    <Box component="span" sx={{ display: 'inline-flex', alignItems: 'center', gap: 1, minWidth: 0, maxWidth: '100%' }}>
      <svg width="26" height="10" aria-hidden="true" style={{ flex: 'none' }}><line x1="0" x2="26" y1="5" y2="5" stroke={color} strokeWidth="2.5" strokeDasharray={dash} /></svg>
      <Link href={formatRoute({ page: 'run', id: run.id })} color="textPrimary" underline="hover" noWrap title={runName(run)} sx={{ fontWeight: 620, minWidth: 0 }}>{runName(run)}</Link>
    </Box>
  );
}
