import ChevronLeft from '@mui/icons-material/ChevronLeft';
import ChevronRight from '@mui/icons-material/ChevronRight';
import { Box, Button, IconButton, MenuItem, Slider, TextField, Typography } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ModelId } from '../../../src-main/shared/ids';
import type { DatasetView } from '../../../src-main/shared/views/library';
import { useAppState } from '../../api/app-store';
import { useRequest } from '../../api/use-request';
import { EmptyState } from '../../components/empty-state';
import { ErrorPanel } from '../../components/error-panel';
import { NumberField } from '../../components/number-field';
import { Panel } from '../../components/panel';
import { Loaded } from '../../components/waiting';
import { formatCount, plural } from '../../state/format';
import { valueOf } from '../../state/loadable';
import { formatRoute } from '../../state/router';
import { testIds } from '../../test-ids';
import { TokenView } from './token-view';
import { useJumps } from './use-jumps';

const samplings = [
  { value: 'none', label: 'All tokens (DPO)' },
  { value: 'shared', label: 'SamPO, drawn' },
] as const;

/** One pair as the model reads it: rendered prompt, tokens, what is cut, what SamPO drops. */
export function TokensTab({ dataset }: { readonly dataset: DatasetView }): ReactNode {
  const models = valueOf(useAppState().models) ?? [];
  const [choice, setChoice] = useState<ModelId | null>(dataset.measuredWith);
  const model = models.find((m) => m.id === choice) ?? models.find((m) => m.starter) ?? models[0];
  const [maxLength, setMaxLength] = useState(512);
  const [sampling, setSampling] = useState<string>('shared');
  const [index, setIndex] = useState(0);
  const [at, setAt] = useState(0);
  const count = dataset.inspection.usable;
  const rows = useRequest('datasets:rows', count === 0 ? null : { id: dataset.id, offset: at, limit: 1, search: '' });
  const row = valueOf(rows.data)?.rows[0]?.row;
  const isLengthValid = Number.isInteger(maxLength) && maxLength >= 8;
  const preview = useRequest(
    'datasets:preview',
    row === undefined || model === undefined || !isLengthValid
      ? null
      : { id: dataset.id, modelId: model.id, maxLength, rows: [row], sampling },
    150,
  );
  const show = (next: number): void => {
    const inside = Math.max(0, Math.min(count - 1, next));
    setIndex(inside);
    setAt(inside);
  };
  const jumps = useJumps(dataset, model?.id ?? null, maxLength, show);
  if (count === 0) return <EmptyState title="No usable pair" text="The problems say why." />;
  if (model === undefined)
    return (
      <EmptyState
        title="Needs a model"
        text="Tokens depend on the model’s tokenizer. Add a model first."
        action={
          <Button variant="contained" href={formatRoute({ page: 'models' })}>
            Add a model
          </Button>
        }
      />
    );
  return (
    <Panel>
      <Box sx={{ display: 'flex', gap: 1.5, flexWrap: 'wrap', alignItems: 'flex-start', mb: 1.5 }}>
        <TextField
          select
          label="Model"
          value={model.id}
          onChange={(event) => setChoice(event.target.value as ModelId)}
          sx={{ minWidth: 200, flex: '1 1 200px' }}
        >
          {models.map((m) => (
            <MenuItem key={m.id} value={m.id}>
              {m.name}
            </MenuItem>
          ))}
        </TextField>
        <NumberField
          label="Longest pair"
          unit="tokens"
          value={maxLength}
          isWhole
          onChange={(value) => setMaxLength(value ?? Number.NaN)}
          error={isLengthValid ? null : 'At least 8 tokens.'}
          width={150}
        />
        <TextField
          select
          label="Counted tokens"
          value={sampling}
          onChange={(event) => setSampling(event.target.value)}
          sx={{ minWidth: 190 }}
        >
          {samplings.map(({ value, label }) => (
            <MenuItem key={value} value={value}>
              {label}
            </MenuItem>
          ))}
        </TextField>
      </Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, flexWrap: 'wrap', mb: 1.5 }}>
        <IconButton size="small" aria-label="Previous pair" disabled={index === 0} onClick={() => show(index - 1)}>
          <ChevronLeft />
        </IconButton>
        <Slider
          size="small"
          aria-label="Pair"
          value={index}
          min={0}
          max={Math.max(1, count - 1)}
          onChange={(_, value) => setIndex(value as number)}
          onChangeCommitted={(_, value) => setAt(value as number)}
          sx={{ flex: '1 1 160px', minWidth: 120 }}
        />
        <IconButton size="small" aria-label="Next pair" disabled={index >= count - 1} onClick={() => show(index + 1)}>
          <ChevronRight />
        </IconButton>
        <Typography variant="body2" color="textSecondary" sx={{ minWidth: 130 }}>
          pair {formatCount(index + 1)} of {formatCount(count)}
        </Typography>
        <Button size="small" variant="outlined" disabled={jumps.isBusy} onClick={() => void jumps.to('longest')}>
          Longest
        </Button>
        <Button size="small" variant="outlined" disabled={jumps.isBusy} onClick={() => void jumps.to('most-different')}>
          Most different
        </Button>
        <Button size="small" variant="outlined" disabled={jumps.isBusy} onClick={() => void jumps.to('cut')}>
          Cut
        </Button>
      </Box>
      {jumps.note !== null && (
        <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
          {jumps.note}
        </Typography>
      )}
      {jumps.error !== null && <ErrorPanel error={jumps.error} />}
      <Box data-testid={testIds.datasetTokens}>
        {rows.data.status === 'failed' ? (
          <ErrorPanel error={rows.data.error} onRetry={rows.reload} />
        ) : (
          <Loaded data={preview.data} onRetry={preview.reload}>
            {(pairs) =>
              pairs[0] === undefined ? (
                <Typography variant="body2" color="textSecondary">
                  Row {row} cannot be shown with this model; {plural(0, 'token')}.
                </Typography>
              ) : (
                <TokenView pair={pairs[0]} isStale={preview.isStale} />
              )
            }
          </Loaded>
        )}
      </Box>
    </Panel>
  );
}
