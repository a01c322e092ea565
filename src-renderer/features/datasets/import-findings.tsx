import { Alert, Box, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { DatasetInspection, ProblemGroup } from '../../../src-main/shared/data/dataset';
import { VerdictLine } from '../../components/verdict-line';
import { formatCount, formatShort, formatPercent, plural } from '../../state/format';
import { KeyNumber } from '../../components/key-value';
import { verdictLevel } from './verdict-level';
import { ProblemGroups } from './problem-groups';

const rowsIn = (groups: readonly Pick<ProblemGroup<string>, 'count'>[]): number =>
  groups.reduce((sum, { count }) => sum + count, 0);

/** What a file holds, before it is kept. */
export function ImportFindings({ inspection }: { readonly inspection: DatasetInspection }): ReactNode {
  const { profile, problemGroups, problems, warnings, notes } = inspection;
  return (
    <>
      {profile !== null && (
        <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(4, 1fr)' }}>
          <KeyNumber
            label="Usable pairs"
            value={formatCount(inspection.usable)}
            note={`of ${formatCount(inspection.rows)} rows`}
          />
          <KeyNumber
            label="Chosen is longer in"
            value={formatPercent(profile.chosenLonger)}
            note={`equal in ${formatPercent(profile.equal)}`}
          />
          <KeyNumber label="Median chosen" value={formatShort(profile.chosen.median, 3)} note={profile.unit} />
          <KeyNumber label="Median rejected" value={formatShort(profile.rejected.median, 3)} note={profile.unit} />
        </Box>
      )}
      <VerdictLine text={inspection.verdict} level={verdictLevel(inspection)} />
      {problemGroups.length > 0 && (
        <Findings title={`${plural(rowsIn(problemGroups), 'problem')}, by reason`}>
          <ProblemGroups groups={problemGroups} problems={problems} />
        </Findings>
      )}
      {warnings.length > 0 && (
        <Findings title={`${plural(rowsIn(warnings), 'row')} to look at, used all the same`}>
          <ProblemGroups groups={warnings} />
        </Findings>
      )}
      {notes.map((note) => (
        <Alert key={note} severity="info" variant="outlined" sx={{ py: 0, overflowWrap: 'anywhere' }}>
          {note}
        </Alert>
      ))}
    </>
  );
}

function Findings({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <Box>
      <Typography variant="h3" component="h3" sx={{ mb: 0.75 }}>
        {title}
      </Typography>
      {children}
    </Box>
  );
}
