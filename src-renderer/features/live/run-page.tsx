import { Box, Button, Skeleton } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunId } from '../../../src-main/shared/ids';
import type { RunDetail, RunView } from '../../../src-main/shared/views/run';
import { useAppState } from '../../api/app-store';
import { useLiveRun, type LiveRun } from '../../api/use-live-run';
import { ChartGroup } from '../../components/charts/chart-group';
import { ChartSubjectProvider } from '../../components/charts/chart-subject';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { go } from '../../components/use-route';
import { runsOf } from '../../state/app-state';
import { runName } from '../../state/run-words';
import { testIds } from '../../test-ids';
import { LengthVerdicts } from './length-verdicts';
import { canExport } from '../export/can-export';
import { RunMenu } from '../runs/run-menu';
import { Details } from './details';
import { LiveCharts } from './live-charts';
import { ProbesPanel } from './probes-panel';
import { RunControls } from './run-controls';
import { RunFailure } from './run-failure';
import { RunHeader } from './run-header';

const crumbs = [{ label: 'Runs', route: { page: 'runs' } }] as const;

export function RunPage({ id }: { readonly id: RunId }): ReactNode {
  const live = useLiveRun(id);
  if (live.error !== null)
    return (
      <Page title="Run" crumbs={crumbs}>
        <ErrorPanel error={live.error} onRetry={live.reload} />
      </Page>
    );
  if (live.detail === null)
    return (
      <Page title="Run" crumbs={crumbs}>
        <RunSkeleton />
      </Page>
    );
  return <Loaded live={live} detail={live.detail} />;
}

function Loaded({ live, detail }: { readonly live: LiveRun; readonly detail: RunDetail }): ReactNode {
  const { run } = detail;
  const others = runsOf(useAppState()).filter(
    (other) =>
      other.id !== run.id &&
      other.spec.dataset.path === run.spec.dataset.path &&
      other.spec.model.path === run.spec.model.path,
  );
  const partner = others.find((other) => other.createdAt === run.createdAt) ?? others[0];
  return (
    <Page
      title={runName(run)}
      crumbs={crumbs}
      actions={
        <>
          {partner !== undefined && (
            <Button
              onClick={() => go({ page: 'compare', ids: [run.id, partner.id] })}
              title={`Side by side with “${runName(partner)}”`}
            >
              Compare
            </Button>
          )}
          {canExport(run) && (
            <Button
              variant={run.status === 'finished' ? 'contained' : 'outlined'}
              onClick={() => go({ page: 'export', id: run.id })}
              data-testid={testIds.runExport}
            >
              Export
            </Button>
          )}
          <RunControls run={run} />
          <RunMenu run={run} onDeleted={() => go({ page: 'runs' })} />
        </>
      }
    >
      {run.status === 'failed' && <RunFailure run={run} checkpoints={detail.checkpoints} />}
      <RunHeader run={run} checkpoints={detail.checkpoints} />
      <LengthVerdicts run={run} />
      <ChartSubjectProvider value={chartSubject(run)}>
        <ChartGroup>
          <LiveCharts run={run} metrics={live.metrics} probes={detail.probes} />
          <ProbesPanel probes={detail.probes} run={run} />
          <Details detail={detail} metrics={live.metrics} />
        </ChartGroup>
      </ChartSubjectProvider>
    </Page>
  );
}

const chartSubject = (run: RunView): string => `${runName(run)} · ${run.modelName} on ${run.datasetName}`;

const RunSkeleton = (): ReactNode => (
  <Box aria-busy="true" aria-label="Loading the run" sx={{ display: 'grid', gap: 2 }}>
    <Skeleton variant="rounded" height={54} />
    <Skeleton variant="rounded" height={64} />
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(3, 1fr)' }}>
      {[0, 1, 2, 3, 4, 5].map((i) => (
        <Skeleton key={i} variant="rounded" height={290} />
      ))}
    </Box>
  </Box>
);
