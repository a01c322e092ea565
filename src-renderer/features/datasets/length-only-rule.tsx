import { Box, Typography, useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { LengthProfile } from '../../../src-main/shared/data/dataset';
import { lengthTells } from '../../../src-main/shared/length/length-profile';
import { Panel } from '../../components/panel';
import { useWidth } from '../../components/charts/use-size';
import { formatPercent, plural } from '../../state/format';

/** How far one gets by looking at nothing but length: the bar that a learned reward should clear for other reasons. */
export function LengthOnlyRule({ profile }: { readonly profile: LengthProfile }): ReactNode {
  const { data } = useTheme();
  const { ref, width } = useWidth<HTMLDivElement>(700);
  const [low, high] = profile.lengthOnlyInterval;
  const isTelling = lengthTells(profile) === 'tells';
  const interval = `${formatPercent(low)} to ${formatPercent(high)}`;
  const x = (share: number): number => 8 + (share - 0.3) * ((width - 16) / 0.7);
  return (
    <Panel
      title="How far does a rule by length alone get?"
      help={
        `“Always pick the ${profile.lengthOnlyRule} answer” is right in ` +
        `${formatPercent(profile.lengthOnlyAccuracy, 1)} of ${plural(profile.pairs, 'pair')} (95 % interval ` +
        `${interval}). A coin is right in 50 %.`
      }
    >
      <Box ref={ref}>
        <svg
          width="100%"
          height="62"
          viewBox={`0 0 ${width} 62`}
          role="img"
          aria-label={`Length-only accuracy ${formatPercent(profile.lengthOnlyAccuracy)}, interval ${interval}`}
          fontSize="11"
          fill={data.muted}
        >
          <line x1={x(0.3)} x2={x(1)} y1="28" y2="28" stroke={data.line} strokeWidth="2" />
          {[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map((share) => (
            <g key={share}>
              <line x1={x(share)} x2={x(share)} y1="24" y2="32" stroke={data.line} strokeWidth="1.5" />
              <text x={x(share)} y="48" textAnchor={share === 0.3 ? 'start' : share === 1 ? 'end' : 'middle'}>
                {formatPercent(share)}
              </text>
            </g>
          ))}
          <line x1={x(0.5)} x2={x(0.5)} y1="8" y2="36" stroke={data.muted} strokeDasharray="3 3" />
          <text x={x(0.5) - 5} y="14" textAnchor="end">
            coin
          </text>
          <line
            x1={x(Math.max(0.3, low))}
            x2={x(high)}
            y1="28"
            y2="28"
            stroke={isTelling ? data.warning : data.good}
            strokeWidth="6"
            strokeLinecap="round"
            strokeOpacity="0.4"
          />
          <circle
            cx={x(Math.max(0.3, profile.lengthOnlyAccuracy))}
            cy="28"
            r="6"
            fill={isTelling ? data.warning : data.good}
          />
        </svg>
      </Box>
      <Typography variant="caption" color="textSecondary">
        The share axis starts at 30 %.
      </Typography>
    </Panel>
  );
}
