import { Box, Button } from '@mui/material';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useAppState } from '../../api/app-store';
import { useRequest } from '../../api/use-request';
import { Page } from '../../components/page';
import { runsOf } from '../../state/app-state';
import { valueOf } from '../../state/loadable';
import { specOf, type wizardSteps } from '../../state/wizard-draft';
import { problemsOf } from '../../state/wizard-problems';
import { proposals } from '../../state/wizard-proposals';
import { useWizardDraft } from './draft-provider';
import { DataStep } from './data-step';
import { MethodStep } from './method-step';
import { ModelStep } from './model-step';
import { ReviewStep } from './review-step';
import { StepFooter } from './step-footer';
import { StepList } from './step-list';
import { Summary } from './summary';
import { TrainingStep } from './training-step';

const forecastDelayMs = 450;

export function WizardPage(): ReactNode {
  const state = useAppState();
  const { draft, dispatch } = useWizardDraft();
  const models = valueOf(state.models) ?? [];
  const datasets = valueOf(state.datasets) ?? [];
  const isLoading = state.models.status === 'loading' || state.datasets.status === 'loading';
  const problems = isLoading ? [] : problemsOf(draft, models, datasets);
  const spec = specOf(draft);
  // a name changes nothing, and is typed letter by letter
  const asked = problems.length === 0 && spec !== null ? { ...spec, name: '' } : null;
  const forecast = useRequest('runs:forecast', asked, forecastDelayMs);
  const current = problems.length === 0 && !forecast.isStale ? valueOf(forecast.data) : null;
  const model = models.find((candidate) => candidate.id === draft.modelId);
  // what is proposed for other data or another model would go into the run unseen
  const subject = `${draft.modelId} ${draft.datasetId}`;
  const [lookedAt, setLookedAt] = useState(draft.proposed.length > 0 ? subject : null);
  const isLooking = asked !== null && lookedAt !== subject && (forecast.isStale || forecast.data.status === 'loading');
  useEffect(() => {
    if (current !== null) setLookedAt(subject);
    if (current !== null && model !== undefined)
      dispatch({ kind: 'propose', proposals: proposals(draft.spec, current, model) });
    // a forecast proposes once, when it comes
  }, [current]);
  const top = useRef<HTMLDivElement>(null);
  const [visited, setVisited] = useState<ReadonlySet<string>>(new Set([draft.step]));
  const goTo = (step: (typeof wizardSteps)[number]): void => {
    setVisited((now) => new Set([...now, step]));
    dispatch({ kind: 'step', step });
    top.current?.scrollIntoView({ block: 'start' });
    top.current?.focus();
  };
  const own = problems.filter((problem) => problem.step === draft.step);
  return (
    <Page
      title="New run"
      actions={
        <Button
          color="secondary"
          onClick={() => {
            dispatch({ kind: 'reset' });
            setLookedAt(null);
            setVisited(new Set(['model']));
          }}
        >
          Start over
        </Button>
      }
    >
      <Box
        sx={{
          display: 'grid',
          gap: 2.5,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr) 232px', lg: '172px minmax(0, 1fr) 280px' },
        }}
      >
        <Box sx={{ gridColumn: { xs: '1 / -1', lg: 'auto' }, position: { lg: 'sticky' }, top: 16 }}>
          <StepList current={draft.step} problems={problems} visited={visited} onStep={goTo} />
        </Box>
        <Box
          ref={top}
          tabIndex={-1}
          sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0, outline: 'none', scrollMarginTop: 80 }}
        >
          {draft.step === 'model' && <ModelStep />}
          {draft.step === 'data' && <DataStep problems={own} />}
          {draft.step === 'method' && <MethodStep problems={own} />}
          {draft.step === 'training' && <TrainingStep problems={own} steps={valueOf(forecast.data)?.steps ?? null} />}
          {draft.step === 'review' && (
            <ReviewStep problems={problems} forecast={valueOf(forecast.data)} isLooking={isLooking} onStep={goTo} />
          )}
          {draft.step !== 'review' && <StepFooter step={draft.step} problems={own} onStep={goTo} />}
        </Box>
        <Box sx={{ position: 'sticky', top: 16 }}>
          <Summary
            draft={draft}
            models={models}
            datasets={datasets}
            runs={runsOf(state)}
            forecast={problems.length === 0 ? forecast.data : null}
            isStale={forecast.isStale}
            onRetry={forecast.reload}
          />
        </Box>
      </Box>
    </Page>
  );
}
