import { Box, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { heldOutName, isListed, stepMetrics, type MetricName } from '../../../src-main/shared/metrics/registry';
import { formatNumber } from '../../state/format';
import { lastValue, type RunMetrics } from '../../state/run-metrics';

/** Every number a run reports, training beside held-out, each with the sentence that says what it means. */
export function AllNumbers({ metrics }: { readonly metrics: RunMetrics }): ReactNode {
  const names = Object.keys(metrics.series).filter(isListed);
  if (names.length === 0)
    return (
      <Typography variant="body2" color="textSecondary">
        They come with the first step.
      </Typography>
    );
  const last = (name: MetricName | null): string => {
    const value = name === null ? null : lastValue(metrics, name);
    return value === null ? '–' : formatNumber(value);
  };
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table size="small" aria-label="All numbers">
        <TableHead>
          <TableRow>
            <TableCell>Number</TableCell>
            <TableCell align="right">Last step</TableCell>
            <TableCell align="right">Held-out</TableCell>
            <TableCell>What it means</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {names.map((name) => {
            const { title, unit, meaning } = stepMetrics[name];
            return (
              <TableRow key={name}>
                <TableCell sx={{ minWidth: 180 }}>
                  {title}
                  {unit === '' ? '' : ` (${unit})`}
                  <Typography component="div" variant="caption" color="textSecondary">
                    {name}
                  </Typography>
                </TableCell>
                <TableCell align="right" sx={{ fontVariantNumeric: 'tabular-nums' }}>
                  {last(name)}
                </TableCell>
                <TableCell align="right" sx={{ fontVariantNumeric: 'tabular-nums' }}>
                  {last(heldOutName(name))}
                </TableCell>
                <TableCell sx={{ minWidth: 260 }}>{meaning}</TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </Box>
  );
}
