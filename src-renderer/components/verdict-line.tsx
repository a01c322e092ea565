import CheckCircleOutline from '@mui/icons-material/CheckCircleOutlined';
import InfoOutlined from '@mui/icons-material/InfoOutlined';
import WarningAmber from '@mui/icons-material/WarningAmber';
import { Box, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { unbroken } from '../state/format';

export interface VerdictLineProps {
  readonly text: string;
  readonly basis?: string;
  readonly level: 'neutral' | 'good' | 'warning';
  readonly label?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}

/** A sentence made of measured numbers, with what it rests on underneath. */
export function VerdictLine({ text, basis, level, label, testId, children }: VerdictLineProps): ReactNode {
  const { data } = useTheme();
  const [color, background] =
    level === 'good'
      ? [data.good, data.goodSoft]
      : level === 'warning'
        ? [data.warning, data.warningSoft]
        : [data.muted, data.neutralSoft];
  const Icon = level === 'good' ? CheckCircleOutline : level === 'warning' ? WarningAmber : InfoOutlined;
  return (
    <Box
      role="status"
      data-testid={testId}
      data-level={level}
      sx={{
        display: 'flex',
        gap: 1.5,
        p: '12px 16px',
        borderRadius: '4px 8px 8px 4px',
        bgcolor: background,
        borderLeft: '4px solid',
        borderColor: color,
      }}
    >
      <Icon aria-hidden="true" sx={{ color, fontSize: 22, mt: '1px', flex: 'none' }} />
      <Box sx={{ minWidth: 0 }}>
        <Typography variant="body1" sx={{ fontWeight: 550, overflowWrap: 'anywhere' }}>
          {label !== undefined && (
            <Box component="span" sx={{ color, fontWeight: 700 }}>
              {label}{' '}
            </Box>
          )}
          {unbroken(text)}
        </Typography>
        {basis !== undefined && (
          <Typography variant="body2" color="textSecondary">
            Basis: {unbroken(basis)}.
          </Typography>
        )}
        {children}
      </Box>
    </Box>
  );
}
