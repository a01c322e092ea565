import { Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { EmptyState } from '../../components/empty-state';
import { formatCount, plural } from '../../state/format';
import { ProblemGroups } from './problem-groups';

export function ProblemsTab({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const { problems, problemGroups, warnings, notes, rows, usable } = dataset.inspection;
  const isClean = problemGroups.length === 0 && warnings.length === 0 && notes.length === 0;
  if (isClean) return <EmptyState title="No problems" text={`Every one of ${plural(rows, 'row')} can be used.`} />;
  return (
    <>
      {problemGroups.length > 0 && (
        <>
          <Typography variant="body1">
            {formatCount(usable)} of {plural(rows, 'row')} can be used. The rows below are left out; mend the file and
            import it again to use them.
          </Typography>
          <ProblemGroups groups={problemGroups} problems={problems} />
        </>
      )}
      {warnings.length > 0 && (
        <>
          <Typography variant="body1">These rows are used, but are worth a look.</Typography>
          <ProblemGroups groups={warnings} />
        </>
      )}
      {notes.map((note) => (
        <Typography key={note} variant="body2" color="textSecondary">
          {note}
        </Typography>
      ))}
    </>
  );
}
