import { Box, Button, LinearProgress, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunForecastView } from '../../../src-main/shared/views/run';
import type { RunSpec } from '../../../src-main/shared/spec/run-spec';
import type { RunView } from '../../../src-main/shared/views/run';
import { useJob } from '../../api/use-job';
import { currentRun, knownPace } from '../../state/app-state';
import { formatDuration, formatPace } from '../../state/format';
import { runName } from '../../state/run-words';
import { estimatedTime, measuredPace, timeParts } from '../../state/time-words';
import { testIds } from '../../test-ids';
import { useMeasured } from './use-measured';

export interface RunTimeProps {
  readonly spec: RunSpec;
  readonly forecast: RunForecastView;
  readonly runs: readonly RunView[];
  readonly modelPath: string | null;
  /** The forecast is of this spec, and the person has come to the last step. */
  readonly isReady: boolean;
}

/** How long the run would take, from a few of its calls; where those cannot be timed, from a run before it. */
export function RunTimeFacts({ spec, forecast, runs, modelPath, isReady }: RunTimeProps): ReactNode {
  const busy = currentRun(runs);
  const { measured, cancel, again } = useMeasured(isReady && busy === null ? spec : null, forecast.steps);
  const job = useJob('measure');
  const before = earlier(spec, forecast, runs, modelPath);
  const line = (text: string, more?: ReactNode): ReactNode => (
    <Box data-testid={testIds.wizardTime} aria-live="polite">
      <Typography variant="body2" color="textSecondary">
        Time
      </Typography>
      <Typography variant="body2">{text}</Typography>
      {more}
    </Box>
  );
  const button = (label: string, onClick: () => void): ReactNode => (
    <Button size="small" onClick={onClick} sx={{ ml: -1.5 }}>
      {label}
    </Button>
  );
  const note = (text: string): ReactNode => (
    <Typography variant="caption" color="textSecondary" component="p">
      {text}
    </Typography>
  );

  if (measured.status === 'ready') {
    const time = estimatedTime(spec, forecast, measured.speed);
    const parts = timeParts(time);
    const basis = `${parts === '' ? '' : `${parts}. `}Measured on ${measured.speed.basis}.`;
    return line(`about ${formatDuration(time.totalMs)} (measured: ${measuredPace(measured.speed)})`, note(basis));
  }
  if (measured.status === 'measuring')
    return line(
      'Measuring a few steps',
      <>
        <LinearProgress
          aria-label="Measuring"
          variant={job !== null && job.total > 0 ? 'determinate' : 'indeterminate'}
          value={job !== null && job.total > 0 ? (100 * job.done) / job.total : 0}
          sx={{ my: 0.5 }}
        />
        {button('Cancel', cancel)}
      </>,
    );
  if (measured.status === 'failed')
    return line(
      before ?? 'not known',
      <>
        {note(`It could not be measured: ${measured.error.message}`)}
        {button('Try again', again)}
      </>,
    );
  if (measured.status === 'cancelled') return line(before ?? 'not measured', button('Measure', again));
  return line(before ?? (busy === null ? 'measured at the last step' : 'not measured while a run trains'));
}

function earlier(
  spec: RunSpec,
  forecast: RunForecastView,
  runs: readonly RunView[],
  modelPath: string | null,
): string | null {
  const pace = knownPace(runs, spec, modelPath);
  if (pace === null) return null;
  const ms = (1000 * forecast.steps * spec.training.pairsPerStep) / pace.pairsPerSecond;
  return `about ${formatDuration(ms)} (${formatPace(pace.pairsPerSecond)}, as in “${runName(pace.run)}”)`;
}
