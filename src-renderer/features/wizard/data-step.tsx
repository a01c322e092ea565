import Add from '@mui/icons-material/Add';
import { Box, Button, Chip, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { Panel } from '../../components/panel';
import { VerdictLine } from '../../components/verdict-line';
import { Loaded } from '../../components/waiting';
import { formatNames, problemCount } from '../../state/dataset-words';
import { plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import type { DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';
import { ImportDialog } from '../datasets/import-dialog';
import { verdictLevel } from '../datasets/verdict-level';
import { ChoiceCard } from './choice-card';
import { useWizardDraft } from './draft-provider';
import { FieldGroupPanel } from './field-group';

export function DataStep({ problems }: { readonly problems: readonly DraftProblem[] }): ReactNode {
  const { datasets } = useAppState();
  const reload = useReload();
  const { draft, dispatch } = useWizardDraft();
  const [isImporting, setImporting] = useState(false);
  const chosen = (valueOf(datasets) ?? []).find((dataset) => dataset.id === draft.datasetId);
  const button = (
    <Button
      size="small"
      variant="outlined"
      startIcon={<Add />}
      onClick={() => setImporting(true)}
      data-testid={testIds.importDataset}
    >
      Import a dataset
    </Button>
  );
  return (
    <>
      <Panel title="Which pairs should it learn from?" actions={button}>
        <Loaded data={datasets} onRetry={() => reload('datasets')}>
          {(list) =>
            list.length === 0 ? (
              <EmptyState title="No datasets yet" text="Import a JSON or JSONL file with pairs." />
            ) : (
              <Box role="radiogroup" aria-label="Dataset" sx={{ display: 'grid', gap: 1.25 }}>
                {list.map((dataset) => (
                  <ChoiceCard
                    key={dataset.id}
                    isChosen={draft.datasetId === dataset.id}
                    onChoose={() => dispatch({ kind: 'dataset', id: dataset.id })}
                    testId={testIds.wizardDataset(dataset.id)}
                    label={dataset.name}
                  >
                    <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
                      <Typography variant="body1" noWrap sx={{ fontWeight: 620 }}>
                        {dataset.name}
                      </Typography>
                      {dataset.starter && <Chip size="small" label="Starter" />}
                    </Box>
                    <Typography variant="body2" color="textSecondary">
                      {plural(dataset.inspection.usable, 'pair')} · {formatNames[dataset.format]}
                      {problemCount(dataset.inspection) > 0
                        ? ` · ${plural(problemCount(dataset.inspection), 'problem')}`
                        : ''}
                    </Typography>
                  </ChoiceCard>
                ))}
              </Box>
            )
          }
        </Loaded>
      </Panel>
      {chosen !== undefined && <VerdictLine text={chosen.inspection.verdict} level={verdictLevel(chosen.inspection)} />}
      <FieldGroupPanel group="data" problems={problems} />
      {isImporting && (
        <ImportDialog
          onClose={() => setImporting(false)}
          onDone={(dataset) => {
            setImporting(false);
            reload('datasets');
            dispatch({ kind: 'dataset', id: dataset.id });
          }}
        />
      )}
    </>
  );
}
