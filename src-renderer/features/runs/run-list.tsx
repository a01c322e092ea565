import {
  Box,
  Button,
  Checkbox,
  Link,
  Table,
  TableCell,
  TableHead,
  TableRow,
  TableSortLabel,
  Tooltip,
  Typography,
  useTheme,
} from '@mui/material';
import type { ReactNode } from 'react';
import { isResumable } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';
import { visuallyHidden } from '../../components/visually-hidden';
import { useAppState } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { ErrorDialog } from '../../components/error-dialog';
import { RunMark } from '../../components/run-key';
import { StatusChip } from '../../components/status-chip';
import { useNow } from '../../components/use-now';
import { WindowedRows } from '../../components/windowed-rows';
import { runsOf } from '../../state/app-state';
import { formatAgo, formatDate, formatNumber, unbroken } from '../../state/format';
import { formatRoute } from '../../state/router';
import type { RunOrder, RunSort } from '../../state/run-list';
import { standingWords } from '../../state/run-queue';
import { runName } from '../../state/run-words';
import { testIds } from '../../test-ids';
import { runStyle } from '../../theme/palette';

export interface RunListProps {
  readonly runs: readonly RunView[];
  readonly label: string;
  readonly ticked?: ReadonlySet<string>;
  readonly onTick?: (run: RunView) => void;
  readonly isTickable?: (run: RunView) => boolean;
  readonly hasResume?: boolean;
  /** With it the heads of the columns sort. */
  readonly order?: RunOrder;
  readonly onSort?: (by: RunSort) => void;
  readonly menu?: (run: RunView) => ReactNode;
}

const wideOnly = { display: { xs: 'none', lg: 'table-cell' } } as const;
const oneLine = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' } as const;
const lines = (count: number) =>
  ({
    display: '-webkit-box',
    WebkitLineClamp: count,
    WebkitBoxOrient: 'vertical',
    overflow: 'hidden',
    overflowWrap: 'anywhere',
  }) as const;
/** Of a row whose verdict takes two lines. */
const usualRowHeight = 57;
const idOf = (run: RunView): string => run.id;

export function RunList({
  runs,
  label,
  ticked,
  onTick,
  isTickable,
  hasResume = false,
  order,
  onSort,
  menu,
}: RunListProps): ReactNode {
  const now = useNow();
  const { data } = useTheme();
  const resume = useAction('runs:resume');
  const head = (by: RunSort, text: string): ReactNode =>
    order === undefined ? (
      text
    ) : (
      <TableSortLabel
        active={order.by === by}
        direction={order.by === by && !order.isDescending ? 'asc' : 'desc'}
        onClick={() => onSort?.(by)}
        data-testid={testIds.runsSort(by)}
      >
        {text}
      </TableSortLabel>
    );
  const sorted = (by: RunSort): 'asc' | 'desc' | false =>
    order?.by === by ? (order.isDescending ? 'desc' : 'asc') : false;
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table
        size="small"
        aria-label={label}
        aria-rowcount={runs.length + 1}
        sx={{ tableLayout: 'fixed', minWidth: 640 }}
      >
        <TableHead>
          <TableRow>
            {onTick !== undefined && (
              <TableCell sx={{ width: 46 }}>
                <span style={visuallyHidden}>Compare</span>
              </TableCell>
            )}
            <TableCell sortDirection={sorted('name')} sx={{ width: { xs: '30%', lg: '27%' } }}>
              {head('name', 'Run')}
            </TableCell>
            <TableCell sortDirection={sorted('status')} sx={{ width: 118 }}>
              {head('status', 'Status')}
            </TableCell>
            <TableCell>Length</TableCell>
            <TableCell align="right" sortDirection={sorted('loss')} sx={{ width: 108, ...wideOnly }}>
              {head('loss', 'Final loss')}
            </TableCell>
            <TableCell sortDirection={sorted('created')} sx={{ width: 112 }}>
              {head('created', 'Started')}
            </TableCell>
            {(hasResume || menu !== undefined) && (
              <TableCell sx={{ width: hasResume ? 112 : 52 }}>
                <span style={visuallyHidden}>Actions</span>
              </TableCell>
            )}
          </TableRow>
        </TableHead>
        <WindowedRows items={runs} keyOf={idOf} rowHeight={usualRowHeight}>
          {(run, row) => (
            <TableRow {...row} hover data-testid={testIds.runRow(run.id)}>
              {onTick !== undefined && (
                <TableCell padding="checkbox" sx={{ pl: 1 }}>
                  <Checkbox
                    size="small"
                    checked={ticked?.has(run.id) ?? false}
                    disabled={isTickable !== undefined && !isTickable(run)}
                    onChange={() => onTick(run)}
                    slotProps={{
                      input: {
                        'aria-label': `Compare ${runName(run)}`,
                        'data-testid': testIds.runTick(run.id),
                      } as Record<string, string>,
                    }}
                  />
                </TableCell>
              )}
              <TableCell>
                <Box sx={{ display: 'flex', alignItems: 'flex-start', gap: 1 }}>
                  <Box component="span" sx={{ display: 'flex', pt: '5px' }}>
                    <RunMark {...runStyle(data, run)} />
                  </Box>
                  <Link
                    href={formatRoute({ page: 'run', id: run.id })}
                    color="textPrimary"
                    underline="hover"
                    title={runName(run)}
                    sx={{ fontWeight: 600, minWidth: 0, ...lines(2) }}
                  >
                    {runName(run)}
                  </Link>
                </Box>
                <Typography
                  variant="caption"
                  color="textSecondary"
                  title={`${run.modelName} on ${run.datasetName}`}
                  sx={{ display: 'block', ...oneLine }}
                >
                  {run.modelName} · {run.datasetName}
                </Typography>
              </TableCell>
              <TableCell>
                <StatusChip status={run.status} />
              </TableCell>
              <TableCell>
                <Outcome run={run} />
              </TableCell>
              <TableCell align="right" sx={wideOnly} title={run.finalLoss === null ? '' : String(run.finalLoss)}>
                {formatNumber(run.finalLoss)}
              </TableCell>
              <TableCell>
                <Tooltip title={formatDate(run.startedAt ?? run.createdAt)}>
                  <span>{run.status === 'queued' ? 'not yet' : formatAgo(run.startedAt ?? run.createdAt, now)}</span>
                </Tooltip>
              </TableCell>
              {hasResume && (
                <TableCell align="right">
                  {isResumable(run.status) && (
                    <Button
                      size="small"
                      variant="outlined"
                      disabled={resume.isBusy}
                      onClick={() => void resume.run({ id: run.id })}
                    >
                      Continue
                    </Button>
                  )}
                </TableCell>
              )}
              {menu !== undefined && (
                <TableCell align="right" sx={{ px: 0.5 }}>
                  {menu(run)}
                </TableCell>
              )}
            </TableRow>
          )}
        </WindowedRows>
      </Table>
      <ErrorDialog title="The run cannot go on now" error={resume.error} onClose={resume.clearError} />
    </Box>
  );
}

/** A verdict is never cut; an error may be of any length. */
function Outcome({ run }: { readonly run: RunView }): ReactNode {
  const all = runsOf(useAppState());
  if (run.status === 'failed' && run.error !== null)
    return (
      <Typography variant="body2" title={run.error.message} sx={lines(3)}>
        {run.error.message}
      </Typography>
    );
  return (
    <Typography
      variant="body2"
      color={run.lengthVerdict === null ? 'textSecondary' : 'textPrimary'}
      sx={{ overflowWrap: 'anywhere' }}
    >
      {unbroken(run.lengthVerdict ?? standingWords(all, run))}
    </Typography>
  );
}
