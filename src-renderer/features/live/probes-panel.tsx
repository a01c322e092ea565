import { Box, MenuItem, TextField, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ProbeSample } from '../../../src-main/shared/metrics/reports';
import { isActive } from '../../../src-main/shared/runs/run-status';
import type { RunView } from '../../../src-main/shared/views/run';
import { AnswerCell } from '../../components/answer-cell';
import { Panel } from '../../components/panel';
import { trainedText } from '../../state/compare-table';
import { formatCount, plural } from '../../state/format';
import { probeTable, type ProbeRow } from '../../state/probe-table';
import { testIds } from '../../test-ids';

const firstShown = 6;

/** Fixed prompts, answered before training, at a step of choice, and now. */
export function ProbesPanel({
  probes,
  run,
}: {
  readonly probes: readonly ProbeSample[];
  readonly run: RunView;
}): ReactNode {
  const { steps, rows } = probeTable(probes);
  const [choice, setChoice] = useState<number | null>(null);
  const [isAll, setAll] = useState(false);
  const later = steps.filter((step) => step > 0);
  const newest = later.at(-1);
  const between = later.slice(0, -1);
  const middle = choice !== null && between.includes(choice) ? choice : between[Math.floor(between.length / 2)];
  if (rows.length === 0)
    return (
      <Panel title="Probes" testId={testIds.probes}>
        <Typography variant="body2" color="textSecondary">
          {isActive(run.status)
            ? 'Fixed prompts are answered before the first step and then every ' +
              plural(run.spec.probes.everySteps, 'step') +
              '.'
            : 'This run has no probe answers.'}
        </Typography>
      </Panel>
    );
  const shown = isAll ? rows : rows.slice(0, firstShown);
  return (
    <Panel
      title="Probes"
      testId={testIds.probes}
      help={`${plural(rows.length, 'fixed prompt')}, answered greedily. Marked words are new against the answer before training.`}
      actions={
        middle !== undefined ? (
          <TextField
            select
            label="In between"
            value={middle}
            onChange={(event) => setChoice(Number(event.target.value))}
            sx={{ minWidth: 130 }}
          >
            {between.map((step) => (
              <MenuItem key={step} value={step}>
                step {formatCount(step)}
              </MenuItem>
            ))}
          </TextField>
        ) : undefined
      }
    >
      <Box sx={{ display: 'grid', gap: 0 }}>
        {shown.map((row) => (
          <Row key={row.prompt} row={row} middle={middle} newest={newest} limit={run.spec.probes.maxNewTokens} />
        ))}
      </Box>
      {rows.length > firstShown && (
        <Box sx={{ mt: 1 }}>
          <Toggle isAll={isAll} count={rows.length} onChange={setAll} />
        </Box>
      )}
    </Panel>
  );
}

const Toggle = ({
  isAll,
  count,
  onChange,
}: {
  readonly isAll: boolean;
  readonly count: number;
  readonly onChange: (isAll: boolean) => void;
}): ReactNode => (
  <Typography
    component="button"
    variant="body2"
    onClick={() => onChange(!isAll)}
    sx={{
      border: 0,
      bgcolor: 'transparent',
      color: 'text.primary',
      textDecoration: 'underline',
      cursor: 'pointer',
      p: 0.5,
      font: 'inherit',
    }}
  >
    {isAll ? 'Show fewer' : `Show all ${formatCount(count)} prompts`}
  </Typography>
);

function Row({
  row,
  middle,
  newest,
  limit,
}: {
  readonly row: ProbeRow;
  readonly middle: number | undefined;
  readonly newest: number | undefined;
  readonly limit: number;
}): ReactNode {
  const { data } = useTheme();
  const before = row.byStep.get(0) ?? null;
  const trained = trainedText([[...row.byStep.values()].at(-1)?.trained]);
  const columns = [
    { title: 'Before', sample: before, isBase: true },
    ...(middle === undefined
      ? []
      : [{ title: `Step ${formatCount(middle)}`, sample: row.byStep.get(middle) ?? null, isBase: false }]),
    ...(newest === undefined
      ? []
      : [{ title: `Now (step ${formatCount(newest)})`, sample: row.byStep.get(newest) ?? null, isBase: false }]),
  ];
  return (
    <Box sx={{ borderTop: `1px solid ${data.line}`, py: 1.25 }}>
      <Typography
        variant="body2"
        sx={{
          fontWeight: 620,
          whiteSpace: 'pre-wrap',
          overflowWrap: 'anywhere',
          mb: 0.75,
          maxHeight: 120,
          overflow: 'auto',
        }}
      >
        {row.promptText}
      </Typography>
      {trained !== null && (
        <Typography variant="caption" color="textSecondary" component="p" sx={{ mt: -0.5, mb: 0.75 }}>
          {trained}
        </Typography>
      )}
      <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }}>
        {columns.map(({ title, sample, isBase }) => (
          <AnswerCell key={title} title={title} sample={sample} before={isBase ? null : before} limit={limit} />
        ))}
      </Box>
    </Box>
  );
}
