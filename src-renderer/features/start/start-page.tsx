import PlayArrow from '@mui/icons-material/PlayArrow';
import { Box, Button, Skeleton, Stack, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import type { RunView } from '../../../src-main/shared/views/run';
import { continuable, currentRun } from '../../state/app-state';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { LostRuns } from '../runs/lost-runs';
import { RunList } from '../runs/run-list';
import { RunningCard } from './running-card';
import { SamplePicture } from './sample-picture';

export function StartPage(): ReactNode {
  const { runs } = useAppState();
  const reload = useReload();
  return (
    <Page
      title="Start"
      lead="Teach a model which of two answers people prefer, and see whether it learns the preference or only the length."
    >
      <LostRuns />
      <Loaded data={runs} onRetry={() => reload('runs')} skeleton={<Skeleton variant="rounded" height={260} />}>
        {(list) => (list.length === 0 ? <FirstTime /> : <Again runs={list} />)}
      </Loaded>
    </Page>
  );
}

function FirstTime(): ReactNode {
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '1.25fr 1fr' } }}>
      <SampleCard />
      <OwnDataCard />
    </Box>
  );
}

function Again({ runs }: { readonly runs: readonly RunView[] }): ReactNode {
  const current = currentRun(runs);
  const resumable = continuable(runs).slice(0, 3);
  const recent = runs.filter((run) => run.id !== current?.id).slice(0, 5);
  return (
    <>
      {current !== null && <RunningCard run={current} />}
      {recent.length > 0 && (
        <Panel
          isFlush
          title="Latest runs"
          actions={
            <Button href={formatRoute({ page: 'runs' })} size="small">
              All runs
            </Button>
          }
        >
          <RunList runs={recent} label="Latest runs" />
        </Panel>
      )}
      {resumable.length > 0 && (
        <Panel
          isFlush
          title="Could be continued"
          help={
            'From its last checkpoint a run goes on with the same result as if it had never stopped; without one it ' +
            'begins again.'
          }
        >
          <RunList runs={resumable} label="Runs that could be continued" hasResume />
        </Panel>
      )}
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { xs: '1fr', lg: '1.25fr 1fr' } }}>
        <SampleCard />
        <OwnDataCard />
      </Box>
    </>
  );
}

function SampleCard(): ReactNode {
  const sample = useAction('runs:sample');
  const start = async (): Promise<void> => {
    const ids = await sample.run(undefined);
    if (ids !== undefined) go({ page: 'compare', ids });
  };
  return (
    <Panel>
      <Box sx={{ display: 'flex', gap: 3, alignItems: 'center', flexWrap: 'wrap' }}>
        <Box sx={{ flex: '1 1 250px' }}>
          <Typography variant="h2" component="h2" sx={{ fontSize: 20 }}>
            See length bias in two minutes
          </Typography>
          <Typography variant="body1" color="textSecondary" sx={{ mt: 0.75, mb: 2 }}>
            Trains the small starter model twice on the same synthetic pairs, once with DPO and once with SamPO, and
            shows side by side what happens to the length of its answers. Everything stays on this machine.
          </Typography>
          <Button
            variant="contained"
            size="large"
            startIcon={<PlayArrow />}
            disabled={sample.isBusy}
            onClick={() => void start()}
            data-testid={testIds.startSample}
          >
            {sample.isBusy ? 'Starting' : 'Run DPO and SamPO on the sample'}
          </Button>
        </Box>
        <SamplePicture />
      </Box>
      {sample.error !== null && (
        <Box sx={{ mt: 2 }}>
          <ErrorPanel error={sample.error} onRetry={() => void start()} />
        </Box>
      )}
    </Panel>
  );
}

const steps = [
  {
    title: 'Data',
    text: 'Pairs of a chosen and a rejected answer: JSON or JSONL, also gzipped.',
    label: 'Import a dataset',
    route: { page: 'datasets' },
  },
  {
    title: 'Model',
    text: 'A Hugging Face folder (Llama family, GPT-NeoX) or a GGUF file (Llama family).',
    label: 'Add a model',
    route: { page: 'models' },
  },
  {
    title: 'Train',
    text: 'Pick a method, look at the forecast, start. Stop and go on whenever you like.',
    label: 'Set up a run',
    route: { page: 'new-run' },
  },
] as const;

function OwnDataCard(): ReactNode {
  return (
    <Panel title="Bring your own">
      <Stack component="ol" spacing={1.5} sx={{ m: 0, p: 0, listStyle: 'none' }}>
        {steps.map(({ title, text, label, route }, index) => (
          <Box component="li" key={title} sx={{ display: 'flex', gap: 1.5, alignItems: 'flex-start' }}>
            <Box
              aria-hidden="true"
              sx={{
                width: 24,
                height: 24,
                borderRadius: '50%',
                border: '1.5px solid',
                borderColor: 'text.secondary',
                display: 'grid',
                placeItems: 'center',
                fontSize: 12,
                fontWeight: 650,
                flex: 'none',
                mt: '1px',
              }}
            >
              {index + 1}
            </Box>
            <Box sx={{ flex: 1, minWidth: 0 }}>
              <Typography variant="h3" component="h3">
                {title}
              </Typography>
              <Typography variant="body2" color="textSecondary">
                {text}
              </Typography>
            </Box>
            <Button size="small" variant="outlined" href={formatRoute(route)}>
              {label}
            </Button>
          </Box>
        ))}
      </Stack>
    </Panel>
  );
}
