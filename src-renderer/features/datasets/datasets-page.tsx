import Add from '@mui/icons-material/Add';
import { Box, Button, Chip, Link, Table, TableCell, TableHead, TableRow, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { WindowedRows } from '../../components/windowed-rows';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import { formatNames, problemCount } from '../../state/dataset-words';
import { formatCount, formatShort, formatPercent, plural } from '../../state/format';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { ImportDialog } from './import-dialog';

export function DatasetsPage(): ReactNode {
  const { datasets } = useAppState();
  const reload = useReload();
  const [isImporting, setImporting] = useState(false);
  const button = (
    <Button
      variant="contained"
      startIcon={<Add />}
      onClick={() => setImporting(true)}
      data-testid={testIds.importDataset}
    >
      Import a dataset
    </Button>
  );
  return (
    <Page
      title="Datasets"
      lead="Preference pairs: to each prompt a chosen and a rejected answer. Files stay where they are and are never changed."
      actions={button}
    >
      <Loaded data={datasets} onRetry={() => reload('datasets')}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState
              title="No datasets yet"
              text={
                'Import a JSON or JSONL file (also gzipped) with pairs: prompt, chosen and rejected as text, message ' +
                'lists, ShareGPT conversations or HH transcripts. The format is found by itself.'
              }
              action={button}
            />
          ) : (
            <Panel isFlush>
              <DatasetTable datasets={list} />
            </Panel>
          )
        }
      </Loaded>
      {isImporting && (
        <ImportDialog
          onClose={() => setImporting(false)}
          onDone={(dataset) => {
            setImporting(false);
            reload('datasets');
            go({ page: 'dataset', id: dataset.id, tab: 'length' });
          }}
        />
      )}
    </Page>
  );
}

const idOf = ({ id }: DatasetView): string => id;

function DatasetTable({ datasets }: { readonly datasets: readonly DatasetView[] }): ReactNode {
  return (
    <Box sx={{ overflowX: 'auto' }}>
      <Table aria-label="Datasets" sx={{ tableLayout: 'fixed', minWidth: 700 }}>
        <TableHead>
          <TableRow>
            <TableCell>Dataset</TableCell>
            <TableCell align="right" sx={{ width: 84 }}>
              Pairs
            </TableCell>
            <TableCell align="right" sx={{ width: 92 }}>
              Problems
            </TableCell>
            <TableCell sx={{ width: { xs: 150, lg: 190 } }}>Chosen is longer in</TableCell>
            <TableCell align="right" sx={{ width: { xs: 146, lg: 170 } }}>
              Median length
            </TableCell>
            <TableCell align="right" sx={{ width: 84 }}>
              Used by
            </TableCell>
          </TableRow>
        </TableHead>
        <WindowedRows items={datasets} keyOf={idOf} rowHeight={58}>
          {(dataset, row) => {
            const { profile, usable } = dataset.inspection;
            const problems = problemCount(dataset.inspection);
            return (
              <TableRow {...row} hover data-testid={testIds.datasetRow(dataset.name)}>
                <TableCell>
                  <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, minWidth: 0 }}>
                    <Link
                      href={formatRoute({ page: 'dataset', id: dataset.id, tab: 'length' })}
                      color="textPrimary"
                      underline="hover"
                      noWrap
                      title={dataset.name}
                      sx={{ fontWeight: 600 }}
                    >
                      {dataset.name}
                    </Link>
                    {dataset.starter && <Chip size="small" label="Starter" />}
                  </Box>
                  <Typography
                    variant="caption"
                    color="textSecondary"
                    noWrap
                    title={dataset.path}
                    sx={{ display: 'block' }}
                  >
                    {formatNames[dataset.format]} · {dataset.path}
                  </Typography>
                </TableCell>
                <TableCell align="right">{formatCount(usable)}</TableCell>
                <TableCell align="right">
                  {problems === 0 ? (
                    '0'
                  ) : (
                    <Link href={formatRoute({ page: 'dataset', id: dataset.id, tab: 'problems' })} color="warning">
                      {formatCount(problems)}
                    </Link>
                  )}
                </TableCell>
                <TableCell>
                  {profile === null ? '–' : <ShareBar longer={profile.chosenLonger} equal={profile.equal} />}
                </TableCell>
                <TableCell align="right">
                  {profile === null ? (
                    '–'
                  ) : (
                    <Medians chosen={profile.chosen.median} rejected={profile.rejected.median} unit={profile.unit} />
                  )}
                </TableCell>
                <TableCell align="right">{dataset.usedBy === 0 ? '–' : plural(dataset.usedBy, 'run')}</TableCell>
              </TableRow>
            );
          }}
        </WindowedRows>
      </Table>
    </Box>
  );
}

function Medians({
  chosen,
  rejected,
  unit,
}: {
  readonly chosen: number;
  readonly rejected: number;
  readonly unit: string;
}): ReactNode {
  return (
    <>
      <Box component="span" sx={{ color: (theme) => theme.data.chosenText, fontWeight: 600 }} title="Median of chosen">
        {formatShort(chosen, 3)}
      </Box>
      {' / '}
      <Box
        component="span"
        sx={{ color: (theme) => theme.data.rejectedText, fontWeight: 600 }}
        title="Median of rejected"
      >
        {formatShort(rejected, 3)}
      </Box>
      <Typography variant="caption" color="textSecondary" sx={{ display: 'block' }}>
        chosen / rejected, {unit}
      </Typography>
    </>
  );
}

/** Chosen longer, equal, rejected longer: one bar of 100 %. */
function ShareBar({ longer, equal }: { readonly longer: number; readonly equal: number }): ReactNode {
  const { data } = useTheme();
  return (
    <Box
      title={`chosen longer ${formatPercent(longer)}, equal ${formatPercent(equal)}, rejected longer ${formatPercent(1 - longer - equal)}`}
      sx={{ display: 'flex', alignItems: 'center', gap: 1 }}
    >
      <Typography variant="body2" sx={{ width: 40, flex: 'none' }}>
        {formatPercent(longer)}
      </Typography>
      <svg
        viewBox="0 0 110 10"
        preserveAspectRatio="none"
        width="100%"
        height="10"
        aria-hidden="true"
        style={{ maxWidth: 110 }}
      >
        <rect width={110 * longer} height="10" fill={data.chosen} />
        <rect x={110 * longer} width={110 * equal} height="10" fill={data.neutral} fillOpacity="0.45" />
        <rect
          x={110 * (longer + equal)}
          width={Math.max(0, 110 * (1 - longer - equal))}
          height="10"
          fill={data.rejected}
        />
        <line x1="55" x2="55" y1="0" y2="10" stroke={data.paper} strokeWidth="1.5" />
      </svg>
    </Box>
  );
}
