import { Button } from '@mui/material';
import { useMemo, useState, type ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { runsOf } from '../../state/app-state';
import { findRuns, newestFirst, sortRuns } from '../../state/run-list';
import { RunList } from '../runs/run-list';
import { RunSearch } from '../runs/run-search';
import { compareLimit } from '../runs/runs-page';

export function ChooseRuns({ ticked: first }: { readonly ticked: readonly string[] }): ReactNode {
  const state = useAppState();
  const { runs } = state;
  const reload = useReload();
  const [ticked, setTicked] = useState(first);
  const [search, setSearch] = useState('');
  const all = runsOf(state);
  // those that are ticked stay in sight, whatever is searched
  const shown = useMemo(() => {
    const found = new Set(findRuns(all, search.trim(), 'all'));
    return sortRuns(
      all.filter((run) => found.has(run) || first.includes(run.id)),
      newestFirst,
    );
  }, [all, search, first]);
  const chosen = useMemo(() => new Set(ticked), [ticked]);
  const tick = (id: string): void =>
    setTicked((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-compareLimit)));
  return (
    <Page
      title="Compare"
      lead="Choose two to eight runs. Best compared are runs on the same data, seed and schedule: then only the method differs."
      actions={
        <>
          <RunSearch value={search} onChange={setSearch} />
          <Button
            variant="contained"
            disabled={ticked.length < 2}
            onClick={() => go({ page: 'compare', ids: ticked })}
            data-testid={testIds.compareTicked}
          >
            {ticked.length < 2 ? 'Compare' : `Compare ${ticked.length}`}
          </Button>
        </>
      }
    >
      <Loaded data={runs} onRetry={() => reload('runs')}>
        {(list) =>
          list.length < 2 ? (
            <EmptyState
              title="Needs two runs"
              text="The sample on the start page makes a pair: DPO and SamPO on the same data."
              action={
                <Button variant="contained" href={formatRoute({ page: 'start' })}>
                  To the sample
                </Button>
              }
            />
          ) : (
            <Panel isFlush>
              <RunList runs={shown} label="Runs to compare" ticked={chosen} onTick={(run) => tick(run.id)} />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}
