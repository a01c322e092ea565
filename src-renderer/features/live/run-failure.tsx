import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import { appError } from '../../../src-main/shared/result';
import type { CheckpointView, RunView } from '../../../src-main/shared/views/run';
import { ErrorPanel } from '../../components/error-panel';
import { formatCount } from '../../state/format';
import { testIds } from '../../test-ids';

/** A failed run leads with what failed and what to do; everything it had stays below. */
export function RunFailure({
  run,
  checkpoints,
}: {
  readonly run: RunView;
  readonly checkpoints: readonly CheckpointView[];
}): ReactNode {
  const error =
    run.error ??
    appError('engine-failed', 'The run failed without saying why.', 'Its log is in the run’s folder, under Files.');
  const last = checkpoints.at(-1);
  const kept =
    last === undefined
      ? 'No checkpoint had been saved.'
      : `Everything up to step ${formatCount(last.step)} is saved; Continue goes on there.`;
  return (
    <Box data-testid={testIds.runError}>
      <ErrorPanel
        title={`Failed at step ${formatCount(run.progress.step)}`}
        error={{ ...error, hint: `${error.hint} ${kept}`.trim() }}
      />
    </Box>
  );
}
