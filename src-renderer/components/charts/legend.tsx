import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';

export interface LegendEntry {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly dash?: string;
  readonly mark?: 'line' | 'dot' | 'ring' | 'box';
  readonly value?: string | null;
}

/** Names the marks and reads their values at the crosshair, or their last ones. */
export function Legend({ entries, at }: { readonly entries: readonly LegendEntry[]; readonly at?: string }): ReactNode {
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        alignItems: 'center',
        columnGap: 1.75,
        rowGap: 0.25,
        minHeight: 22,
        mb: 0.25,
      }}
    >
      {entries.map(({ id, label, color, dash = '', mark = 'line', value }) => (
        <Box key={id} sx={{ display: 'flex', alignItems: 'center', gap: 0.75, minWidth: 0 }}>
          <svg width={mark === 'line' ? 22 : 11} height={11} aria-hidden="true">
            {mark === 'line' && (
              <line x1={0} x2={22} y1={5.5} y2={5.5} stroke={color} strokeWidth={2} strokeDasharray={dash} />
            )}
            {mark === 'dot' && <circle cx={5.5} cy={5.5} r={3.5} fill={color} />}
            {mark === 'ring' && <circle cx={5.5} cy={5.5} r={3.5} fill="none" stroke={color} strokeWidth={1.5} />}
            {mark === 'box' && <rect x={0.5} y={0.5} width={10} height={10} fill={color} fillOpacity={0.75} />}
          </svg>
          <Typography variant="caption" color="textSecondary" noWrap sx={{ maxWidth: 190 }} title={label}>
            {label}
          </Typography>
          {value !== undefined && (
            <Typography variant="caption" sx={{ fontWeight: 600 }}>
              {value ?? '–'}
            </Typography>
          )}
        </Box>
      ))}
      {at !== undefined && (
        <Typography variant="caption" color="textSecondary" sx={{ ml: 'auto' }}>
          {at}
        </Typography>
      )}
    </Box>
  );
}
