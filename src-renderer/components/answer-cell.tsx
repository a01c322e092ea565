import { Box, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { ProbeSample } from '../../src-main/shared/metrics/reports';
import { formatTokens } from '../state/format';
import { isRepetitive, repetition } from '../state/probe-table';
import { DiffText } from './diff-text';

export interface AnswerCellProps {
  readonly title: ReactNode;
  readonly sample: ProbeSample | null;
  readonly before: ProbeSample | null;
  /** Why there is no answer. */
  readonly missing?: string;
  readonly limit?: number;
}

/** One answer: its length against the one before training, its flags, its words with what is new. */
export function AnswerCell({ title, sample, before, missing = 'not answered yet', limit }: AnswerCellProps): ReactNode {
  const { data } = useTheme();
  const change = sample !== null && before !== null ? sample.tokens - before.tokens : null;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'baseline', flexWrap: 'wrap', mb: 0.25 }}>
        <Typography variant="caption" color="textSecondary">
          {title}
        </Typography>
        {sample !== null && (
          <Typography variant="caption" sx={{ fontWeight: 650 }}>
            {formatTokens(sample.tokens)}
            {change !== null && change !== 0 ? ` (${change > 0 ? '+' : '−'}${Math.abs(change)})` : ''}
          </Typography>
        )}
        {sample?.finish === 'length' && (
          <Flag
            text="cut at the limit"
            title={
              limit === undefined ? 'It reached the longest answer allowed' : `It reached the limit of ${limit} tokens`
            }
            color={data.warning}
            soft={data.warningSoft}
          />
        )}
        {sample !== null && isRepetitive(sample.text) && (
          <Flag
            text="repeats itself"
            title={`${Math.round(repetition(sample.text) * 100)} % of its four-word sequences occurred before`}
            color={data.bad}
            soft={data.badSoft}
          />
        )}
      </Box>
      <Typography variant="body2" component="div" sx={{ maxHeight: 220, overflow: 'auto' }}>
        {sample === null ? (
          <Box component="span" sx={{ color: 'text.secondary' }}>
            {missing}
          </Box>
        ) : sample.text === '' ? (
          <Box component="span" sx={{ color: 'text.secondary' }}>
            (empty answer)
          </Box>
        ) : (
          <DiffText before={before?.text ?? null} after={sample.text} />
        )}
      </Typography>
    </Box>
  );
}

const Flag = ({
  text,
  title,
  color,
  soft,
}: {
  readonly text: string;
  readonly title: string;
  readonly color: string;
  readonly soft: string;
}): ReactNode => (
  <Box
    component="span"
    title={title}
    sx={{
      fontSize: 11,
      fontWeight: 600,
      color,
      bgcolor: soft,
      borderRadius: 1,
      px: 0.75,
      lineHeight: 1.6,
      whiteSpace: 'nowrap',
    }}
  >
    {text}
  </Box>
);
