import { Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { DatasetInspection } from '../../../src-main/shared/dataset';
import { VerdictLine } from '../../components/verdict-line';
import { formatCount, formatShort, formatPercent } from '../../state/format';
import { KeyNumber } from '../../components/key-value';
import { verdictLevel } from './verdict-level';
import { ProblemGroups } from './problem-groups';

/** What a file holds, before it is kept. */
export function ImportFindings({ inspection }: { readonly inspection: DatasetInspection }): ReactNode {
  const { profile } = inspection;
  return (
    <>
      {profile !== null && (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(4, 1fr)' }}>
          <KeyNumber label="Usable pairs" value={formatCount(inspection.usable)} note={`of ${formatCount(inspection.rows)} rows`} />
          <KeyNumber label="Chosen is longer in" value={formatPercent(profile.chosenLonger)} note={`equal in ${formatPercent(profile.equal)}`} />
          <KeyNumber label="Median chosen" value={formatShort(profile.chosen.median, 3)} note={profile.unit} />
          <KeyNumber label="Median rejected" value={formatShort(profile.rejected.median, 3)} note={profile.unit} />
        </Box>
      )}
      <VerdictLine text={inspection.verdict} level={verdictLevel(inspection)} />
      {inspection.problems.length > 0 && (
        <Box>
          <Typography variant="h3" component="h3" sx={{ mb: 0.75 }}>{formatCount(inspection.problems.length)} problems, by reason</Typography>
          <ProblemGroups problems={inspection.problems} />
        </Box>
      )}
    </>
  );
}
