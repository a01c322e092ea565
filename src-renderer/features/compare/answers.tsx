import { Box, Button, FormControlLabel, Switch, Typography, useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import type { ComparisonView } from '../../../src-main/shared/views/comparison';
import type { RunView } from '../../../src-main/shared/views/run';
import { AnswerCell } from '../../components/answer-cell';
import { Panel } from '../../components/panel';
import { RunKey } from '../../components/run-key';
import { answerRows, blindOrder, type AnswerRow } from '../../state/compare-table';
import { formatCount, plural } from '../../state/format';
import { runName } from '../../state/run-words';
import { testIds } from '../../test-ids';
import { runStyles, type RunStyle } from '../../theme/palette';

const firstShown = 8;

export function Answers({ view }: { readonly view: ComparisonView }): ReactNode {
  const [isBlind, setBlind] = useState(false);
  const [seed, setSeed] = useState(1);
  const [picks, setPicks] = useState<ReadonlyMap<string, number | null>>(new Map());
  const [isAll, setAll] = useState(false);
  const rows = answerRows(view.probes);
  const { data } = useTheme();
  const styles = runStyles(data, view.runs);
  const shown = isAll ? rows : rows.slice(0, firstShown);
  const toggle = (next: boolean): void => {
    setBlind(next);
    setPicks(new Map());
    setSeed(Date.now() >>> 0);
  };
  return (
    <Panel
      title="Answers"
      testId={testIds.compareAnswers}
      help={
        isBlind
          ? 'The runs are hidden and change places from row to row. Pick the answer you prefer; the row then shows ' +
            'which is which.'
          : 'The newest answer of each run to the same prompts, told by their text. Marked words are new against ' +
            'that run’s answer before training.'
      }
      actions={
        rows.length > 0 ? (
          <FormControlLabel
            control={
              <Switch
                checked={isBlind}
                onChange={(event) => toggle(event.target.checked)}
                slotProps={{ input: { 'data-testid': testIds.compareBlind } as Record<string, string> }}
              />
            }
            label="Blind"
            sx={{ mr: 0 }}
          />
        ) : undefined
      }
    >
      {rows.length === 0 && (
        <Typography variant="body2" color="textSecondary">
          No probe answers yet; the first come before training starts.
        </Typography>
      )}
      {isBlind && picks.size > 0 && <Tally runs={view.runs} picks={picks} />}
      {shown.map((row, index) => (
        <Row
          key={row.key}
          row={row}
          runs={view.runs}
          styles={styles}
          order={isBlind ? blindOrder(answered(row).length, index, seed).map((place) => answered(row)[place]!) : null}
          pick={picks.get(row.key)}
          onPick={(run) => setPicks(new Map([...picks, [row.key, run]]))}
        />
      ))}
      {rows.length > firstShown && (
        <Button size="small" onClick={() => setAll(!isAll)} sx={{ mt: 1 }}>
          {isAll ? 'Show fewer' : `Show all ${formatCount(rows.length)} prompts`}
        </Button>
      )}
    </Panel>
  );
}

function Tally({
  runs,
  picks,
}: {
  readonly runs: readonly RunView[];
  readonly picks: ReadonlyMap<string, number | null>;
}): ReactNode {
  const counts = runs.map(
    (run, index) => `${runName(run)} ${[...picks.values()].filter((pick) => pick === index).length}`,
  );
  const draws = [...picks.values()].filter((pick) => pick === null).length;
  return (
    <Typography variant="body2" role="status" sx={{ mb: 1, fontWeight: 600 }}>
      Picked so far ({plural(picks.size, 'row')}): {counts.join(', ')}
      {draws > 0 ? `, no preference ${draws}` : ''}.
    </Typography>
  );
}

interface RowProps {
  readonly row: AnswerRow;
  readonly runs: readonly RunView[];
  readonly styles: readonly RunStyle[];
  readonly order: readonly number[] | null;
  readonly pick: number | null | undefined;
  readonly onPick: (run: number | null) => void;
}

/** Runs that have an answer in this row: the only ones a blind choice can be between. */
const answered = (row: AnswerRow): readonly number[] =>
  row.after.flatMap((sample, index) => (sample === null ? [] : [index]));

function Row({ row, runs, styles, order, pick, onPick }: RowProps): ReactNode {
  const { data } = useTheme();
  const isHidden = order !== null && order.length > 1 && pick === undefined;
  const places = order !== null && order.length > 1 ? order : runs.map((_, index) => index);
  const hasBefore = order === null && row.common !== null;
  return (
    <Box sx={{ borderTop: `1px solid ${data.line}`, py: 1.5 }}>
      <Box sx={{ display: 'flex', gap: 2, alignItems: 'baseline', mb: 0.75 }}>
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography
            variant="body2"
            sx={{ fontWeight: 620, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxHeight: 120, overflow: 'auto' }}
          >
            {row.promptText}
          </Typography>
          {order === null && row.trained !== null && (
            <Typography variant="caption" color="textSecondary">
              {row.trained}
            </Typography>
          )}
        </Box>
        {isHidden && (
          <Button size="small" onClick={() => onPick(null)}>
            No preference
          </Button>
        )}
      </Box>
      <Box sx={{ overflowX: 'auto' }}>
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: `repeat(${places.length + (hasBefore ? 1 : 0)}, minmax(190px, 1fr))`,
          }}
        >
          {hasBefore && <AnswerCell title="Before training" sample={row.common} before={null} />}
          {places.map((index, place) => {
            const run = runs[index];
            if (run === undefined) return null;
            const letter = `Answer ${String.fromCharCode(65 + place)}`;
            return (
              <Box
                key={run.id}
                sx={
                  pick === index && order !== null
                    ? { outline: `2px solid ${data.good}`, outlineOffset: 6, borderRadius: 1 }
                    : {}
                }
              >
                <AnswerCell
                  title={isHidden ? letter : <RunKey run={run} style={styles[index]!} />}
                  sample={row.after[index] ?? null}
                  before={isHidden ? null : (row.before[index] ?? null)}
                  missing={row.asked[index] === true ? 'not answered yet' : 'not among this run’s prompts'}
                  limit={run.spec.probes.maxNewTokens}
                />
                {isHidden && (
                  <Button size="small" variant="outlined" onClick={() => onPick(index)} sx={{ mt: 0.75 }}>
                    Prefer {letter.slice(-1)}
                  </Button>
                )}
              </Box>
            );
          })}
        </Box>
      </Box>
    </Box>
  );
}
