import { Box, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { largest } from '../../../src-main/shared/extremes';
import { chartMetrics } from '../../../src-main/shared/metrics/registry';
import { ChartFrame } from '../../components/charts/chart-frame';
import { LineChart } from '../../components/charts/line-chart';
import { toXY } from '../../state/compare-table';
import { formatBytes, formatNumber, formatPace } from '../../state/format';
import { lastValue, type RunMetrics } from '../../state/run-metrics';
import { seriesTable } from '../../state/series-table';

const height = 150;
const waiting = 'Comes with the first step.';

/** What the machine and the optimizer do: speed, memory, gradients, updates. */
export function SpeedCharts({ metrics }: { readonly metrics: RunMetrics }): ReactNode {
  const last = (id: StepChartId): number | null => lastValue(metrics, chartMetrics[id][0]);
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fit, minmax(280px, 1fr))' }}>
      <StepChart
        metrics={metrics}
        id="speed"
        title="How fast is it?"
        yLabel="pairs/s"
        format={(v) => formatPace(v)}
        sentence={`${formatPace(last('speed'))} in the last step.`}
        isSmoothed
      />
      <MemoryChart metrics={metrics} />
      <StepChart
        metrics={metrics}
        id="grad-norm"
        title="How large are the gradients?"
        yLabel="gradient norm"
        format={(v) => formatNumber(v)}
        sentence={`Norm ${formatNumber(last('grad-norm'))} before clipping in the last step.`}
        isSmoothed
      />
      <StepChart
        metrics={metrics}
        id="learning-rate"
        title="How large are the updates?"
        yLabel="learning rate"
        format={(v) => formatNumber(v)}
        sentence={`Learning rate ${formatNumber(last('learning-rate'))} in the last step.`}
      />
    </Box>
  );
}

type StepChartId = 'speed' | 'grad-norm' | 'learning-rate';

interface StepChartProps {
  readonly metrics: RunMetrics;
  readonly id: StepChartId;
  readonly title: string;
  readonly sentence: string;
  readonly yLabel: string;
  readonly isSmoothed?: boolean;
  format(value: number): string;
}

function StepChart({ metrics, id, title, sentence, yLabel, isSmoothed = false, format }: StepChartProps): ReactNode {
  const { data } = useTheme();
  const [name] = chartMetrics[id];
  const points = toXY(metrics.series[name]);
  return (
    <ChartFrame
      id={id}
      title={title}
      sentence={sentence}
      empty={points.length === 0 ? waiting : null}
      height={height}
      table={() => seriesTable(metrics.series, [name])}
    >
      <LineChart
        label={title}
        series={[{ id: name, label: yLabel, color: data.ink, points, isSmoothed }]}
        xLabel="step"
        yLabel={yLabel}
        height={height}
        include={[0]}
        format={format}
      />
    </ChartFrame>
  );
}

function MemoryChart({ metrics }: { readonly metrics: RunMetrics }): ReactNode {
  const { data } = useTheme();
  const bytes = metrics.series[chartMetrics.memory[0]] ?? [];
  const gigabytes = bytes.map(({ step, value, min, max }) => ({
    step,
    value: value / 1e9,
    min: min / 1e9,
    max: max / 1e9,
  }));
  return (
    <ChartFrame
      id="memory"
      title="Does memory stay flat?"
      sentence={`Peak so far: ${formatBytes(largest(bytes, (p) => p.value))}.`}
      empty={bytes.length === 0 ? waiting : null}
      height={height}
      table={() => seriesTable({ 'memory (GB)': gigabytes }, ['memory (GB)'])}
    >
      <LineChart
        label="Memory by step"
        series={[{ id: 'rss', label: 'GB', color: data.ink, points: toXY(gigabytes) }]}
        xLabel="step"
        yLabel="memory (GB)"
        height={height}
        include={[0]}
        format={(v) => `${formatNumber(v)} GB`}
      />
    </ChartFrame>
  );
}
