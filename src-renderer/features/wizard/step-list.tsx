import Check from '@mui/icons-material/Check';
import PriorityHigh from '@mui/icons-material/PriorityHigh';
import { Box, ButtonBase } from '@mui/material';
import type { ReactNode } from 'react';
import { stepTitles, wizardSteps, type WizardStep } from '../../state/wizard-draft';
import type { DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';

export interface StepListProps {
  readonly current: WizardStep;
  readonly problems: readonly DraftProblem[];
  readonly visited: ReadonlySet<string>;
  readonly onStep: (step: WizardStep) => void;
}

/** Any step can be opened at any time; a mark shows which are done and which lack something. */
export function StepList({ current, problems, visited, onStep }: StepListProps): ReactNode {
  return (
    <Box
      component="nav"
      aria-label="Steps"
      sx={{ display: 'flex', flexDirection: { xs: 'row', lg: 'column' }, gap: 0.5, flexWrap: 'wrap' }}
    >
      {wizardSteps.map((step, index) => {
        const isCurrent = step === current;
        const own = problems.filter((problem) => problem.step === step);
        const isOpen = own.length > 0;
        const isDone =
          !isOpen && step !== 'review' && (visited.has(step) || step === 'model' || step === 'data') && !isCurrent;
        return (
          <ButtonBase
            key={step}
            aria-current={isCurrent ? 'step' : undefined}
            onClick={() => onStep(step)}
            data-testid={testIds.wizardStep(step)}
            sx={{
              display: 'flex',
              justifyContent: 'flex-start',
              gap: 1.25,
              p: '8px 10px',
              borderRadius: 1.5,
              fontSize: 14,
              fontWeight: isCurrent ? 650 : 500,
              color: isCurrent ? 'text.primary' : 'text.secondary',
              bgcolor: isCurrent ? (theme) => theme.data.neutralSoft : 'transparent',
              '&:hover': { bgcolor: (theme) => theme.data.neutralSoft },
            }}
          >
            <Box
              aria-hidden="true"
              sx={{
                width: 22,
                height: 22,
                borderRadius: '50%',
                display: 'grid',
                placeItems: 'center',
                fontSize: 12,
                fontWeight: 650,
                border: '1.5px solid',
                borderColor: isCurrent
                  ? 'primary.main'
                  : isOpen && visited.has(step)
                    ? 'warning.main'
                    : 'text.secondary',
                ...(isCurrent ? { bgcolor: 'primary.main', color: 'primary.contrastText' } : {}),
                ...(isDone
                  ? { bgcolor: (theme) => theme.data.goodSoft, color: 'success.main', borderColor: 'success.main' }
                  : {}),
              }}
            >
              {isDone ? (
                <Check sx={{ fontSize: 14 }} />
              ) : isOpen && visited.has(step) && !isCurrent ? (
                <PriorityHigh sx={{ fontSize: 13, color: 'warning.main' }} />
              ) : (
                index + 1
              )}
            </Box>
            {stepTitles[step]}
          </ButtonBase>
        );
      })}
    </Box>
  );
}
