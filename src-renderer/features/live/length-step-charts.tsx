import { useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { answerGrowth } from '../../../src-main/shared/length/answer-growth';
import { answerVerdict } from '../../../src-main/shared/length/length-verdicts';
import type { ProbeSample } from '../../../src-main/shared/metrics/reports';
import { chartMetrics } from '../../../src-main/shared/metrics/registry';
import { ChartFrame } from '../../components/charts/chart-frame';
import { LineChart } from '../../components/charts/line-chart';
import { toXY } from '../../state/compare-table';
import { formatCorrelation, formatNumber } from '../../state/format';
import { keptSentence } from '../../state/live-sentences';
import { probeLengths } from '../../state/probe-table';
import { lastValue } from '../../state/run-metrics';
import { completeSpec } from '../../state/spec-effect';
import { seriesTable } from '../../state/series-table';
import type { LiveChartProps } from './live-chart-props';

const chartHeight = 196;

export function CorrelationChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const used = toXY(metrics.series['length/margin_correlation']);
  const full = toXY(metrics.series['length/full_margin_correlation']);
  const now = lastValue(metrics, 'length/margin_correlation');
  const first = metrics.series['length/margin_correlation']?.find((p) => p.step >= 5)?.value ?? null;
  const sentence =
    now === null
      ? null
      : 'Over the last 256 training pairs r is ' +
        `${formatCorrelation(now)}${first === null ? '' : `; near the start it was ${formatCorrelation(first)}`}.`;
  const isSame = used.every((point, i) => Math.abs(point.y - (full[i]?.y ?? point.y)) < 1e-9);
  return (
    <ChartFrame
      id="correlation"
      title="Does the link with length grow?"
      sentence={sentence}
      empty={used.length === 0 ? waiting : null}
      table={() => seriesTable(metrics.series, chartMetrics.correlation)}
      fileName={`${run.id}-correlation`}
    >
      <LineChart
        label="Correlation of margin and length difference by step"
        series={[
          { id: 'used', label: isSame ? 'margin' : 'margin as trained', color: data.ink, points: used },
          ...(isSame ? [] : [{ id: 'full', label: 'from all tokens', color: data.neutral, dash: '5 4', points: full }]),
        ]}
        xLabel="step"
        yLabel="correlation r, training pairs"
        height={chartHeight}
        yRange={[-1, 1]}
        format={formatCorrelation}
        references={[{ y: 0, label: 'none' }]}
      />
    </ChartFrame>
  );
}

export function KeptChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const [chosen, rejected, kept] = chartMetrics.kept.map((name) => toXY(metrics.series[name]));
  return (
    <ChartFrame
      id="kept"
      title="How many tokens count?"
      sentence={keptSentence(metrics)}
      empty={(chosen ?? []).length === 0 ? waiting : null}
      table={() => seriesTable(metrics.series, chartMetrics.kept)}
      fileName={`${run.id}-tokens`}
    >
      <LineChart
        label="Tokens by step"
        series={[
          { id: 'chosen', label: 'chosen', color: data.chosen, points: chosen ?? [], isSmoothed: true },
          { id: 'rejected', label: 'rejected', color: data.rejected, points: rejected ?? [], isSmoothed: true },
          ...(completeSpec(run.spec).method.sampling === 'none'
            ? []
            : [
                {
                  id: 'kept',
                  label: 'kept of each side',
                  color: data.ink,
                  dash: '5 4',
                  points: kept ?? [],
                  isSmoothed: true,
                },
              ]),
        ]}
        xLabel="step"
        yLabel="tokens, mean of a step"
        height={chartHeight}
        include={[0]}
        format={(v) => formatNumber(v)}
      />
    </ChartFrame>
  );
}

export function AnswerLengthChart({
  run,
  probes,
  waiting,
}: LiveChartProps & { readonly probes: readonly ProbeSample[] }): ReactNode {
  const { data } = useTheme();
  const lengths = probeLengths(probes);
  const growth = answerGrowth(probes);
  const before = lengths.find(({ step }) => step === 0)?.tokens;
  const verdict = growth === null ? null : answerVerdict(growth);
  return (
    <ChartFrame
      id="answers"
      title="How long are its answers?"
      sentence={verdict === null ? 'Only the answers from before training are in.' : verdict.text}
      empty={
        lengths.length === 0
          ? waiting.startsWith('Comes')
            ? 'Comes with the first probe answers, before the first step.'
            : waiting
          : null
      }
      table={() => ({
        columns: ['step', 'mean tokens', 'answers'],
        rows: lengths.map(({ step, tokens, count }) => [step, tokens, count]),
      })}
      fileName={`${run.id}-answers`}
    >
      <LineChart
        label="Mean length of probe answers by step"
        series={[
          {
            id: 'answers',
            label: 'mean of the probes',
            color: data.ink,
            points: lengths.map(({ step, tokens }) => ({ x: step, y: tokens })),
            hasDots: true,
          },
        ]}
        xLabel="step"
        yLabel="tokens of an answer"
        height={chartHeight}
        include={[0]}
        format={(v) => formatNumber(v)}
        {...(before === undefined ? {} : { references: [{ y: before, label: 'before training' }] })}
      />
    </ChartFrame>
  );
}
