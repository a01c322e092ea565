import { ToggleButton, ToggleButtonGroup, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { chartMetrics } from '../../../src-main/shared/metrics/registry';
import { ChartFrame } from '../../components/charts/chart-frame';
import { LineChart, type LineSeries } from '../../components/charts/line-chart';
import { toXY } from '../../state/compare-table';
import { formatNumber, formatPercent, formatShort } from '../../state/format';
import { accuracySentence, lossSentence, rewardsSentence } from '../../state/live-sentences';
import { seriesTable } from '../../state/series-table';
import { completeSpec, referenceMode } from '../../state/spec-effect';
import { startLoss } from '../../state/start-loss';
import type { LiveChartProps } from './live-chart-props';

const heldDash = '5 4';
const chartHeight = 196;

export function LossChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const train = toXY(metrics.series['loss']);
  const held = toXY(metrics.series['eval_loss']);
  const series: readonly LineSeries[] = [
    { id: 'train', label: 'training', color: data.ink, points: train, isSmoothed: true },
    ...(held.length > 0
      ? [{ id: 'eval', label: 'held out', color: data.neutral, dash: heldDash, points: held, hasDots: true }]
      : []),
  ];
  const start = startLoss(completeSpec(run.spec).method);
  return (
    <ChartFrame
      id="loss"
      title="Is it learning?"
      sentence={lossSentence(metrics)}
      empty={train.length === 0 ? waiting : null}
      table={() => seriesTable(metrics.series, chartMetrics.loss)}
      fileName={`${run.id}-loss`}
    >
      <LineChart
        label="Loss by step"
        series={series}
        xLabel="step"
        yLabel={run.spec.objective === 'supervised' ? 'loss (nats a token)' : 'loss'}
        height={chartHeight}
        {...(start === null ? {} : { references: [{ y: start, label: `${formatShort(start, 3)}: no preference` }] })}
      />
    </ChartFrame>
  );
}

export function AccuracyChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const [view, setView] = useState<'accuracies' | 'margins'>('accuracies');
  const train = toXY(metrics.series[`rewards/${view}`]);
  const held = toXY(metrics.series[`eval_rewards/${view}`]);
  const isShare = view === 'accuracies';
  const series: readonly LineSeries[] = [
    { id: 'train', label: 'training', color: data.ink, points: train, isSmoothed: true },
    ...(held.length > 0
      ? [{ id: 'eval', label: 'held out', color: data.neutral, dash: heldDash, points: held, hasDots: true }]
      : []),
  ];
  const toggle = (
    <ToggleButtonGroup
      size="small"
      exclusive
      value={view}
      onChange={(_, next: typeof view | null) => next !== null && setView(next)}
      aria-label="What to show"
      sx={{
        mb: 0.5,
        '& .MuiToggleButton-root': { py: 0, px: 1, textTransform: 'none', fontSize: 12, lineHeight: 1.7 },
      }}
    >
      <ToggleButton value="accuracies">Accuracy</ToggleButton>
      <ToggleButton value="margins">Margin</ToggleButton>
    </ToggleButtonGroup>
  );
  return (
    <ChartFrame
      id="accuracy"
      title="Does it tell them apart?"
      sentence={accuracySentence(metrics)}
      empty={train.length === 0 ? waiting : null}
      legend={toggle}
      table={() => seriesTable(metrics.series, chartMetrics.accuracy)}
      fileName={`${run.id}-${view}`}
    >
      <LineChart
        label={isShare ? 'Accuracy by step' : 'Margin by step'}
        series={series}
        xLabel="step"
        yLabel={isShare ? 'accuracy' : 'mean margin'}
        height={chartHeight - 30}
        format={isShare ? (v) => formatPercent(v) : (v) => formatNumber(v)}
        {...(isShare
          ? { yRange: [0, 1] as const, references: [{ y: 0.5, label: 'coin' }] }
          : { include: [0], references: [{ y: 0, label: '' }] })}
      />
    </ChartFrame>
  );
}

export function RewardsChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const side = (name: 'chosen' | 'rejected', color: string): readonly LineSeries[] => {
    const held = toXY(metrics.series[`eval_rewards/${name}`]);
    return [
      { id: name, label: name, color, points: toXY(metrics.series[`rewards/${name}`]), isSmoothed: true },
      ...(held.length > 0
        ? [{ id: `eval-${name}`, label: 'held out', color, dash: heldDash, points: held, hasDots: true }]
        : []),
    ];
  };
  const series = [...side('chosen', data.chosen), ...side('rejected', data.rejected)];
  const hasReference = referenceMode(completeSpec(run.spec)) !== 'none';
  return (
    <ChartFrame
      id="rewards"
      title="Where do the rewards go?"
      sentence={rewardsSentence(metrics, hasReference)}
      empty={(metrics.series['rewards/chosen'] ?? []).length === 0 ? waiting : null}
      table={() => seriesTable(metrics.series, chartMetrics.rewards)}
      fileName={`${run.id}-rewards`}
    >
      <LineChart
        label="Rewards by step"
        series={series}
        xLabel="step"
        yLabel={hasReference ? 'reward (β × log-ratio)' : 'reward (β × log-prob)'}
        height={chartHeight}
        include={hasReference ? [0] : []}
        references={hasReference ? [{ y: 0, label: 'reference' }] : []}
      />
    </ChartFrame>
  );
}
