import { Box, Button, Table, TableBody, TableCell, TableHead, TableRow, Typography, useTheme } from '@mui/material';
import { useMemo, useState, type ReactNode } from 'react';
import type { ComparisonView } from '../../../src-main/shared/views/comparison';
import { Panel } from '../../components/panel';
import { RunKey } from '../../components/run-key';
import { comparedRows } from '../../state/config-rows';
import { testIds } from '../../test-ids';
import { runStyles } from '../../theme/palette';

export function Differences({ view }: { readonly view: ComparisonView }): ReactNode {
  const [isAll, setAll] = useState(false);
  const { data } = useTheme();
  const styles = runStyles(data, view.runs);
  const rows = useMemo(() => comparedRows(view), [view]).filter(({ isDifferent }) => isAll || isDifferent);
  return (
    <Panel
      isFlush
      title="What differs"
      testId={testIds.compareDifferences}
      actions={
        <Button size="small" onClick={() => setAll(!isAll)}>
          {isAll ? 'Only differences' : 'Show all'}
        </Button>
      }
    >
      {rows.length === 0 ? (
        <Typography variant="body2" color="textSecondary" sx={{ px: '18px', pb: 2 }}>
          Nothing: these runs have the same configuration.
        </Typography>
      ) : (
        <Box sx={{ overflowX: 'auto', maxHeight: 480 }}>
          <Table size="small" aria-label="What differs" sx={{ minWidth: 210 + 140 * view.runs.length }}>
            <TableHead>
              <TableRow>
                <TableCell sx={{ width: 210 }}>Setting</TableCell>
                {view.runs.map((run, index) => (
                  <TableCell key={run.id} sx={{ maxWidth: 220 }}>
                    <RunKey run={run} style={styles[index]!} />
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map(({ path, label, values, isDifferent }) => (
                <TableRow key={path} sx={isAll && isDifferent ? { bgcolor: (theme) => theme.data.neutralSoft } : {}}>
                  <TableCell component="th" scope="row" title={path} sx={{ color: 'text.secondary' }}>
                    {label}
                  </TableCell>
                  {values.map((value, index) => (
                    <TableCell key={index} sx={{ overflowWrap: 'anywhere', maxWidth: 260 }}>
                      {value}
                    </TableCell>
                  ))}
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
    </Panel>
  );
}
