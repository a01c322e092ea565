import { Box, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunStatus } from '../../src-main/shared/runs/run-status';
import { statusWords, type StatusWords } from '../state/run-words';
import type { DataPalette } from '../theme/palette';

const colors = (data: DataPalette): Readonly<Record<StatusWords['tone'], readonly [string, string]>> => ({
  working: [data.chosenText, data.chosenSoft],
  waiting: [data.muted, data.neutralSoft],
  quiet: [data.muted, data.neutralSoft],
  good: [data.good, data.goodSoft],
  warning: [data.warning, data.warningSoft],
  bad: [data.bad, data.badSoft],
});

/** Nothing moves in it: a pulsing dot took 8 % of a core from training where nothing but the processor draws. */
export function StatusChip({ status, testId }: { readonly status: RunStatus; readonly testId?: string }): ReactNode {
  const { data } = useTheme();
  const { label, tone } = statusWords(status);
  const [color, background] = colors(data)[tone];
  return (
    <Box
      component="span"
      data-testid={testId}
      data-status={status}
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        px: 1,
        py: '2px',
        borderRadius: 10,
        bgcolor: background,
        color,
        fontSize: 12,
        fontWeight: 600,
        lineHeight: 1.5,
        whiteSpace: 'nowrap',
        flex: 'none',
      }}
    >
      <Box
        component="span"
        aria-hidden="true"
        sx={{
          width: 7,
          height: 7,
          borderRadius: '50%',
          bgcolor: color,
          ...(tone === 'waiting' || tone === 'quiet' ? { bgcolor: 'transparent', border: '1.5px solid' } : {}),
        }}
      />
      {label}
    </Box>
  );
}
