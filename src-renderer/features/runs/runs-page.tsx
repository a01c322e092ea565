import CompareArrows from '@mui/icons-material/CompareArrows';
import { Box, Button, MenuItem, TextField, Typography } from '@mui/material';
import { useMemo, useState, type ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import { runsOf } from '../../state/app-state';
import { formatCount, plural } from '../../state/format';
import { formatRoute } from '../../state/router';
import { findRuns, newestFirst, nextOrder, sortRuns, statusFilters, type StatusFilter } from '../../state/run-list';
import { testIds } from '../../test-ids';
import { LostRuns } from './lost-runs';
import { QueueStill } from './queue-still';
import { RunList } from './run-list';
import { RunMenu } from './run-menu';
import { RunSearch } from './run-search';

/** The contract compares at most this many. */
export const compareLimit = 8;

export function RunsPage(): ReactNode {
  const state = useAppState();
  const reload = useReload();
  const [search, setSearch] = useState('');
  const [ticked, setTicked] = useState<readonly string[]>([]);
  const [filter, setFilter] = useState<StatusFilter>('all');
  const [order, setOrder] = useState(newestFirst);
  const text = search.trim();
  const all = runsOf(state);
  const shown = useMemo(() => sortRuns(findRuns(all, text, filter), order), [all, text, filter, order]);
  const clear = (): void => {
    setSearch('');
    setFilter('all');
  };
  const tick = (id: string): void =>
    setTicked((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-compareLimit)));
  const known = useMemo(() => ticked.filter((id) => all.some((run) => run.id === id)), [ticked, all]);
  return (
    <Page
      title="Runs"
      lead="Tick two or more runs to see them side by side."
      actions={
        <>
          <RunSearch value={search} onChange={setSearch} />
          <TextField
            select
            value={filter}
            onChange={(event) => setFilter(event.target.value as StatusFilter)}
            sx={{ width: 130 }}
            slotProps={{ htmlInput: { 'aria-label': 'Status' } }}
            data-testid={testIds.runsFilter}
          >
            {Object.entries(statusFilters).map(([key, { label }]) => (
              <MenuItem key={key} value={key}>
                {label}
              </MenuItem>
            ))}
          </TextField>
          <Button
            variant="contained"
            startIcon={<CompareArrows />}
            disabled={known.length < 2}
            onClick={() => go({ page: 'compare', ids: known })}
            data-testid={testIds.compareTicked}
          >
            {known.length < 2 ? 'Compare' : `Compare ${known.length}`}
          </Button>
        </>
      }
    >
      <LostRuns />
      <Loaded data={state.runs} onRetry={() => reload('runs')}>
        {(runs) =>
          runs.length === 0 ? (
            <EmptyState
              title="No runs yet"
              text="A run trains one model on one dataset with one method. The sample on the start page makes the first two."
              action={
                <>
                  <Button variant="contained" href={formatRoute({ page: 'new-run' })}>
                    Set up a run
                  </Button>
                  <Button href={formatRoute({ page: 'start' })}>To the sample</Button>
                </>
              }
            />
          ) : shown.length === 0 ? (
            <EmptyState
              title="Nothing found"
              text={
                `No run ${filter === 'all' ? '' : `under “${statusFilters[filter].label.toLowerCase()}” `}` +
                `${text === '' ? 'is there' : `has “${text}” in its name, model or data`}.`
              }
              action={<Button onClick={clear}>Show all runs</Button>}
            />
          ) : (
            <>
              <QueueStill runs={runs} />
              <Panel isFlush>
                <RunList
                  runs={shown}
                  label="Runs"
                  ticked={new Set(known)}
                  onTick={(run) => tick(run.id)}
                  order={order}
                  onSort={(by) => setOrder((now) => nextOrder(now, by))}
                  menu={(run) => <RunMenu run={run} />}
                />
                <Box sx={{ px: 2, py: 1 }}>
                  <Typography variant="caption" color="textSecondary">
                    {plural(shown.length, 'run')}
                    {shown.length === all.length ? '' : ` of ${formatCount(all.length)}`}
                  </Typography>
                </Box>
              </Panel>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
