import { Alert, Box, LinearProgress, Paper, Skeleton, Typography } from '@mui/material';
import type { ReactNode } from 'react';
import type { RunForecastView } from '../../../src-main/shared/views/run';
import type { DatasetView, ModelView } from '../../../src-main/shared/views/library';
import type { RunView } from '../../../src-main/shared/views/run';
import { useJob } from '../../api/use-job';
import { ErrorPanel } from '../../components/error-panel';
import { Facts, type Fact } from '../../components/key-value';
import { MemoryPartsList } from '../../components/memory-parts';
import { formatCount, formatNumber, formatPercent, none, plural } from '../../state/format';
import type { Loadable } from '../../state/loadable';
import { methodName } from '../../state/method-words';
import { changesOf } from '../../state/spec-changes';
import { specOf, type WizardDraft } from '../../state/wizard-draft';
import { memoryVerdict } from '../../state/wizard-words';
import { testIds } from '../../test-ids';
import { RunTimeFacts } from './run-time';

export interface SummaryProps {
  readonly draft: WizardDraft;
  readonly models: readonly ModelView[];
  readonly datasets: readonly DatasetView[];
  readonly runs: readonly RunView[];
  readonly forecast: Loadable<RunForecastView> | null;
  readonly isStale: boolean;
  readonly onRetry: () => void;
}

/** Always in view: what the form as it stands would do on this machine. */
export function Summary({ draft, models, datasets, runs, forecast, isStale, onRetry }: SummaryProps): ReactNode {
  const model = models.find((m) => m.id === draft.modelId);
  const dataset = datasets.find((d) => d.id === draft.datasetId);
  const methods = [draft.spec.method.id, ...(draft.twin === null ? [] : [draft.twin])].map(methodName);
  const changes = changesOf(draft.spec);
  return (
    <Paper
      component="aside"
      variant="outlined"
      aria-label="Summary"
      data-testid={testIds.wizardSummary}
      sx={{
        p: 2,
        display: 'flex',
        flexDirection: 'column',
        gap: 1.5,
        maxHeight: 'calc(100vh - 70px)',
        overflow: 'auto',
      }}
    >
      <Typography variant="h2" component="h2">
        Summary
      </Typography>
      <Facts
        facts={[
          { label: 'Model', value: model?.name ?? none },
          { label: 'Data', value: dataset?.name ?? none },
          { label: 'Method', value: methods.join(' and ') },
        ]}
      />
      <Box sx={{ borderTop: '1px solid', borderColor: 'divider', pt: 1.5 }}>
        {forecast === null ? (
          <Typography variant="body2" color="textSecondary">
            Steps, memory and cuts appear here as soon as{' '}
            {model === undefined || dataset === undefined ? 'model and data are chosen' : 'every field is valid'}.
          </Typography>
        ) : forecast.status === 'failed' && !isStale ? (
          <ErrorPanel error={forecast.error} onRetry={onRetry} />
        ) : forecast.status === 'ready' ? (
          <Box sx={{ opacity: isStale ? 0.5 : 1 }} aria-busy={isStale}>
            <ForecastFacts
              forecast={forecast.value}
              draft={draft}
              runs={runs}
              modelPath={model?.path ?? null}
              isStale={isStale}
            />
          </Box>
        ) : (
          <Box aria-busy="true" aria-label="Working out the forecast">
            <ForecastProgress />
            {[0, 1, 2, 3, 4].map((row) => (
              <Skeleton key={row} height={24} />
            ))}
          </Box>
        )}
      </Box>
      {changes.length > 0 && (
        <Box sx={{ borderTop: '1px solid', borderColor: 'divider', pt: 1.5 }}>
          <Typography variant="h3" component="h3" sx={{ mb: 0.5 }}>
            Differs from the defaults
          </Typography>
          <Facts
            facts={changes.map(({ path, label, value, byDefault }) => ({
              label,
              value:
                path === 'model.reference' ? (models.find((m) => `model:${m.id}` === value)?.name ?? value) : value,
              title: `default ${byDefault}`,
            }))}
          />
        </Box>
      )}
    </Paper>
  );
}

/** A large file takes a while; a small one is done before anybody could read this. */
function ForecastProgress(): ReactNode {
  const job = useJob('preflight');
  return job === null || job.total === 0 ? null : (
    <Typography variant="body2" color="textSecondary">
      Reading {formatCount(job.done)} of {plural(job.total, 'pair')}
    </Typography>
  );
}

interface ForecastFactsProps extends Pick<SummaryProps, 'draft' | 'runs' | 'isStale'> {
  readonly forecast: RunForecastView;
  readonly modelPath: string | null;
}

function ForecastFacts({ forecast, draft, runs, modelPath, isStale }: ForecastFactsProps): ReactNode {
  const spec = specOf(draft);
  const memory = memoryVerdict(forecast);
  const pairs = forecast.steps * draft.spec.training.pairsPerStep;
  const facts: readonly Fact[] = [
    { label: 'Steps', value: formatCount(forecast.steps), title: `${formatCount(pairs)} pairs in all` },
    {
      label: 'Pairs',
      value: `${formatCount(forecast.usablePairs - forecast.evalPairs)} + ${formatCount(forecast.evalPairs)} held out`,
    },
    { label: 'Trained', value: `${formatCount(forecast.trainableParameters)} numbers` },
    { label: 'Longest', value: plural(forecast.longestPairTokens, 'token') },
    { label: 'Cut', value: forecast.cutPairs === 0 ? 'no pair' : plural(forecast.cutPairs, 'pair') },
    ...(forecast.droppedPairs > 0 ? [{ label: 'Left out', value: plural(forecast.droppedPairs, 'pair') }] : []),
    ...(forecast.tokensKeptShare === null
      ? []
      : [
          {
            label: 'Tokens kept',
            value: formatPercent(forecast.tokensKeptShare),
            title: `SamPO counts ${formatNumber(forecast.tokensKeptShare * 100)} % of the answers’ tokens`,
          },
        ]),
  ];
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 1.25 }}>
      <Facts facts={facts} />
      {spec !== null && (
        <RunTimeFacts
          spec={spec}
          forecast={forecast}
          runs={runs}
          modelPath={modelPath}
          isReady={draft.step === 'review' && !isStale}
        />
      )}
      <Box>
        <Box sx={{ display: 'flex', justifyContent: 'space-between', mb: 0.5 }}>
          <Typography variant="body2" color="textSecondary">
            Memory
          </Typography>
          <Typography variant="body2" title="Estimated peak">
            {formatPercent(memory.share)}
          </Typography>
        </Box>
        <LinearProgress
          variant="determinate"
          value={Math.min(100, memory.share * 100)}
          color={memory.level === 'good' ? 'primary' : memory.level === 'warning' ? 'warning' : 'error'}
          aria-label="Memory against this machine"
        />
        <Typography
          variant="caption"
          color={memory.level === 'good' ? 'textSecondary' : memory.level === 'warning' ? 'warning' : 'error'}
        >
          {memory.text}
        </Typography>
        <MemoryPartsList parts={forecast.memoryParts} />
      </Box>
      {draft.step !== 'review' &&
        forecast.warnings
          .filter(({ level }) => level === 'warning')
          .map(({ code, message }) => (
            <Alert
              key={code}
              severity="warning"
              variant="outlined"
              sx={{ py: 0, fontSize: 12.5, overflowWrap: 'anywhere' }}
            >
              {message}
            </Alert>
          ))}
    </Box>
  );
}
