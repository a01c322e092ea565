import { Box } from '@mui/material';
import type { ReactNode } from 'react';
import type { ProbeSample } from '../../../src-main/shared/metrics/reports';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';
import type { RunMetrics } from '../../state/run-metrics';
import { AccuracyChart, LossChart, RewardsChart } from './step-charts';
import { AnswerLengthChart, CorrelationChart, KeptChart } from './length-step-charts';
import { BucketChart, MarginLengthChart, ProfileChart } from './pair-charts';
import { useZoomedSeries } from './use-zoomed-series';

const grid = {
  display: 'grid',
  gap: 2,
  gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', lg: 'repeat(3, minmax(0, 1fr))' },
} as const;

/** Learning, telling apart, length: in this order. */
export function LiveCharts({
  run,
  metrics: live,
  probes,
}: {
  readonly run: RunView;
  readonly metrics: RunMetrics;
  readonly probes: readonly ProbeSample[];
}): ReactNode {
  const metrics = useZoomedSeries(run.id, live);
  const waiting = isActive(run.status)
    ? run.status === 'queued'
      ? 'Waits for the run before it.'
      : 'Comes with the first step; the run is being prepared.'
    : 'This run ended before it could measure this.';
  const props = { run, metrics, waiting };
  if (run.spec.objective === 'supervised')
    return (
      <Box sx={grid}>
        <LossChart {...props} />
        <AnswerLengthChart {...props} probes={probes} />
      </Box>
    );
  return (
    <Box sx={grid}>
      <LossChart {...props} />
      <AccuracyChart {...props} />
      <RewardsChart {...props} />
      <MarginLengthChart {...props} />
      <BucketChart {...props} />
      <ProfileChart {...props} />
      <CorrelationChart {...props} />
      <KeptChart {...props} />
      <AnswerLengthChart {...props} probes={probes} />
    </Box>
  );
}
