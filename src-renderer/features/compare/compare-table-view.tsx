import { Box, Table, TableBody, TableCell, TableHead, TableRow, Tooltip, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { ComparisonView } from '../../../src-main/shared/views/comparison';
import { Panel } from '../../components/panel';
import { RunKey } from '../../components/run-key';
import { visuallyHidden } from '../../components/visually-hidden';
import { StatusChip } from '../../components/status-chip';
import { useNow } from '../../components/use-now';
import { compareRows } from '../../state/compare-table';
import { testIds } from '../../test-ids';
import { runStyles } from '../../theme/palette';

export function CompareTable({ view }: { readonly view: ComparisonView }): ReactNode {
  const now = useNow(1000);
  const { data } = useTheme();
  const styles = runStyles(data, view.runs);
  const width = Math.max(140, Math.floor(520 / view.runs.length));
  return (
    <Panel isFlush testId={testIds.compareTable}>
      <Box sx={{ overflowX: 'auto' }}>
        <Table
          size="small"
          aria-label="Comparison"
          sx={{ tableLayout: 'fixed', minWidth: 210 + width * view.runs.length }}
        >
          <TableHead>
            <TableRow>
              <TableCell sx={{ width: 210, position: 'sticky', left: 0, bgcolor: 'background.paper', zIndex: 1 }}>
                <span style={visuallyHidden}>Measure</span>
              </TableCell>
              {view.runs.map((run, index) => (
                <TableCell key={run.id} sx={{ color: 'text.primary', fontSize: 13 }}>
                  <RunKey run={run} style={styles[index]!} />
                  {isActive(run.status) || run.status !== 'finished' ? (
                    <Box sx={{ mt: 0.5 }}>
                      <StatusChip status={run.status} />
                    </Box>
                  ) : null}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {compareRows(view, now).map((row) => (
              <TableRow key={row.id}>
                <TableCell
                  component="th"
                  scope="row"
                  sx={{ position: 'sticky', left: 0, bgcolor: 'background.paper', zIndex: 1, color: 'text.secondary' }}
                >
                  <Tooltip title={row.help} placement="right">
                    <span tabIndex={0}>{row.label}</span>
                  </Tooltip>
                </TableCell>
                {row.cells.map((cell, index) => (
                  <TableCell
                    key={view.runs[index]?.id ?? index}
                    title={row.exact[index] === null ? '' : String(row.exact[index])}
                    sx={{ fontWeight: 600 }}
                  >
                    {cell}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Box>
    </Panel>
  );
}
