import { Box, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { formatCount, formatNumber } from '../../state/format';
import type { TableData } from '../../state/csv';
import { testIds } from '../../test-ids';

const shownRows = 500;

/** Every number of a chart for those who read rather than look. The newest come first in what is cut. */
export function ChartTable({
  id,
  caption,
  table,
  height,
}: {
  readonly id: string;
  readonly caption: string;
  readonly table: TableData;
  readonly height: number;
}): ReactNode {
  const rows = table.rows.slice(-shownRows);
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={`${caption} as a table`}
      data-testid={testIds.chartTable(id)}
      sx={{
        height: height + 24,
        overflow: 'auto',
        mt: 1,
        border: '1px solid',
        borderColor: 'divider',
        borderRadius: 1,
      }}
    >
      <Table size="small" stickyHeader>
        <TableHead>
          <TableRow>
            {table.columns.map((column) => (
              <TableCell key={column} align="right" sx={{ py: 0.5, bgcolor: 'background.paper' }}>
                {column}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row, index) => (
            <TableRow key={index}>
              {row.map((value, column) => (
                <TableCell key={column} align="right" title={value === null ? '' : String(value)} sx={{ py: 0.25 }}>
                  {typeof value === 'number'
                    ? Number.isInteger(value)
                      ? formatCount(value)
                      : formatNumber(value, 4)
                    : (value ?? '–')}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      {table.rows.length > shownRows && (
        <Typography variant="caption" color="textSecondary" sx={{ display: 'block', p: 1 }}>
          The last {formatCount(shownRows)} of {formatCount(table.rows.length)} rows; the CSV file has all.
        </Typography>
      )}
    </Box>
  );
}
