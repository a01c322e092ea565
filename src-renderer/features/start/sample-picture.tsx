import { useTheme } from '@mui/material';
import type { ReactNode } from 'react';

/** A sketch, no data: rewards that grow with length, and rewards that do not. */
export function SamplePicture(): ReactNode {
  const { data } = useTheme();
  const dots = [[18, 74, 92], [30, 70, 80], [44, 60, 74], [58, 58, 86], [72, 44, 70], [86, 40, 82], [100, 30, 76], [114, 24, 68], [128, 16, 80]] as const;
  return (
    <svg width="236" height="99" viewBox="0 0 316 132" role="img" aria-label="Sketch: with DPO the reward grows with length, with SamPO it does not">
      {[0, 168].map((x, index) => (
        <g key={x} transform={`translate(${x} 0)`} fontSize="11" fill={data.muted}>
          <path d="M8 8V104H146" fill="none" stroke={data.line} strokeWidth="1.5" />
          {dots.map(([dx, followed, level]) => (
            <circle key={dx} cx={dx} cy={index === 0 ? followed + 10 : level - 18} r="4" fill={index === 0 ? data.runs[2] : data.runs[0]} fillOpacity="0.75" />
          ))}
          <path d={index === 0 ? 'M14 88L134 22' : 'M14 62L134 58'} stroke={index === 0 ? data.runs[2] : data.runs[0]} strokeWidth="2" strokeDasharray={index === 0 ? '7 4' : ''} />
          <text x="77" y="124" textAnchor="middle">{index === 0 ? 'DPO' : 'SamPO'}: reward by length</text>
        </g>
      ))}
    </svg>
  );
}
