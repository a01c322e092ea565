import { Box, Button, Skeleton } from '@mui/material';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { RunId } from '../../../src-main/shared/ids';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { ComparisonView } from '../../../src-main/shared/views/comparison';
import { useEvent, useReturn } from '../../api/api-context';
import { useAppState } from '../../api/app-store';
import { useRequest } from '../../api/use-request';
import { ChartSubjectProvider } from '../../components/charts/chart-subject';
import { Page } from '../../components/page';
import { VerdictLine } from '../../components/verdict-line';
import { Loaded } from '../../components/waiting';
import { runsOf } from '../../state/app-state';
import { runName } from '../../state/run-words';
import { testIds } from '../../test-ids';
import { Answers } from './answers';
import { CompareCharts } from './compare-charts';
import { CompareTable } from './compare-table-view';
import { Differences } from './differences';
import { saveAsHtml } from './save-html';
import { ChooseRuns } from './choose-runs';

/** How often a comparison of running runs is worked out again. */
const refreshMs = 2500;

export function ComparePage({ ids }: { readonly ids: readonly RunId[] }): ReactNode {
  const [isChoosing, setChoosing] = useState(false);
  const key = ids.join(',');
  useEffect(() => setChoosing(false), [key]);
  if (ids.length < 2 || isChoosing) return <ChooseRuns ticked={ids} />;
  return <Comparison key={key} ids={ids} onChoose={() => setChoosing(true)} />;
}

function Comparison({ ids, onChoose }: { readonly ids: readonly RunId[]; readonly onChoose: () => void }): ReactNode {
  const comparison = useRequest('runs:compare', { ids });
  const { reload } = comparison;
  const body = useRef<HTMLDivElement>(null);
  const isDirty = useRef(false);
  const isLive = runsOf(useAppState()).some((run) => ids.includes(run.id) && isActive(run.status));
  const touch = (id: RunId): void => {
    if (ids.includes(id)) isDirty.current = true;
  };
  useEvent('runs:metrics', ({ runId }) => touch(runId));
  useEvent('runs:probe', ({ runId }) => touch(runId));
  useEvent('runs:changed', ({ run }) => touch(run.id));
  useReturn(reload);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!isDirty.current) return;
      isDirty.current = false;
      reload();
    }, refreshMs);
    return () => clearInterval(timer);
  }, [reload, isLive]);
  const view = comparison.data.status === 'ready' ? comparison.data.value : null;
  return (
    <Page
      title="Compare"
      actions={
        <>
          <Button onClick={onChoose}>Choose runs</Button>
          <Button
            variant="outlined"
            disabled={view === null}
            onClick={() => view !== null && saveAsHtml(view, body.current)}
            data-testid={testIds.compareHtml}
          >
            Save as one HTML file
          </Button>
        </>
      }
    >
      <Loaded data={comparison.data} onRetry={reload} skeleton={<CompareSkeleton />}>
        {(value) => (
          <Box ref={body} sx={{ display: 'flex', flexDirection: 'column', gap: 2.5 }}>
            <ChartSubjectProvider value={value.runs.map(runName).join(', ')}>
              <Body view={value} />
            </ChartSubjectProvider>
          </Box>
        )}
      </Loaded>
    </Page>
  );
}

function Body({ view }: { readonly view: ComparisonView }): ReactNode {
  const { verdict } = view.length;
  return (
    <>
      {view.notes.map((note) => (
        <VerdictLine key={note.text} text={note.text} level={note.level} testId={testIds.compareNote} />
      ))}
      <VerdictLine text={verdict.text} basis={verdict.basis} level={verdict.level} testId={testIds.compareVerdict} />
      <CompareTable view={view} />
      <CompareCharts runs={view.runs} probes={view.probes} />
      <Differences view={view} />
      <Answers view={view} />
    </>
  );
}

const CompareSkeleton = (): ReactNode => (
  <Box aria-busy="true" aria-label="Comparing" sx={{ display: 'grid', gap: 2 }}>
    <Skeleton variant="rounded" height={66} />
    <Skeleton variant="rounded" height={260} />
    <Skeleton variant="rounded" height={280} />
  </Box>
);
