import Add from '@mui/icons-material/Add';
import { Box, Button, Chip, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { useAppState, useReload } from '../../api/app-store';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import { formatBytes, formatCount, formatParameters } from '../../state/format';
import { testIds } from '../../test-ids';
import { useAddModel } from '../models/use-add-model';
import { ChoiceCard } from './choice-card';
import { useWizardDraft } from './draft-provider';

export function ModelStep(): ReactNode {
  const { models } = useAppState();
  const reload = useReload();
  const { draft, dispatch } = useWizardDraft();
  const add = useAddModel();
  const pick = async (kind: 'model-folder' | 'model-file'): Promise<void> => {
    const model = await add.pick(kind);
    if (model !== null) dispatch({ kind: 'model', id: model.id, contextLength: model.contextLength });
  };
  const buttons = (
    <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
      <Button
        size="small"
        variant="outlined"
        startIcon={<Add />}
        disabled={add.isBusy}
        onClick={() => void pick('model-folder')}
      >
        Add a folder
      </Button>
      <Button
        size="small"
        variant="outlined"
        startIcon={<Add />}
        disabled={add.isBusy}
        onClick={() => void pick('model-file')}
      >
        Add a GGUF file
      </Button>
    </Box>
  );
  return (
    <Panel
      title="Which model should learn?"
      help="As it is now it also serves as the reference, which rewards are measured against, unless Training says otherwise."
      actions={buttons}
    >
      {add.isBusy && (
        <Box sx={{ mb: 1.5 }}>
          <JobProgress job="inspect-model" label="Reading the model’s files" />
        </Box>
      )}
      {add.error !== null && add.error.code !== 'stopped' && (
        <Box sx={{ mb: 1.5 }}>
          <ErrorPanel title="This model cannot be used" error={add.error} />
        </Box>
      )}
      <Loaded data={models} onRetry={() => reload('models')}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState title="No models yet" text="Add a Hugging Face folder or a GGUF file." />
          ) : (
            <Box role="radiogroup" aria-label="Model" sx={{ display: 'grid', gap: 1.25 }}>
              {list.map((model) => (
                <ChoiceCard
                  key={model.id}
                  isChosen={draft.modelId === model.id}
                  onChoose={() => dispatch({ kind: 'model', id: model.id, contextLength: model.contextLength })}
                  testId={testIds.wizardModel(model.id)}
                  label={model.name}
                >
                  <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
                    <Typography variant="body1" noWrap sx={{ fontWeight: 620 }}>
                      {model.name}
                    </Typography>
                    {model.starter && <Chip size="small" label="Starter" />}
                  </Box>
                  <Typography variant="body2" color="textSecondary">
                    {formatParameters(model.parameters)} parameters · {formatBytes(model.bytes)} · reads{' '}
                    {formatCount(model.contextLength)} tokens · {model.source === 'gguf' ? 'GGUF' : 'safetensors'}{' '}
                    {model.weightTypes[0] ?? ''}
                  </Typography>
                  {!model.hasChatTemplate && (
                    <Typography variant="body2" color="textSecondary">
                      No chat template: only data with plain text prompts.
                    </Typography>
                  )}
                </ChoiceCard>
              ))}
            </Box>
          )
        }
      </Loaded>
    </Panel>
  );
}
