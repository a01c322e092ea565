import { Button } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { Loaded } from '../../components/waiting';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { RunList } from '../runs/run-list';
import { compareLimit } from '../runs/runs-page';

export function ChooseRuns({ ticked: first }: { readonly ticked: readonly string[] }): ReactNode {
  const { runs } = useAppState();
  const reload = useReload();
  const [ticked, setTicked] = useState(first);
  const tick = (id: string): void => setTicked((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-compareLimit)));
  return (
    <Page title="Compare" lead="Choose two to eight runs. Best compared are runs on the same data, seed and schedule: then only the method differs."
      actions={<Button variant="contained" disabled={ticked.length < 2} onClick={() => go({ page: 'compare', ids: ticked })} data-testid={testIds.compareTicked}>{ticked.length < 2 ? 'Compare' : `Compare ${ticked.length}`}</Button>}>
      <Loaded data={runs} onRetry={() => reload('runs')}>
        {(list) =>
          list.length < 2 ? (
            <EmptyState title="Needs two runs" text="The sample on the start page makes a pair: DPO and SamPO on the same data." action={<Button variant="contained" href={formatRoute({ page: 'start' })}>To the sample</Button>} />
          ) : (
            <Panel isFlush><RunList runs={list} label="Runs to compare" ticked={new Set(ticked)} onTick={(run) => tick(run.id)} /></Panel>
          )
        }
      </Loaded>
    </Page>
  );
}
