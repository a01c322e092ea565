import { Box, Button, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { labelAt } from '../../state/spec-changes';
import { stepTitles, wizardSteps, type WizardStep } from '../../state/wizard-draft';
import type { DraftProblem } from '../../state/wizard-problems';
import { testIds } from '../../test-ids';

export function StepFooter({
  step,
  problems,
  onStep,
}: {
  readonly step: WizardStep;
  readonly problems: readonly DraftProblem[];
  readonly onStep: (step: WizardStep) => void;
}): ReactNode {
  const index = wizardSteps.indexOf(step);
  const before = wizardSteps[index - 1];
  const after = wizardSteps[index + 1];
  const label = problems[0] === undefined ? null : labelAt(problems[0].path);
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, pt: 0.5 }}>
      {before !== undefined && (
        <Button onClick={() => onStep(before)} data-testid={testIds.wizardBack}>
          Back
        </Button>
      )}
      <Box sx={{ flex: 1 }} />
      {problems[0] !== undefined && (
        <Typography variant="body2" color="warning" data-testid={testIds.wizardReason}>
          {label === null ? '' : `${label}: `}
          {problems[0].message}
        </Typography>
      )}
      {after !== undefined && (
        <Button
          variant="contained"
          disabled={problems.length > 0}
          onClick={() => onStep(after)}
          data-testid={testIds.wizardNext}
        >
          Next: {stepTitles[after]}
        </Button>
      )}
    </Box>
  );
}
