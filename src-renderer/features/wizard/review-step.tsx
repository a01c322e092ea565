import PlayArrow from '@mui/icons-material/PlayArrow';
import { Alert, Box, Button, Link, Tab, Tabs, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { RunForecastView } from '../../../src-main/shared/views/run';
import { useAppState } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { ErrorPanel } from '../../components/error-panel';
import { Panel } from '../../components/panel';
import { go } from '../../components/use-route';
import { currentRun, runsOf } from '../../state/app-state';
import { valueOf } from '../../state/loadable';
import { methodText } from '../../state/method-words';
import { runName } from '../../state/run-words';
import { labelAt } from '../../state/spec-changes';
import { specOf, specsOf, stepTitles, type WizardStep } from '../../state/wizard-draft';
import type { DraftProblem } from '../../state/wizard-problems';
import { presetWarnings } from '../../state/preset-warnings';
import { specSentences } from '../../state/wizard-words';
import { testIds } from '../../test-ids';
import { useWizardDraft } from './draft-provider';
import { Warnings } from './warnings';
import { SpecText } from './spec-text';

export interface ReviewStepProps {
  readonly problems: readonly DraftProblem[];
  readonly forecast: RunForecastView | null;
  /** The data have not been looked at yet, so nothing was proposed from them. */
  readonly isLooking: boolean;
  readonly onStep: (step: WizardStep) => void;
}

export function ReviewStep({ problems, forecast, isLooking, onStep }: ReviewStepProps): ReactNode {
  const { draft, dispatch } = useWizardDraft();
  const state = useAppState();
  const start = useAction('runs:start');
  const [view, setView] = useState<'words' | 'json' | 'command'>('words');
  const spec = problems.length === 0 ? specOf(draft) : null;
  const model = (valueOf(state.models) ?? []).find((m) => m.id === draft.modelId) ?? null;
  const names = {
    model: model?.name ?? 'the model',
    dataset: (valueOf(state.datasets) ?? []).find((d) => d.id === draft.datasetId)?.name ?? 'the dataset',
    reference:
      (valueOf(state.models) ?? []).find((m) => `model:${m.id}` === draft.spec.model.reference)?.name ??
      'another model',
  };
  const busy = currentRun(runsOf(state));
  const twin = draft.twin === null ? null : specOf(draft, draft.twin);
  const submit = async (): Promise<void> => {
    const ids = await start.run({ specs: specsOf(draft) });
    const [first] = ids ?? [];
    if (ids === undefined || first === undefined) return;
    dispatch({ kind: 'field', path: 'name', value: '' });
    go(ids.length > 1 ? { page: 'compare', ids } : { page: 'run', id: first });
  };
  const placeholder = `${draft.spec.method.id} on ${names.dataset}`;
  return (
    <>
      <Panel title="Name">
        <TextField
          fullWidth
          placeholder={placeholder}
          value={draft.spec.name}
          onChange={(event) => dispatch({ kind: 'field', path: 'name', value: event.target.value })}
          helperText="Empty: named by method and data."
          slotProps={{
            htmlInput: { maxLength: 200, 'aria-label': 'Name of the run', 'data-testid': testIds.wizardField('name') },
          }}
        />
      </Panel>
      <Panel>
        <Tabs
          value={view}
          onChange={(_, next: typeof view) => setView(next)}
          aria-label="Ways to read the run"
          sx={{ mb: 1.5, mt: -1 }}
        >
          <Tab value="words" label="In words" />
          <Tab value="json" label="As JSON" />
          {valueOf(state.info)?.hasCommandLine !== false && <Tab value="command" label="As a command" />}
        </Tabs>
        {view === 'words' && (
          <Box component="ul" sx={{ m: 0, pl: 2.5, display: 'grid', gap: 0.75 }}>
            {specSentences(draft.spec, names, forecast).map((sentence) => (
              <Typography component="li" variant="body1" key={sentence}>
                {sentence}
              </Typography>
            ))}
            {twin !== null && (
              <Typography component="li" variant="body1">
                Then the same once more with {methodText(twin)}, and put both side by side.
              </Typography>
            )}
          </Box>
        )}
        {view !== 'words' && <SpecText view={view} />}
      </Panel>
      {forecast !== null && (
        <Warnings warnings={[...presetWarnings(draft, model), ...forecast.warnings]} leftOut={forecast.problemGroups} />
      )}
      {busy !== null && spec !== null && (
        <Alert severity="info" variant="outlined">
          “{runName(busy)}” is at work; this run waits until it has ended.
        </Alert>
      )}
      {start.error !== null && (
        <ErrorPanel title="The run was not started" error={start.error} onRetry={() => void submit()} />
      )}
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, flexWrap: 'wrap' }}>
        <Button onClick={() => onStep('training')} data-testid={testIds.wizardBack}>
          Back
        </Button>
        <Box sx={{ flex: 1, minWidth: 200, textAlign: 'right' }} data-testid={testIds.wizardReason} aria-live="polite">
          {isLooking && (
            <Typography variant="body2" color="textSecondary">
              Looking at the data, to propose lengths from it.
            </Typography>
          )}
          {problems.slice(0, 3).map((problem) => (
            <Typography key={problem.path + problem.message} variant="body2" color="warning">
              <Link component="button" variant="body2" color="inherit" onClick={() => onStep(problem.step)}>
                {stepTitles[problem.step]}
              </Link>
              {problem.path.includes('.') || problem.step === 'training'
                ? `, ${(labelAt(problem.path) ?? problem.path).toLowerCase()}`
                : ''}
              : {problem.message}
            </Typography>
          ))}
        </Box>
        <Button
          variant="contained"
          size="large"
          startIcon={<PlayArrow />}
          disabled={problems.length > 0 || isLooking || start.isBusy}
          onClick={() => void submit()}
          data-testid={testIds.wizardStart}
        >
          {start.isBusy ? 'Starting' : twin === null ? 'Start' : 'Start both'}
        </Button>
      </Box>
    </>
  );
}
