import { Box, Button, MenuItem, TextField, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { LengthProfile } from '../../../src-main/shared/data/dataset';
import type { ModelId } from '../../../src-main/shared/ids';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useAppState, useReload } from '../../api/app-store';
import { useAction } from '../../api/use-action';
import { BarChart } from '../../components/charts/bar-chart';
import { ChartFrame } from '../../components/charts/chart-frame';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { JobProgress } from '../../components/job-progress';
import { KeyNumber } from '../../components/key-value';
import { Panel } from '../../components/panel';
import { formatCount, formatShort, formatPercent, plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { LengthOnlyRule } from './length-only-rule';

export function LengthTab({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const { profile } = dataset.inspection;
  if (profile === null)
    return <EmptyState title="Nothing to measure" text="No row of this file can be used. The problems say why." />;
  return (
    <>
      <Measure dataset={dataset} unit={profile.unit} />
      <Panel>
        <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'repeat(auto-fit, minmax(150px, 1fr))' }}>
          <KeyNumber
            label="Chosen is longer in"
            value={formatPercent(profile.chosenLonger)}
            note={`equally long in ${formatPercent(profile.equal)}`}
          />
          <KeyNumber
            label="Median chosen"
            value={`${formatShort(profile.chosen.median, 3)} ${profile.unit}`}
            note={`mean ${formatShort(profile.chosen.mean, 3)}, longest ${formatCount(profile.chosen.max)}`}
          />
          <KeyNumber
            label="Median rejected"
            value={`${formatShort(profile.rejected.median, 3)} ${profile.unit}`}
            note={`mean ${formatShort(profile.rejected.mean, 3)}, longest ${formatCount(profile.rejected.max)}`}
          />
          <KeyNumber
            label="Median prompt"
            value={`${formatShort(profile.prompt.median, 3)} ${profile.unit}`}
            note={`longest ${formatCount(profile.prompt.max)}`}
          />
          <KeyNumber
            label="Pairs that share a prompt"
            value={formatCount(profile.duplicatePrompts)}
            note={`of ${plural(profile.pairs, 'pair')}`}
          />
        </Box>
      </Panel>
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: { xs: '1fr', md: '1fr 1fr' } }}>
        <SidesChart profile={profile} />
        <DeltaChart profile={profile} />
      </Box>
      <LengthOnlyRule profile={profile} />
    </>
  );
}

function SidesChart({ profile }: { readonly profile: LengthProfile }): ReactNode {
  const { data } = useTheme();
  const { binWidth, chosen, rejected } = profile.histogram;
  const groups = chosen.map((count, bin) => ({
    from: bin * binWidth,
    to: (bin + 1) * binWidth,
    values: [count, rejected[bin] ?? 0],
  }));
  const more = profile.chosen.median - profile.rejected.median;
  return (
    <ChartFrame
      id="dataset-lengths"
      title="How long are both sides?"
      empty={null}
      height={230}
      sentence={
        more === 0
          ? `Both sides have the same median: ${formatShort(profile.chosen.median, 3)} ${profile.unit}.`
          : `The median chosen answer is ${formatShort(Math.abs(more), 3)} ${profile.unit} ` +
            `${more > 0 ? 'longer' : 'shorter'} than the median rejected one.`
      }
      table={() => ({
        columns: [`from (${profile.unit})`, 'to', 'chosen', 'rejected'],
        rows: groups.map((g) => [g.from, g.to, ...g.values]),
      })}
    >
      <BarChart
        label="Histogram of chosen and rejected lengths"
        groups={groups}
        isOverlaid
        height={230}
        xLabel={`length of the answer (${profile.unit})`}
        yLabel="pairs"
        format={formatCount}
        series={[
          { id: 'chosen', label: 'chosen', color: data.chosen },
          { id: 'rejected', label: 'rejected', color: data.rejected },
        ]}
      />
    </ChartFrame>
  );
}

function DeltaChart({ profile }: { readonly profile: LengthProfile }): ReactNode {
  const { data } = useTheme();
  const { binWidth, start, counts } = profile.deltaHistogram;
  const groups = counts.map((count, bin) => ({
    from: start + bin * binWidth,
    to: start + (bin + 1) * binWidth,
    values: [count],
  }));
  return (
    <ChartFrame
      id="dataset-delta"
      title="Which side is longer?"
      empty={null}
      height={230}
      sentence={
        `Chosen is longer in ${formatPercent(profile.chosenLonger)}, rejected in ` +
        `${formatPercent(1 - profile.chosenLonger - profile.equal)} of ${plural(profile.pairs, 'pair')}. Without ` +
        'length bias both sides of the line weigh the same.'
      }
      table={() => ({
        columns: [`Δ from (${profile.unit})`, 'to', 'pairs'],
        rows: groups.map((g) => [g.from, g.to, ...g.values]),
      })}
    >
      <BarChart
        label="Histogram of chosen minus rejected length"
        groups={groups}
        height={230}
        xLabel={`Δ length: chosen − rejected (${profile.unit})`}
        yLabel="pairs"
        format={formatCount}
        series={[{ id: 'pairs', label: 'pairs', color: data.neutral }]}
        legend={[
          { id: 'rejected', label: 'rejected is longer', color: data.rejected, mark: 'box' },
          { id: 'chosen', label: 'chosen is longer', color: data.chosen, mark: 'box' },
        ]}
        colorOf={(g) => (g.to <= 0 ? data.rejected : g.from >= 0 ? data.chosen : data.neutral)}
        verticals={[{ x: 0, label: '' }]}
      />
    </ChartFrame>
  );
}

function Measure({ dataset, unit }: { readonly dataset: DatasetView; readonly unit: string }): ReactNode {
  const models = valueOf(useAppState().models) ?? [];
  const reload = useReload();
  const measure = useAction('datasets:measure');
  const [choice, setChoice] = useState<ModelId | ''>(
    dataset.measuredWith ?? models.find((model) => !model.starter)?.id ?? models[0]?.id ?? '',
  );
  const measuredBy = models.find((model) => model.id === dataset.measuredWith);
  const start = async (): Promise<void> => {
    if (choice !== '' && (await measure.run({ id: dataset.id, modelId: choice })) !== undefined) reload('datasets');
  };
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap' }}>
        <Typography variant="body2" color="textSecondary" sx={{ flex: 1, minWidth: 240 }}>
          {unit === 'words'
            ? 'Lengths are in words. Measure with a model to see its tokens.'
            : `Lengths are in tokens of ${measuredBy?.name ?? 'a model that is no longer listed'}.`}
        </Typography>
        <TextField
          select
          label="Model"
          value={models.some((m) => m.id === choice) ? choice : ''}
          onChange={(event) => setChoice(event.target.value as ModelId)}
          sx={{ minWidth: 220 }}
        >
          {models.map((model) => (
            <MenuItem key={model.id} value={model.id}>
              {model.name}
            </MenuItem>
          ))}
        </TextField>
        <Button
          variant="outlined"
          disabled={choice === '' || choice === dataset.measuredWith || measure.isBusy}
          onClick={() => void start()}
        >
          Measure in tokens
        </Button>
      </Box>
      {measure.isBusy && <JobProgress job="inspect-dataset" label="Measuring" units="rows" />}
      {measure.error !== null && measure.error.code !== 'stopped' && <ErrorPanel error={measure.error} />}
    </Box>
  );
}
