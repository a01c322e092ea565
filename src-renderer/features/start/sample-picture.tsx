import { Box, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import { formatPercent, formatSigned } from '../../state/format';
import { sampleMeasured } from './sample-measured';

const scale = 4.6; // pixels a token
const left = 58;

/** What the sample measured: how long answers were before training, and after it under each method. */
export function SamplePicture(): ReactNode {
  const { data } = useTheme();
  const [dpo, sampo] = sampleMeasured;
  const rows = [
    { label: 'before', tokens: dpo.before, color: data.neutral },
    ...sampleMeasured.map(({ method, after }, index) => ({
      label: method,
      tokens: after,
      color: data.runs[index] ?? data.ink,
    })),
  ];
  const label =
    `Measured: answers have ${dpo.before} tokens before training, ${dpo.after} after DPO, ${sampo.after} after ` +
    'SamPO';
  const range = ([low, high]: readonly [number, number]): string =>
    `${formatSigned(low, 1)} to ${formatSigned(high, 1)}`;
  return (
    <Box component="figure" sx={{ m: 0, flex: '1 1 264px', maxWidth: { md: 264, lg: 'none' } }}>
      <svg width="264" height="76" viewBox="0 0 264 76" role="img" aria-label={label} fontSize="11.5" fill={data.muted}>
        {rows.map(({ label: name, tokens, color }, index) => (
          <g key={name} transform={`translate(0 ${index * 26})`}>
            <text x={left - 8} y="15" textAnchor="end">
              {name}
            </text>
            <rect x={left} y="4" width={tokens * scale} height="15" rx="2" fill={color} />
            <text x={left + tokens * scale + 6} y="15">
              {tokens.toFixed(1)} tokens
            </text>
          </g>
        ))}
      </svg>
      <Typography component="figcaption" variant="caption" color="textSecondary">
        Mean of 40 answers, measured; 95 % intervals of the change: DPO {range(dpo.change)}, SamPO {range(sampo.change)}{' '}
        tokens. Where the shorter answer is the better one, DPO is right in {formatPercent(dpo.chosenShorter)} of
        held-out pairs, SamPO in {formatPercent(sampo.chosenShorter)}.
      </Typography>
    </Box>
  );
}
