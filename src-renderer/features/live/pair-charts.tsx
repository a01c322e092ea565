import { useTheme } from '@mui/material';
import { useMemo, type ReactNode } from 'react';
import {
  lengthCorrelation,
  rewardByLength,
  rewardLength,
  verdictPairs,
  type VerdictPairs,
} from '../../../src-main/shared/length/length-bias';
import { rewardVerdict } from '../../../src-main/shared/length/length-verdicts';
import { linearFit } from '../../../src-main/shared/statistics';
import { BarChart } from '../../components/charts/bar-chart';
import { ChartFrame } from '../../components/charts/chart-frame';
import { LineChart } from '../../components/charts/line-chart';
import { ScatterChart, type ScatterSet } from '../../components/charts/scatter-chart';
import { bucketWidth } from '../../state/buckets';
import { formatCorrelation, formatNumber } from '../../state/format';
import { bucketSentence, profileSentence } from '../../state/live-sentences';
import { completeSpec, referenceMode } from '../../state/spec-effect';
import type { LiveChartProps } from './live-chart-props';

const chartHeight = 196;
/** The pairs that the verdicts rest on. */
const useVerdictPairs = ({ metrics }: LiveChartProps): VerdictPairs =>
  useMemo(() => verdictPairs(metrics.pairs), [metrics.pairs]);

export function MarginLengthChart(props: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const { pairs, split } = useVerdictPairs(props);
  const { sets, sentence } = useMemo(() => {
    const delta = pairs.map((p) => p.chosenTokens - p.rejectedTokens);
    const correlation = lengthCorrelation(pairs);
    const isFull = pairs.some((p) => Math.abs(p.margin - p.fullMargin) > 1e-9);
    const set = (
      pick: 'margin' | 'fullMargin',
      r: number | null,
      look: Pick<ScatterSet, 'id' | 'label' | 'color' | 'mark' | 'dash'>,
    ): ScatterSet => ({
      ...look,
      value: `r = ${formatCorrelation(r)}`,
      points: pairs.map((p, i) => ({ x: delta[i] ?? 0, y: p[pick] })),
      fit: linearFit(
        delta,
        pairs.map((p) => p[pick]),
      ),
    });
    const used = set('margin', correlation.margin, {
      id: 'margin',
      label: isFull ? 'as trained' : 'margin',
      color: data.ink,
      mark: 'dot',
      dash: '',
    });
    const full = set('fullMargin', correlation.fullMargin, {
      id: 'full',
      label: 'all tokens',
      color: data.neutral,
      mark: 'ring',
      dash: '5 4',
    });
    return {
      sets: isFull ? [full, used] : [used],
      sentence: rewardVerdict(correlation, split).text,
    };
  }, [pairs, split, data]);
  return (
    <ChartFrame
      id="margin-length"
      title="Does the reward follow length?"
      sentence={sentence}
      empty={pairs.length === 0 ? props.waiting : null}
      fileName={`${props.run.id}-margin-length`}
      table={() => ({
        columns: ['row', 'step', 'Δ length', 'margin', 'margin of all tokens'],
        rows: pairs.map((p) => [p.row, p.step, p.chosenTokens - p.rejectedTokens, p.margin, p.fullMargin]),
      })}
    >
      <ScatterChart
        label="Margin against length difference"
        sets={sets}
        xLabel="Δ length: chosen − rejected (tokens)"
        yLabel="margin"
        height={chartHeight}
      />
    </ChartFrame>
  );
}

export function BucketChart(props: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const { pairs, split } = useVerdictPairs(props);
  const buckets = useMemo(() => rewardByLength(pairs, bucketWidth(pairs)), [pairs]);
  const reward = useMemo(() => rewardLength(pairs), [pairs]);
  return (
    <ChartFrame
      id="buckets"
      title="Which lengths are rewarded?"
      sentence={bucketSentence(pairs, reward, split)}
      empty={pairs.length === 0 ? props.waiting : null}
      fileName={`${props.run.id}-buckets`}
      table={() => ({
        columns: ['tokens from', 'below', 'chosen reward', 'chosen count', 'rejected reward', 'rejected count'],
        rows: buckets.map((b) => [
          b.fromTokens,
          b.toTokens,
          b.chosen.reward,
          b.chosen.count,
          b.rejected.reward,
          b.rejected.count,
        ]),
      })}
    >
      <BarChart
        label="Mean reward by length of the response"
        groups={buckets.map((b) => ({
          from: b.fromTokens,
          to: b.toTokens,
          values: [b.chosen.reward, b.rejected.reward],
          counts: [b.chosen.count, b.rejected.count],
        }))}
        series={[
          { id: 'chosen', label: 'chosen', color: data.chosen },
          { id: 'rejected', label: 'rejected', color: data.rejected },
        ]}
        xLabel="length of the response (tokens)"
        yLabel="mean reward"
        height={chartHeight}
        format={(v) => formatNumber(v, 2)}
      />
    </ChartFrame>
  );
}

/** Bins that fewer pairs than this reach are noise of a single answer. */
const minPairs = 2;

export function ProfileChart({ run, metrics, waiting }: LiveChartProps): ReactNode {
  const { data } = useTheme();
  const { profile } = metrics;
  const what = referenceMode(completeSpec(run.spec)) === 'none' ? 'log-prob' : 'log-ratio';
  const side = (name: 'chosen' | 'rejected'): { readonly x: number; readonly y: number }[] =>
    (profile?.[name] ?? []).flatMap((bin, i) =>
      bin.count >= minPairs * (profile?.binTokens ?? 1)
        ? [{ x: (i + 0.5) * (profile?.binTokens ?? 1), y: bin.mean }]
        : [],
    );
  return (
    <ChartFrame
      id="profile"
      title="Where in the answer?"
      sentence={profileSentence(profile)}
      empty={profile === null ? waiting : null}
      fileName={`${run.id}-profile`}
      table={() => ({
        columns: ['token from', `chosen ${what}`, 'chosen tokens', `rejected ${what}`, 'rejected tokens'],
        rows: Array.from({ length: Math.max(profile?.chosen.length ?? 0, profile?.rejected.length ?? 0) }, (_, i) => [
          i * (profile?.binTokens ?? 1),
          profile?.chosen[i]?.mean ?? null,
          profile?.chosen[i]?.count ?? 0,
          profile?.rejected[i]?.mean ?? null,
          profile?.rejected[i]?.count ?? 0,
        ]),
      })}
    >
      <LineChart
        label={`Mean ${what} by token position`}
        isShared={false}
        series={[
          { id: 'chosen', label: 'chosen', color: data.chosen, points: side('chosen') },
          { id: 'rejected', label: 'rejected', color: data.rejected, dash: '5 4', points: side('rejected') },
        ]}
        xLabel="position in the response (tokens)"
        xUnit="token"
        yLabel={`${what} per token`}
        height={chartHeight}
        include={[0]}
        references={[{ y: 0, label: '' }]}
        format={(v) => formatNumber(v, 2)}
      />
    </ChartFrame>
  );
}
