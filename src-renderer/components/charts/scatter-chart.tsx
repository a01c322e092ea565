import { useTheme } from '@mui/material';
import type { ReactNode } from 'react';
import type { LinearFit } from '../../../src-main/shared/statistics';
import { extent, padded, type XY } from '../../state/chart-math';
import { Legend } from './legend';
import { PlotFrame } from './plot-frame';

export interface ScatterSet {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly points: readonly XY[];
  readonly fit: LinearFit | null;
  readonly mark: 'dot' | 'ring';
  readonly dash?: string;
  readonly value?: string;
}

export interface ScatterChartProps {
  readonly label: string;
  readonly sets: readonly ScatterSet[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height?: number;
}

/** Thousands of dots as one path each: a zero-length stroke with round caps is a dot. */
const dots = (points: readonly XY[], x: (v: number) => number, y: (v: number) => number): string =>
  points.map((p) => `M${x(p.x).toFixed(1)},${y(p.y).toFixed(1)}h0`).join('');
const ringPath = (points: readonly XY[], x: (v: number) => number, y: (v: number) => number): string =>
  points.map((p) => `M${(x(p.x) - 2.5).toFixed(1)},${y(p.y).toFixed(1)}a2.5,2.5 0 1,0 5,0a2.5,2.5 0 1,0 -5,0`).join('');

export function ScatterChart({ label, sets, xLabel, yLabel, height = 200 }: ScatterChartProps): ReactNode {
  const { data } = useTheme();
  const all = sets.flatMap((set) => set.points);
  const xRange = padded(extent(all.map((p) => p.x)), [0]);
  const yRange = padded(extent(all.map((p) => p.y)), [0]);
  const legend = sets.map(({ id, label: name, color, mark, value }) => ({
    id,
    label: name,
    color,
    mark,
    ...(value === undefined ? {} : { value }),
  }));
  return (
    <>
      <Legend entries={legend} />
      <PlotFrame
        label={label}
        legend={legend}
        xRange={xRange}
        yRange={yRange}
        xLabel={xLabel}
        yLabel={yLabel}
        height={height}
      >
        {(scales) => (
          <g clipPath={scales.clip}>
            <line
              x1={scales.left}
              x2={scales.right}
              y1={scales.y(0)}
              y2={scales.y(0)}
              stroke={data.muted}
              strokeOpacity={0.5}
            />
            <line
              x1={scales.x(0)}
              x2={scales.x(0)}
              y1={scales.top}
              y2={scales.bottom}
              stroke={data.muted}
              strokeOpacity={0.5}
            />
            {sets.map((set) =>
              set.mark === 'dot' ? (
                <path
                  key={set.id}
                  d={dots(set.points, scales.x, scales.y)}
                  fill="none"
                  stroke={set.color}
                  strokeOpacity={0.5}
                  strokeWidth={4.5}
                  strokeLinecap="round"
                />
              ) : (
                <path
                  key={set.id}
                  d={ringPath(set.points, scales.x, scales.y)}
                  fill="none"
                  stroke={set.color}
                  strokeOpacity={0.45}
                  strokeWidth={1}
                />
              ),
            )}
            {sets.map(({ id, fit, color, dash = '' }) =>
              fit === null ? null : (
                <line
                  key={id}
                  x1={scales.x(xRange[0])}
                  x2={scales.x(xRange[1])}
                  y1={scales.y(fit.intercept + fit.slope * xRange[0])}
                  y2={scales.y(fit.intercept + fit.slope * xRange[1])}
                  stroke={color}
                  strokeWidth={2}
                  strokeDasharray={dash}
                />
              ),
            )}
          </g>
        )}
      </PlotFrame>
    </>
  );
}
