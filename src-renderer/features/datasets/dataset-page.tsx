import { Box, Button, Tab, Tabs } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { DatasetId } from '../../../src-main/shared/ids';
import { appError } from '../../../src-main/shared/result';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useAppState, useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { Confirm } from '../../components/confirm';
import { ErrorPanel } from '../../components/error-panel';
import { Page } from '../../components/page';
import { go } from '../../components/use-route';
import { VerdictLine } from '../../components/verdict-line';
import { Loaded } from '../../components/waiting';
import { formatNames } from '../../state/dataset-words';
import { formatCount, plural } from '../../state/format';
import { datasetTabs, type DatasetTab } from '../../state/router';
import { testIds } from '../../test-ids';
import { useWizardDraft } from '../wizard/draft-provider';
import { LengthTab } from './length-tab';
import { ProblemsTab } from './problems-tab';
import { RowsTab } from './rows-tab';
import { TokensTab } from './tokens-tab';
import { verdictLevel } from './verdict-level';

export function DatasetPage({ id, tab }: { readonly id: DatasetId; readonly tab: DatasetTab }): ReactNode {
  const { datasets } = useAppState();
  const reload = useReload();
  const crumbs = [{ label: 'Datasets', route: { page: 'datasets' } }] as const;
  const known = datasets.status === 'ready' ? datasets.value.find((dataset) => dataset.id === id) : undefined;
  if (known !== undefined) return <Detail dataset={known} tab={tab} />;
  return (
    <Page title="Dataset" crumbs={crumbs}>
      <Loaded data={datasets} onRetry={() => reload('datasets')}>
        {() => (
          <ErrorPanel
            error={appError(
              'not-found',
              'This dataset is not in the list any more.',
              'It may have been removed; import its file again.',
            )}
          />
        )}
      </Loaded>
    </Page>
  );
}

const tabNames: Readonly<Record<DatasetTab, string>> = {
  length: 'Length',
  tokens: 'What the model sees',
  problems: 'Problems',
  rows: 'Rows',
};

function Detail({ dataset, tab }: { readonly dataset: DatasetView; readonly tab: DatasetTab }): ReactNode {
  const { dispatch } = useWizardDraft();
  const { inspection } = dataset;
  const train = (): void => {
    dispatch({ kind: 'dataset', id: dataset.id });
    go({ page: 'new-run' });
  };
  return (
    <Page
      title={dataset.name}
      crumbs={[{ label: 'Datasets', route: { page: 'datasets' } }]}
      lead={`${plural(inspection.usable, 'pair')} · ${formatNames[dataset.format]} · ${dataset.path}`}
      actions={
        <>
          <RemoveButton dataset={dataset} />
          <Button variant="contained" onClick={train} disabled={inspection.usable === 0}>
            Train on it
          </Button>
        </>
      }
    >
      <VerdictLine text={inspection.verdict} level={verdictLevel(inspection)} testId={testIds.datasetVerdict} />
      <Box sx={{ borderBottom: '1px solid', borderColor: 'divider' }}>
        <Tabs
          value={tab}
          onChange={(_, next: DatasetTab) => go({ page: 'dataset', id: dataset.id, tab: next })}
          aria-label="Views of the dataset"
        >
          {datasetTabs.map((key) => (
            <Tab
              key={key}
              value={key}
              label={
                key === 'problems' && inspection.problems.length > 0
                  ? `Problems (${formatCount(inspection.problems.length)})`
                  : tabNames[key]
              }
              data-testid={testIds.datasetTab(key)}
              id={`tab-${key}`}
              aria-controls="dataset-panel"
            />
          ))}
        </Tabs>
      </Box>
      <Box
        role="tabpanel"
        id="dataset-panel"
        aria-labelledby={`tab-${tab}`}
        sx={{ display: 'flex', flexDirection: 'column', gap: 2.5 }}
      >
        {tab === 'length' && <LengthTab dataset={dataset} />}
        {tab === 'tokens' && <TokensTab dataset={dataset} />}
        {tab === 'problems' && <ProblemsTab dataset={dataset} />}
        {tab === 'rows' && <RowsTab dataset={dataset} />}
      </Box>
    </Page>
  );
}

function RemoveButton({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const remove = useAction('datasets:remove');
  const reload = useReload();
  if (dataset.starter) return null;
  const confirm = async (): Promise<void> => {
    if ((await remove.run({ id: dataset.id })) === undefined) return;
    reload('datasets');
    go({ page: 'datasets' });
  };
  return (
    <>
      <Button color="secondary" onClick={() => setOpen(true)}>
        Remove
      </Button>
      <Confirm
        isOpen={isOpen}
        title={`Remove “${dataset.name}” from the list?`}
        text={
          <>
            The file stays where it is. Runs that used it keep their results.
            {remove.error !== null && <ErrorPanel error={remove.error} />}
          </>
        }
        yes="Remove"
        isBusy={remove.isBusy}
        onYes={() => void confirm()}
        onNo={() => setOpen(false)}
      />
    </>
  );
}
