import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import { leadVerdict } from '../../../src-main/shared/length/length-verdicts';
import type { RunView } from '../../../src-main/shared/views/run';
import { VerdictLine } from '../../components/verdict-line';
import { testIds } from '../../test-ids';

/**
 * What is known of length, as main worked it out: the line that the list shows as well, then the rest in the order of
 * what they show.
 */
export function LengthVerdicts({ run }: { readonly run: RunView }): ReactNode {
  const lead = leadVerdict(run.length);
  if (lead === null) {
    return run.spec.objective === 'supervised' ? null : (
      <VerdictLine label="Length:" text="Nothing is measured yet." level="neutral" testId={testIds.runLengthVerdict} />
    );
  }
  const others = run.length.filter((verdict) => verdict !== lead);
  return (
    <VerdictLine
      label="Length:"
      text={lead.text}
      basis={`${lead.basis}; intervals of 95 %`}
      level={lead.level}
      testId={testIds.runLengthVerdict}
    >
      {others.length > 0 && (
        <Box component="ul" sx={{ m: 0, mt: 0.75, pl: 2.25 }}>
          {others.map(({ text, basis }) => (
            <Typography component="li" variant="body2" key={text} title={basis} sx={{ overflowWrap: 'anywhere' }}>
              {text}
            </Typography>
          ))}
        </Box>
      )}
    </VerdictLine>
  );
}
