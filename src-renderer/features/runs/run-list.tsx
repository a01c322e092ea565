import { Box, Button, Checkbox, Link, Table, TableBody, TableCell, TableHead, TableRow, Tooltip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { isResumable } from '../../../src-main/shared/run-status';
import type { RunView } from '../../../src-main/shared/views';
import { visuallyHidden } from '../../components/visually-hidden';
import { useAction } from '../../api/use-action';
import { ErrorDialog } from '../../components/error-dialog';
import { StatusChip } from '../../components/status-chip';
import { useNow } from '../../components/use-now';
import { formatAgo, formatDate, formatNumber } from '../../state/format';
import { formatRoute } from '../../state/router';
import { progressWords, runName } from '../../state/run-words';
import { testIds } from '../../test-ids';

export interface RunListProps {
  readonly runs: readonly RunView[];
  readonly label: string;
  readonly ticked?: ReadonlySet<string>;
  readonly onTick?: (run: RunView) => void;
  readonly isTickable?: (run: RunView) => boolean;
  readonly hasResume?: boolean;
  readonly onMenu?: (run: RunView, anchor: HTMLElement) => void;
  readonly menu?: (run: RunView) => ReactNode;
}

const wideOnly = { display: { xs: 'none', lg: 'table-cell' } } as const;
const oneLine = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;

export function RunList({ runs, label, ticked, onTick, isTickable, hasResume = false, menu }: RunListProps): ReactNode {
  const now = useNow();
  const resume = useAction('runs:resume');
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table size="small" aria-label={label} sx={{ tableLayout: 'fixed', minWidth: 640 }}>
        <TableHead>
          <TableRow>
            {onTick !== undefined && <TableCell sx={{ width: 46 }}><span style={visuallyHidden}>Compare</span></TableCell>}
            <TableCell sx={{ width: { xs: '30%', lg: '27%' } }}>Run</TableCell>
            <TableCell sx={{ width: 112 }}>Status</TableCell>
            <TableCell>Length</TableCell>
            <TableCell align="right" sx={{ width: 92, ...wideOnly }}>Final loss</TableCell>
            <TableCell sx={{ width: 112 }}>Started</TableCell>
            {(hasResume || menu !== undefined) && <TableCell sx={{ width: hasResume ? 112 : 52 }}><span style={visuallyHidden}>Actions</span></TableCell>}
          </TableRow>
        </TableHead>
        <TableBody>
          {runs.map((run) => (
            <TableRow key={run.id} hover data-testid={testIds.runRow(run.id)}>
              {onTick !== undefined && (
                <TableCell padding="checkbox" sx={{ pl: 1 }}>
                  <Checkbox size="small" checked={ticked?.has(run.id) ?? false} disabled={isTickable !== undefined && !isTickable(run)} onChange={() => onTick(run)} slotProps={{ input: { 'aria-label': `Compare ${runName(run)}`, 'data-testid': testIds.runTick(run.id) } as Record<string, string> }} />
                </TableCell>
              )}
              <TableCell>
                <Link href={formatRoute({ page: 'run', id: run.id })} color="textPrimary" underline="hover" title={runName(run)} sx={{ fontWeight: 600, display: 'block', ...oneLine }}>{runName(run)}</Link>
                <Typography variant="caption" color="textSecondary" title={`${run.modelName} on ${run.datasetName}`} sx={{ display: 'block', ...oneLine }}>{run.modelName} · {run.datasetName}</Typography>
              </TableCell>
              <TableCell><StatusChip status={run.status} /></TableCell>
              <TableCell>
                <Typography variant="body2" title={run.error?.message ?? run.lengthVerdict ?? ''} color={run.lengthVerdict === null ? 'textSecondary' : 'textPrimary'} sx={{ display: '-webkit-box', WebkitLineClamp: 2, WebkitBoxOrient: 'vertical', overflow: 'hidden' }}>
                  {run.status === 'failed' && run.error !== null ? run.error.message : (run.lengthVerdict ?? progressWords(run))}
                </Typography>
              </TableCell>
              <TableCell align="right" sx={wideOnly} title={run.finalLoss === null ? '' : String(run.finalLoss)}>{formatNumber(run.finalLoss)}</TableCell>
              <TableCell>
                <Tooltip title={formatDate(run.startedAt ?? run.createdAt)}><span>{run.status === 'queued' ? 'waiting' : formatAgo(run.startedAt ?? run.createdAt, now)}</span></Tooltip>
              </TableCell>
              {hasResume && <TableCell align="right">{isResumable(run.status) && <Button size="small" variant="outlined" disabled={resume.isBusy} onClick={() => void resume.run({ id: run.id })}>Continue</Button>}</TableCell>}
              {menu !== undefined && <TableCell align="right" sx={{ px: 0.5 }}>{menu(run)}</TableCell>}
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <ErrorDialog title="The run cannot go on now" error={resume.error} onClose={resume.clearError} />
    </Box>
  );
}
