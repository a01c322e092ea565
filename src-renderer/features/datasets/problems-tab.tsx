import { Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { DatasetView } from '../../../src-main/shared/views';
import { EmptyState } from '../../components/empty-state';
import { formatCount, plural } from '../../state/format';
import { ProblemGroups } from './problem-groups';

export function ProblemsTab({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const { problems, rows, usable } = dataset.inspection;
  if (problems.length === 0) return <EmptyState title="No problems" text={`Every one of ${plural(rows, 'row')} can be used.`} />;
  return (
    <>
      <Typography variant="body1">
        {formatCount(usable)} of {plural(rows, 'row')} can be used. The rows below are left out; mend the file and import it again to use them.
      </Typography>
      <ProblemGroups problems={problems} />
    </>
  );
}
