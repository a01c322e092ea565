import { useTheme } from '@mui/material';
import { useMemo, type ReactNode } from 'react';
import {
  bandPath,
  extent,
  halfLifeFor,
  linePath,
  nearest,
  padded,
  smooth,
  within,
  type Range,
  type XY,
} from '../../state/chart-math';
import { formatCount, formatNumber } from '../../state/format';
import { useChartGroup, useHover, type ChartGroupState } from './chart-group';
import { Legend } from './legend';
import { PlotFrame, type PlotFrameProps, type PlotScales } from './plot-frame';

export interface LineSeries {
  readonly id: string;
  readonly label: string;
  readonly color: string;
  readonly dash?: string;
  readonly points: readonly XY[];
  /** Draw the trend over the faint raw line. */
  readonly isSmoothed?: boolean;
  /** Few points far apart: mark each. */
  readonly hasDots?: boolean;
}

export interface LineChartProps {
  readonly label: string;
  readonly series: readonly LineSeries[];
  readonly xLabel: string;
  readonly xUnit?: string;
  readonly yLabel: string;
  readonly include?: readonly number[];
  readonly yRange?: Range;
  readonly xRange?: Range;
  readonly height?: number;
  readonly format?: (value: number) => string;
  readonly formatX?: (value: number) => string;
  readonly references?: PlotFrameProps['references'];
  /** Part of the page's shared crosshair and zoom (charts over steps). */
  readonly isShared?: boolean;
  readonly wholeX?: boolean;
}

interface Drawn extends LineSeries {
  readonly raw: readonly XY[];
  readonly trend: readonly XY[];
}

export function LineChart(props: LineChartProps): ReactNode {
  const { series, isShared = true, format = (value: number) => formatNumber(value), wholeX = true } = props;
  const group = useChartGroup(isShared);
  const drawn = useMemo(() => series.map((one) => draw(one, group.zoom)), [series, group.zoom]);
  const xRange = group.zoom ?? props.xRange ?? xExtent(series);
  const yRange =
    props.yRange ??
    padded(extent(drawn.flatMap((one) => one.raw.flatMap((p) => [p.min ?? p.y, p.max ?? p.y]))), props.include ?? []);
  const stops = useMemo(
    () => [...new Set(series.flatMap((one) => one.points.map((p) => p.x)))].sort((a, b) => a - b),
    [series],
  );
  return (
    <>
      <HoverLegend
        group={group}
        drawn={drawn}
        format={format}
        xUnit={props.xUnit ?? props.xLabel}
        formatX={props.formatX}
      />
      <PlotFrame
        label={props.label}
        xRange={xRange}
        yRange={yRange}
        xLabel={props.xLabel}
        yLabel={props.yLabel}
        group={group}
        stops={stops}
        legend={drawn.map(({ id, label, color, dash = '' }) => ({ id, label, color, dash }))}
        wholeX={wholeX}
        {...(props.height === undefined ? {} : { height: props.height })}
        {...(props.formatX === undefined ? {} : { formatX: props.formatX })}
        {...(props.references === undefined ? {} : { references: props.references })}
      >
        {(scales) => (
          <>
            <g clipPath={scales.clip}>
              {drawn.map((one) => (
                <SeriesMarks key={one.id} one={one} scales={scales} rawOpacity={Math.min(0.28, 0.7 / drawn.length)} />
              ))}
            </g>
            <Crosshair group={group} drawn={drawn} scales={scales} xRange={xRange} />
          </>
        )}
      </PlotFrame>
    </>
  );
}

const draw = (one: LineSeries, zoom: Range | null): Drawn => {
  const raw = within(one.points, zoom);
  const trend = one.isSmoothed ? within(smooth(one.points, halfLifeFor(one.points.length)), zoom) : raw;
  return { ...one, raw, trend };
};

const xExtent = (series: readonly LineSeries[]): Range => {
  const range = extent(series.flatMap((one) => one.points.map((p) => p.x))) ?? [0, 1];
  return range[0] === range[1] ? [Math.max(0, range[0] - 1), range[1] + 1] : range;
};

function SeriesMarks({
  one,
  scales,
  rawOpacity,
}: {
  readonly one: Drawn;
  readonly scales: PlotScales;
  readonly rawOpacity: number;
}): ReactNode {
  const isFaint = one.isSmoothed === true && one.trend.length >= 12;
  const dash = one.dash ?? '';
  const hasDots = one.hasDots === true || one.raw.length === 1;
  return (
    <>
      <path d={bandPath(one.raw, scales.x, scales.y)} fill={one.color} fillOpacity={0.12} />
      {isFaint && (
        <path
          d={linePath(one.raw, scales.x, scales.y)}
          fill="none"
          stroke={one.color}
          strokeOpacity={rawOpacity}
          strokeWidth={1}
        />
      )}
      <path
        d={linePath(one.trend, scales.x, scales.y)}
        fill="none"
        stroke={one.color}
        strokeWidth={2}
        strokeDasharray={dash}
        strokeLinejoin="round"
        strokeLinecap={dash === '' ? 'round' : 'butt'}
      />
      {hasDots && one.raw.map((p) => <circle key={p.x} cx={scales.x(p.x)} cy={scales.y(p.y)} r={3} fill={one.color} />)}
    </>
  );
}

function Crosshair({
  group,
  drawn,
  scales,
  xRange,
}: {
  readonly group: ChartGroupState;
  readonly drawn: readonly Drawn[];
  readonly scales: PlotScales;
  readonly xRange: Range;
}): ReactNode {
  const hover = useHover(group);
  const { data } = useTheme();
  if (hover === null || hover < xRange[0] || hover > xRange[1]) return null;
  const marks = drawn.flatMap((one) => {
    const point = one.trend[nearest(one.trend, hover)];
    return point && Number.isFinite(point.y)
      ? [{ id: one.id, color: one.color, x: scales.x(point.x), y: scales.y(point.y) }]
      : [];
  });
  return (
    <g data-transient="" pointerEvents="none">
      <line
        x1={scales.x(hover)}
        x2={scales.x(hover)}
        y1={scales.top}
        y2={scales.bottom}
        stroke={data.muted}
        strokeOpacity={0.6}
      />
      {marks.map((mark) => (
        <circle key={mark.id} cx={mark.x} cy={mark.y} r={3.5} fill={mark.color} stroke={data.paper} strokeWidth={1.5} />
      ))}
    </g>
  );
}

function HoverLegend({
  group,
  drawn,
  format,
  xUnit,
  formatX,
}: {
  readonly group: ChartGroupState;
  readonly drawn: readonly Drawn[];
  readonly format: (v: number) => string;
  readonly xUnit: string;
  readonly formatX: ((v: number) => string) | undefined;
}): ReactNode {
  const hover = useHover(group);
  const at = (one: Drawn): XY | undefined => (hover === null ? one.raw.at(-1) : one.raw[nearest(one.raw, hover)]);
  const first = drawn.find((one) => one.raw.length > 0);
  const x = first && hover !== null ? at(first)?.x : undefined;
  return (
    <Legend
      entries={drawn.map((one) => {
        const point = at(one);
        return {
          id: one.id,
          label: one.label,
          color: one.color,
          dash: one.dash ?? '',
          value: point ? format(point.y) : null,
        };
      })}
      {...(x === undefined
        ? group.zoom === null
          ? {}
          : { at: 'zoomed · double-click resets' }
        : { at: `${xUnit} ${formatX ? formatX(x) : formatCount(x)}` })}
    />
  );
}
