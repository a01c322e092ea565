import {
  Alert,
  Box,
  Button,
  Link,
  Tab,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  Tabs,
  Typography,
} from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { RunDetail } from '../../../src-main/shared/views/run';
import { useAppState } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { CodeBlock } from '../../components/code-block';
import { ErrorPanel } from '../../components/error-panel';
import { Facts } from '../../components/key-value';
import { Panel } from '../../components/panel';
import { isDatasetOf } from '../../state/app-state';
import { formatBytes, formatCount, formatDate, plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { formatRoute } from '../../state/router';
import type { RunMetrics } from '../../state/run-metrics';
import { specFacts } from '../../state/spec-facts';
import { testIds } from '../../test-ids';
import { AllNumbers } from './all-numbers';
import { SpeedCharts } from './speed-charts';

const tabs = {
  config: 'Config',
  data: 'Data',
  events: 'Problems',
  numbers: 'All numbers',
  speed: 'Memory and speed',
  checkpoints: 'Checkpoints',
  files: 'Files',
} as const;
type DetailTab = keyof typeof tabs;

export function Details({ detail, metrics }: { readonly detail: RunDetail; readonly metrics: RunMetrics }): ReactNode {
  const [tab, setTab] = useState<DetailTab>(detail.problems.length > 0 ? 'events' : 'config');
  return (
    <Panel>
      <Box sx={{ borderBottom: '1px solid', borderColor: 'divider', mb: 2, mt: -1 }}>
        <Tabs value={tab} onChange={(_, next: DetailTab) => setTab(next)} variant="scrollable" aria-label="Details">
          {(Object.keys(tabs) as readonly DetailTab[]).map((key) => (
            <Tab
              key={key}
              value={key}
              data-testid={testIds.runTab(key)}
              label={
                key === 'events' && detail.problems.length > 0
                  ? `${tabs.events} (${detail.problems.length})`
                  : tabs[key]
              }
            />
          ))}
        </Tabs>
      </Box>
      {tab === 'config' && <Config detail={detail} />}
      {tab === 'data' && <Data detail={detail} />}
      {tab === 'events' && <Problems problems={detail.problems} />}
      {tab === 'numbers' && <AllNumbers metrics={metrics} />}
      {tab === 'speed' && <SpeedCharts metrics={metrics} />}
      {tab === 'checkpoints' && <Checkpoints detail={detail} />}
      {tab === 'files' && <Files detail={detail} />}
    </Panel>
  );
}

function Config({ detail }: { readonly detail: RunDetail }): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Box
        sx={{
          display: 'grid',
          columnGap: 4,
          rowGap: 2,
          gridTemplateColumns: 'repeat(auto-fit, minmax(260px, 1fr))',
          alignItems: 'start',
        }}
      >
        {specFacts(detail.run.spec).map(({ title, facts }) => (
          <Box key={title}>
            <Typography variant="h3" component="h3" sx={{ mb: 0.75 }}>
              {title}
            </Typography>
            <Facts facts={facts} />
          </Box>
        ))}
      </Box>
      {detail.command !== null && (
        <Box>
          <Typography variant="h3" component="h3" sx={{ mb: 0.75 }}>
            The same run from the command line, in the project’s folder
          </Typography>
          <CodeBlock text={detail.command} label="Command line" />
        </Box>
      )}
    </Box>
  );
}

function Data({ detail }: { readonly detail: RunDetail }): ReactNode {
  const { run } = detail;
  const dataset = (valueOf(useAppState().datasets) ?? []).find((d) => isDatasetOf(d, run.spec.dataset.path));
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Facts
        facts={[
          {
            label: 'Dataset',
            value:
              dataset === undefined ? (
                run.datasetName
              ) : (
                <Link href={formatRoute({ page: 'dataset', id: dataset.id, tab: 'length' })}>{dataset.name}</Link>
              ),
          },
          { label: 'File', value: dataset?.path ?? run.spec.dataset.path },
          ...(dataset === undefined
            ? []
            : [
                {
                  label: 'Usable',
                  value: `${plural(dataset.inspection.usable, 'pair')} of ${plural(dataset.inspection.rows, 'row')}`,
                },
              ]),
        ]}
      />
      {dataset !== undefined && <Typography variant="body2">{dataset.inspection.verdict}</Typography>}
    </Box>
  );
}

function Problems({ problems }: { readonly problems: readonly string[] }): ReactNode {
  if (problems.length === 0)
    return (
      <Typography variant="body2" color="textSecondary">
        Nothing to report.
      </Typography>
    );
  return (
    <Box sx={{ display: 'grid', gap: 1 }}>
      {problems.map((text, i) => (
        <Alert key={i} severity="warning" variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
          {text}
        </Alert>
      ))}
    </Box>
  );
}

function Checkpoints({ detail }: { readonly detail: RunDetail }): ReactNode {
  if (detail.checkpoints.length === 0)
    return (
      <Typography variant="body2" color="textSecondary">
        None yet; one is saved every {plural(detail.run.spec.training.checkpointEvery, 'step')}, on pause and at the
        end.
      </Typography>
    );
  return (
    <Table size="small" aria-label="Checkpoints" sx={{ maxWidth: 560 }}>
      <TableHead>
        <TableRow>
          <TableCell>Step</TableCell>
          <TableCell align="right">Size</TableCell>
          <TableCell>Saved</TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        {detail.checkpoints.map((checkpoint) => (
          <TableRow key={checkpoint.step}>
            <TableCell>{formatCount(checkpoint.step)}</TableCell>
            <TableCell align="right">{formatBytes(checkpoint.bytes)}</TableCell>
            <TableCell>{formatDate(checkpoint.createdAt)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Files({ detail }: { readonly detail: RunDetail }): ReactNode {
  const reveal = useAction('app:reveal');
  return (
    <Box sx={{ display: 'grid', gap: 1.5, justifyItems: 'start' }}>
      <Facts
        facts={[
          { label: 'Folder', value: detail.files.folder },
          { label: 'Size', value: formatBytes(detail.files.bytes) },
          ...detail.exports.map((one) => ({
            label: 'Exported',
            value: `${one.form} ${one.dtype}, ${formatBytes(one.bytes)}: ${one.path}`,
          })),
        ]}
      />
      <Button
        variant="outlined"
        size="small"
        disabled={reveal.isBusy}
        onClick={() => void reveal.run({ what: 'run', id: detail.run.id })}
      >
        Show the folder
      </Button>
      {reveal.error !== null && <ErrorPanel error={reveal.error} />}
    </Box>
  );
}
