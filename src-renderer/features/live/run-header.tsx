import { Box, LinearProgress, Paper, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { CheckpointView, RunView } from '../../../src-main/shared/views/run';
import { useAppState } from '../../api/app-store';
import { RunMark } from '../../components/run-key';
import { StatusChip } from '../../components/status-chip';
import { useNow } from '../../components/use-now';
import { runsOf } from '../../state/app-state';
import { formatCount, formatDuration } from '../../state/format';
import { methodText } from '../../state/method-words';
import { completeSpec } from '../../state/spec-effect';
import { standingWords } from '../../state/run-queue';
import { progressShare, runTime } from '../../state/run-words';
import { testIds } from '../../test-ids';
import { runStyle } from '../../theme/palette';

export function RunHeader({
  run,
  checkpoints,
}: {
  readonly run: RunView;
  readonly checkpoints: readonly CheckpointView[];
}): ReactNode {
  const now = useNow(1000);
  const { data } = useTheme();
  const runs = runsOf(useAppState());
  const share = progressShare(run);
  const time = runTime(run, now);
  const facts = [methodText(completeSpec(run.spec)), run.modelName, run.datasetName];
  return (
    <Paper variant="outlined" component="section" aria-label="Progress" sx={{ p: '12px 16px' }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
        <RunMark {...runStyle(data, run)} />
        <StatusChip status={run.status} testId={testIds.runStatus} />
        <Typography variant="body1" data-testid={testIds.runProgress} aria-live="off" sx={{ fontWeight: 600 }}>
          {standingWords(runs, run)}
        </Typography>
        {time !== null && (
          <Typography variant="body2" color="textSecondary">
            {isActive(run.status) ? 'for' : 'took'} {formatDuration(time)}
          </Typography>
        )}
      </Box>
      <Typography variant="body2" color="textSecondary" sx={{ mt: 0.75 }}>
        {facts.join(' · ')}
      </Typography>
      {run.engine !== null && (
        <Typography variant="caption" color="textSecondary" component="p" data-testid={testIds.runEngine}>
          {run.engine}
        </Typography>
      )}
      {run.status !== 'finished' && run.status !== 'queued' && (
        <LinearProgress
          aria-label="Progress of the run"
          variant={share === null && isActive(run.status) ? 'indeterminate' : 'determinate'}
          value={(share ?? 0) * 100}
          sx={{ mt: 1.25 }}
        />
      )}
      <StateHelp run={run} checkpoints={checkpoints} />
    </Paper>
  );
}

/** What a state means for the work, where it is not plain. */
function StateHelp({
  run,
  checkpoints,
}: {
  readonly run: RunView;
  readonly checkpoints: readonly CheckpointView[];
}): ReactNode {
  const last = checkpoints.at(-1);
  const kept =
    last === undefined
      ? 'There is no checkpoint yet, so it would begin again.'
      : `Everything up to step ${formatCount(last.step)} is saved; Continue goes on there, with the same result as ` +
        'without the break.';
  const text =
    run.status === 'paused'
      ? kept
      : run.status === 'interrupted'
        ? `The app or the engine ended in mid-run. ${kept}`
        : run.status === 'stopped'
          ? `Stopped at step ${formatCount(run.progress.step)}. ${kept}`
          : run.status === 'pausing' || run.status === 'stopping'
            ? 'Finishing the step and saving a checkpoint.'
            : null;
  return text === null ? null : (
    <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
      {text}
    </Typography>
  );
}
