import { Alert, Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { ProblemGroup } from '../../../src-main/shared/data/dataset';
import type { RunWarning } from '../../../src-main/shared/spec/run-warnings';
import { Panel } from '../../components/panel';
import { inFormWords } from '../../state/spec-changes';
import { testIds } from '../../test-ids';
import { ProblemGroups } from '../datasets/problem-groups';

export interface WarningsProps {
  readonly warnings: readonly RunWarning[];
  readonly leftOut: readonly ProblemGroup[];
}

/** What decides the run and is known before it starts, each with what to do; it can start all the same. */
export function Warnings({ warnings, leftOut }: WarningsProps): ReactNode {
  if (warnings.length === 0) return null;
  return (
    <Panel title="Before it starts" help="Nothing here keeps the run from starting." testId={testIds.wizardWarnings}>
      <Box sx={{ display: 'grid', gap: 1 }}>
        {warnings.map(({ code, level, message, hint }) => (
          <Alert
            key={code}
            severity={level === 'warning' ? 'warning' : 'info'}
            variant="outlined"
            sx={{ '& .MuiAlert-message': { minWidth: 0, flex: 1 } }}
          >
            <Typography variant="body2" sx={{ overflowWrap: 'anywhere' }}>
              {message}
            </Typography>
            {hint !== '' && (
              <Typography variant="body2" color="textSecondary">
                {inFormWords(hint)}
              </Typography>
            )}
            {code === 'left-out' && (
              <Box sx={{ mt: 1 }}>
                <ProblemGroups groups={leftOut} />
              </Box>
            )}
          </Alert>
        ))}
      </Box>
    </Panel>
  );
}
