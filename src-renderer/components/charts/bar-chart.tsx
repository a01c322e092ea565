import { useTheme } from '@mui/material';
import { useState, type ReactNode } from 'react';
import { extent, padded } from '../../state/chart-math';
import { formatCount } from '../../state/format';
import { Legend, type LegendEntry } from './legend';
import { PlotFrame } from './plot-frame';

export interface BarGroup {
  readonly from: number;
  readonly to: number;
  readonly values: readonly (number | null)[]; // one a series
  readonly counts?: readonly number[];
}

export interface BarChartProps {
  readonly label: string;
  readonly groups: readonly BarGroup[];
  readonly series: readonly { readonly id: string; readonly label: string; readonly color: string }[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height?: number;
  readonly format: (value: number) => string;
  /** Bars of several series lie on one another (histograms) instead of side by side. */
  readonly isOverlaid?: boolean;
  /** Names the colours where they do not stand for series. */
  readonly legend?: readonly LegendEntry[];
  readonly colorOf?: (group: BarGroup) => string;
  readonly verticals?: readonly { readonly x: number; readonly label: string }[];
}

/** Bars over ranges of x: histograms, and means by bucket. */
export function BarChart(props: BarChartProps): ReactNode {
  const { groups, series, height = 200, isOverlaid = false, format } = props;
  const { data } = useTheme();
  const [hovered, setHovered] = useState<BarGroup | null>(null);
  const xRange = extent(groups.flatMap((g) => [g.from, g.to])) ?? [0, 1];
  const [low, high] = padded(extent(groups.flatMap((g) => g.values.filter((v): v is number => v !== null))), [0], 0.08);
  const hasNegative = groups.some((g) => g.values.some((v) => (v ?? 0) < 0));
  const yRange = [hasNegative ? low : 0, Math.max(high, 0)] as const;
  const shown = hovered === null ? null : (groups.find((g) => g.from === hovered.from) ?? null);
  return (
    <>
      <Legend
        entries={
          shown === null && props.legend !== undefined
            ? props.legend
            : series.map((one, index) => {
                const value = shown?.values[index];
                const count = shown?.counts?.[index];
                return {
                  ...one,
                  mark: 'box' as const,
                  ...(shown === null
                    ? {}
                    : {
                        value:
                          value === null || value === undefined
                            ? '–'
                            : `${format(value)}${count === undefined ? '' : ` (${formatCount(count)})`}`,
                      }),
                };
              })
        }
        {...(shown === null ? {} : { at: `${formatCount(shown.from)} to ${formatCount(shown.to)}` })}
      />
      <PlotFrame
        label={props.label}
        xRange={xRange}
        yRange={yRange}
        xLabel={props.xLabel}
        yLabel={props.yLabel}
        height={height}
        wholeX
        legend={props.legend ?? series.map((one) => ({ ...one, mark: 'box' as const }))}
        {...(props.verticals === undefined ? {} : { verticals: props.verticals })}
      >
        {(scales) => {
          const zero = scales.y(0);
          return (
            <g clipPath={scales.clip}>
              {groups.map((group) => {
                const x0 = scales.x(group.from);
                const full = scales.x(group.to) - x0;
                const gap = full > 8 ? 1 : 0.25;
                const width = isOverlaid ? full - gap : (full - 2 * gap) / series.length;
                return (
                  <g key={group.from} onPointerEnter={() => setHovered(group)} onPointerLeave={() => setHovered(null)}>
                    <rect
                      x={x0}
                      width={full}
                      y={scales.top}
                      height={scales.bottom - scales.top}
                      fill={data.ink}
                      fillOpacity={hovered?.from === group.from ? 0.05 : 0}
                    />
                    {series.map((one, index) => {
                      const value = group.values[index];
                      if (value === null || value === undefined || value === 0) return null;
                      const y = scales.y(value);
                      return (
                        <rect
                          key={one.id}
                          x={x0 + gap + (isOverlaid ? 0 : index * width)}
                          width={Math.max(0.5, width - (isOverlaid ? 0 : gap))}
                          y={Math.min(y, zero)}
                          height={Math.max(0.75, Math.abs(zero - y))}
                          fill={props.colorOf?.(group) ?? one.color}
                          {...(isOverlaid && series.length > 1
                            ? { fillOpacity: 0.32, stroke: one.color, strokeWidth: 1 }
                            : { fillOpacity: 0.85 })}
                        />
                      );
                    })}
                  </g>
                );
              })}
              <line x1={scales.left} x2={scales.right} y1={zero} y2={zero} stroke={data.muted} />
            </g>
          );
        }}
      </PlotFrame>
    </>
  );
}
