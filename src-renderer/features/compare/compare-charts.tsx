import { Box, ToggleButton, ToggleButtonGroup, Typography, useTheme } from '@mui/material';
import { useMemo, useState, type ReactNode } from 'react';
import type { ProbeSample } from '../../../src-main/shared/metrics/reports';
import type { MetricName } from '../../../src-main/shared/metrics/registry';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { RunView, SeriesByName } from '../../../src-main/shared/views/run';
import { useManySeries } from '../../api/use-many-series';
import { ChartFrame } from '../../components/charts/chart-frame';
import { ChartGroup } from '../../components/charts/chart-group';
import { LineChart, type LineSeries } from '../../components/charts/line-chart';
import { axisOf, toXY, type CompareAxis } from '../../state/compare-table';
import { compareSentence, type CompareChartSpec } from '../../state/compare-sentences';
import type { XY } from '../../state/chart-math';
import { formatCorrelation, formatDuration, formatNumber, formatPercent } from '../../state/format';
import { probeLengths } from '../../state/probe-table';
import { runName } from '../../state/run-words';
import { runStyles } from '../../theme/palette';

const charts: readonly CompareChartSpec[] = [
  {
    id: 'answers',
    title: 'How long are the answers?',
    name: null,
    yLabel: 'tokens of an answer, mean',
    kind: 'number',
    includesZero: true,
    hasDots: true,
  },
  {
    id: 'correlation',
    title: 'Does the reward follow length?',
    name: 'length/margin_correlation',
    yLabel: 'correlation r, training pairs',
    kind: 'correlation',
    range: [-1, 1],
  },
  {
    id: 'accuracy',
    title: 'Do they tell pairs apart?',
    name: 'rewards/accuracies',
    yLabel: 'accuracy',
    kind: 'percent',
    range: [0, 1],
    isSmoothed: true,
  },
  {
    id: 'held-accuracy',
    title: 'And held-out pairs?',
    name: 'eval_rewards/accuracies',
    yLabel: 'accuracy, held out',
    kind: 'percent',
    range: [0, 1],
    hasDots: true,
  },
  { id: 'loss', title: 'Are they learning?', name: 'loss', yLabel: 'loss', kind: 'number', isSmoothed: true },
  {
    id: 'margins',
    title: 'How far apart are the rewards?',
    name: 'rewards/margins',
    yLabel: 'mean margin',
    kind: 'number',
    includesZero: true,
    isSmoothed: true,
  },
];
const names: readonly MetricName[] = [...charts.flatMap(({ name }) => (name === null ? [] : [name])), 'perf/step_ms'];

const formats = {
  number: (v: number) => formatNumber(v),
  percent: (v: number) => formatPercent(v),
  correlation: (v: number) => formatCorrelation(v),
} as const;
const axisLabels: Readonly<Record<CompareAxis, string>> = {
  step: 'step',
  pairs: 'pairs seen',
  time: 'training time (s)',
};

export function CompareCharts({
  runs,
  probes,
}: {
  readonly runs: readonly RunView[];
  readonly probes: readonly (readonly ProbeSample[])[];
}): ReactNode {
  const [axis, setAxis] = useState<CompareAxis>('step');
  const { byRun, isLoading } = useManySeries(
    runs.map((run) => run.id),
    names,
  );
  return (
    <Box component="section" aria-label="Charts">
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, mb: 1.25 }}>
        <Typography variant="body2" color="textSecondary">
          Over
        </Typography>
        <ToggleButtonGroup
          size="small"
          exclusive
          value={axis}
          onChange={(_, next: CompareAxis | null) => next !== null && setAxis(next)}
          aria-label="Horizontal axis"
          sx={{ '& .MuiToggleButton-root': { py: 0.25, px: 1.5, textTransform: 'none' } }}
        >
          <ToggleButton value="step">steps</ToggleButton>
          <ToggleButton value="pairs">pairs</ToggleButton>
          <ToggleButton value="time">time</ToggleButton>
        </ToggleButtonGroup>
      </Box>
      <ChartGroup key={axis}>
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: { xs: 'repeat(2, minmax(0, 1fr))', lg: 'repeat(3, minmax(0, 1fr))' },
          }}
        >
          {charts.map((chart) => (
            <OneChart
              key={chart.id}
              chart={chart}
              runs={runs}
              probes={probes}
              byRun={byRun}
              axis={axis}
              isLoading={isLoading}
            />
          ))}
        </Box>
      </ChartGroup>
    </Box>
  );
}

interface OneChartProps {
  readonly chart: CompareChartSpec;
  readonly runs: readonly RunView[];
  readonly probes: readonly (readonly ProbeSample[])[];
  readonly byRun: ReadonlyMap<string, SeriesByName>;
  readonly axis: CompareAxis;
  readonly isLoading: boolean;
}

function OneChart({ chart, runs, probes, byRun, axis, isLoading }: OneChartProps): ReactNode {
  const { data } = useTheme();
  const series = useMemo(() => {
    const styles = runStyles(data, runs);
    return runs.map((run, index): LineSeries => {
      const own = byRun.get(run.id) ?? {};
      const place = axisOf(axis, run, own);
      const points: readonly XY[] =
        chart.name === null
          ? probeLengths(probes[index] ?? []).map(({ step, tokens }) => ({ x: place(step), y: tokens }))
          : toXY(own[chart.name], place);
      return {
        id: run.id,
        label: runName(run),
        ...styles[index]!,
        points,
        isSmoothed: chart.isSmoothed ?? false,
        hasDots: chart.hasDots ?? false,
      };
    });
  }, [runs, probes, byRun, axis, chart, data]);
  const isEmpty = series.every(({ points }) => points.length === 0);
  const isLive = runs.some((run) => isActive(run.status));
  const xs = [...new Set(series.flatMap(({ points }) => points.map((p) => p.x)))].sort((a, b) => a - b);
  return (
    <ChartFrame
      id={`compare-${chart.id}`}
      title={chart.title}
      isLoading={isLoading && isEmpty}
      empty={
        isEmpty
          ? isLive
            ? 'Comes as soon as one of the runs has measured it.'
            : 'None of these runs measured it.'
          : null
      }
      sentence={compareSentence(chart, series)}
      table={() => ({
        columns: [axisLabels[axis], ...series.map(({ label }) => label)],
        rows: xs.map((x) => [x, ...series.map(({ points }) => points.find((p) => p.x === x)?.y ?? null)]),
      })}
    >
      <LineChart
        label={chart.title}
        series={series}
        xLabel={axisLabels[axis]}
        yLabel={chart.yLabel}
        height={204}
        format={formats[chart.kind]}
        wholeX={axis !== 'time'}
        {...(axis === 'time' ? { formatX: (v: number) => (v < 120 ? formatNumber(v) : formatDuration(v * 1000)) } : {})}
        {...(chart.range === undefined ? {} : { yRange: chart.range })}
        {...(chart.includesZero ? { include: [0] } : {})}
        {...(chart.kind === 'correlation'
          ? { references: [{ y: 0, label: 'none' }] }
          : chart.kind === 'percent'
            ? { references: [{ y: 0.5, label: 'coin' }] }
            : {})}
      />
    </ChartFrame>
  );
}
