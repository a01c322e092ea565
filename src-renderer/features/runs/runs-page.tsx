import CompareArrows from '@mui/icons-material/CompareArrows';
import Search from '@mui/icons-material/Search';
import { Box, Button, InputAdornment, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { useRequest } from '../../api/use-request';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import { runsOf } from '../../state/app-state';
import { plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { RunList } from './run-list';
import { RunMenu } from './run-menu';

/** The contract compares at most this many. */
export const compareLimit = 8;

export function RunsPage(): ReactNode {
  const state = useAppState();
  const reload = useReload();
  const [search, setSearch] = useState('');
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const text = search.trim();
  const found = useRequest('runs:list', text === '' ? null : { search: text }, 200);
  const foundIds = new Set((valueOf(found.data) ?? []).map((run) => run.id));
  const all = runsOf(state);
  const shown = text === '' ? all : all.filter((run) => foundIds.has(run.id));
  const tick = (id: string): void => setTicked((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-compareLimit)));
  const known = ticked.filter((id) => all.some((run) => run.id === id));
  return (
    <Page
      title="Runs"
      lead="Tick two or more runs to see them side by side."
      actions={
        <>
          <TextField placeholder="Search name, model, data" value={search} onChange={(event) => setSearch(event.target.value)} sx={{ width: 260 }} slotProps={{ htmlInput: { 'aria-label': 'Search runs', 'data-testid': testIds.runsSearch }, input: { startAdornment: <InputAdornment position="start"><Search fontSize="small" /></InputAdornment> } }} />
          <Button variant="contained" startIcon={<CompareArrows />} disabled={known.length < 2} onClick={() => go({ page: 'compare', ids: known })} data-testid={testIds.compareTicked}>
            {known.length < 2 ? 'Compare' : `Compare ${known.length}`}
          </Button>
        </>
      }
    >
      <Loaded data={state.runs} onRetry={() => reload('runs')}>
        {(runs) =>
          runs.length === 0 ? (
            <EmptyState title="No runs yet" text="A run trains one model on one dataset with one method. The sample on the start page makes the first two." action={<><Button variant="contained" href={formatRoute({ page: 'new-run' })}>Set up a run</Button><Button href={formatRoute({ page: 'start' })}>To the sample</Button></>} />
          ) : shown.length === 0 ? (
            <EmptyState title={found.isStale ? 'Searching' : 'Nothing found'} text={`No run has “${text}” in its name, model or data.`} action={<Button onClick={() => setSearch('')}>Clear the search</Button>} />
          ) : (
            <Panel isFlush>
              <RunList runs={shown} label="Runs" ticked={new Set(known)} onTick={(run) => tick(run.id)} menu={(run) => <RunMenu run={run} />} />
              <Box sx={{ px: 2, py: 1 }}>
                <Typography variant="caption" color="textSecondary">{plural(shown.length, 'run')}{text === '' ? '' : ` of ${all.length}`}</Typography>
              </Box>
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}
