import { Box, useTheme } from '@mui/material';
import { useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { scale, tickText, ticks, type Range } from '../../state/chart-math';
import type { ChartGroupState } from './chart-group';
import type { LegendEntry } from './legend';
import { useWidth } from './use-size';

export interface PlotScales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly clip: string;
}

export interface PlotFrameProps {
  readonly label: string;
  readonly xRange: Range;
  readonly yRange: Range;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly height?: number;
  readonly wholeX?: boolean;
  readonly formatY?: (value: number) => string;
  readonly formatX?: (value: number) => string;
  /** Horizontal lines that mean something: zero, chance, ln 2. */
  readonly references?: readonly { readonly y: number; readonly label: string }[];
  readonly verticals?: readonly { readonly x: number; readonly label: string }[];
  readonly group?: ChartGroupState | null;
  /** Where the arrow keys stop. */
  readonly stops?: readonly number[];
  readonly hideXTicks?: boolean;
  /** What the marks are: written into the element, so that a saved picture names them. */
  readonly legend?: readonly LegendEntry[];
  readonly children: (scales: PlotScales) => ReactNode;
}

const margin = { right: 10, top: 8, bottom: 34 };
/** Room for the axis title and for the widest tick text; tabular digits of this font size are this wide. */
const axisRoom = 27;
const digitWidth = 6.3;

/** Where the middle of a text may stand so that none of it is cut at the right edge. */
const inside = (x: number, text: string, width: number): number =>
  Math.min(x, width - (digitWidth * text.length) / 2 - 1);

/**
 * Axes, grid, pointer and keyboard of one plot. Drawn with attributes only, so that a copy of the element is a complete
 * picture.
 */
export function PlotFrame(props: PlotFrameProps): ReactNode {
  const { xRange, yRange, height = 200, group = null } = props;
  const { data, palette } = useTheme();
  const { ref, width } = useWidth<HTMLDivElement>();
  const clip = useId().replace(/[^a-zA-Z0-9]/g, '');
  const svg = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const top = margin.top;
  const bottom = height - margin.bottom;
  const yTicks = ticks(yRange, Math.max(2, Math.floor((bottom - top) / 34)));
  const yText = props.formatY ?? tickText(yTicks);
  const left = Math.round(
    (props.yLabel === '' ? 12 : axisRoom) +
      digitWidth * yTicks.reduce((most, tick) => Math.max(most, yText(tick).length), 2),
  );
  const right = Math.max(left + 40, width - margin.right);
  const [x0, x1] = xRange;
  const [y0, y1] = yRange;
  const scales = useMemo<PlotScales>(
    () => ({
      x: scale([x0, x1], [left, right]),
      y: scale([y0, y1], [bottom, top]),
      left,
      right,
      top,
      bottom,
      clip: `url(#${clip})`,
    }),
    [x0, x1, y0, y1, left, right, top, bottom, clip],
  );
  const xTicks = props.hideXTicks
    ? []
    : ticks(xRange, Math.max(2, Math.floor((right - left) / 70)), props.wholeX ?? false);
  const xText = props.formatX ?? tickText(xTicks);

  const toX = (event: PointerEvent): number => {
    const box = svg.current?.getBoundingClientRect();
    const pixel = box && box.width > 0 ? ((event.clientX - box.left) / box.width) * width : 0;
    return scale([left, right], xRange)(Math.min(right, Math.max(left, pixel)));
  };
  const onPointerMove = (event: PointerEvent): void => {
    const x = toX(event);
    group?.setHover(x);
    if (drag !== null) setDrag({ ...drag, to: x });
  };
  const onPointerUp = (event: PointerEvent): void => {
    if (drag === null) return;
    const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
    setDrag(null);
    event.currentTarget.releasePointerCapture?.(event.pointerId);
    if (group !== null && scales.x(high) - scales.x(low) > 12) group.setZoom([low, high]);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (group === null) return;
    const stops = (props.stops ?? []).filter((stop) => stop >= x0 && stop <= x1);
    const now = group.hover();
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (event.key === 'Escape') {
      group.setHover(null);
      group.setZoom(null);
    } else if (event.key === 'Home' || event.key === 'End')
      group.setHover((event.key === 'Home' ? stops[0] : stops.at(-1)) ?? null);
    else if (step !== 0 && stops.length > 0) {
      const at = now === null ? (step > 0 ? -1 : stops.length) : stops.findIndex((stop) => stop >= now - 1e-9);
      group.setHover(stops[Math.min(stops.length - 1, Math.max(0, at + step))] ?? null);
    } else return;
    event.preventDefault();
  };

  return (
    <Box ref={ref} sx={{ width: '100%', minWidth: 0, flex: 'none' }}>
      <svg
        ref={svg}
        data-chart=""
        data-theme={palette.mode}
        data-legend={JSON.stringify(props.legend ?? [])}
        role="img"
        aria-label={props.label}
        tabIndex={group === null ? -1 : 0}
        viewBox={`0 0 ${width} ${height}`}
        width="100%"
        height={height}
        fontFamily='Inter, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
        fontSize={11}
        style={{
          display: 'block',
          touchAction: 'none',
          cursor: group === null ? 'default' : 'crosshair',
          userSelect: 'none',
        }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => group?.setHover(null)}
        onPointerDown={(event) => {
          if (group === null || event.button !== 0) return;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          setDrag({ from: toX(event), to: toX(event) });
        }}
        onPointerUp={onPointerUp}
        onDoubleClick={() => group?.setZoom(null)}
        onKeyDown={onKeyDown}
        onBlur={() => group?.setHover(null)}
      >
        <defs>
          <clipPath id={clip}>
            <rect x={left - 4} y={top - 4} width={right - left + 8} height={bottom - top + 8} />
          </clipPath>
        </defs>
        {yTicks.map((tick) => (
          <g key={tick}>
            <line x1={left} x2={right} y1={scales.y(tick)} y2={scales.y(tick)} stroke={data.grid} />
            <text x={left - 7} y={scales.y(tick) + 3.5} textAnchor="end" fill={data.muted}>
              {yText(tick)}
            </text>
          </g>
        ))}
        {xTicks.map((tick) => (
          <g key={tick}>
            <line x1={scales.x(tick)} x2={scales.x(tick)} y1={bottom} y2={bottom + 4} stroke={data.line} />
            <text x={inside(scales.x(tick), xText(tick), width)} y={bottom + 15} textAnchor="middle" fill={data.muted}>
              {xText(tick)}
            </text>
          </g>
        ))}
        <line x1={left} x2={right} y1={bottom} y2={bottom} stroke={data.line} />
        {(props.references ?? [])
          .filter(({ y }) => y >= y0 && y <= y1)
          .map(({ y, label }) => (
            <line
              key={label}
              x1={left}
              x2={right}
              y1={scales.y(y)}
              y2={scales.y(y)}
              stroke={data.muted}
              strokeDasharray="3 3"
              strokeOpacity={0.75}
            />
          ))}
        {(props.verticals ?? [])
          .filter(({ x }) => x >= x0 && x <= x1)
          .map(({ x, label }) => (
            <g key={label}>
              <line
                x1={scales.x(x)}
                x2={scales.x(x)}
                y1={top}
                y2={bottom}
                stroke={data.muted}
                strokeDasharray="3 3"
                strokeOpacity={0.75}
              />
              <text x={scales.x(x) + 4} y={top + 9} fill={data.muted} fontSize={10.5}>
                {label}
              </text>
            </g>
          ))}
        {props.children(scales)}
        {(props.references ?? [])
          .filter(({ y, label }) => y >= y0 && y <= y1 && label !== '')
          .map(({ y, label }) => (
            <text
              key={label}
              x={right - 3}
              y={scales.y(y) - 4}
              textAnchor="end"
              fill={data.muted}
              fontSize={10.5}
              stroke={data.paper}
              strokeWidth={3}
              strokeOpacity={0.85}
              paintOrder="stroke"
              pointerEvents="none"
            >
              {label}
            </text>
          ))}
        {drag !== null && (
          <rect
            data-transient=""
            x={Math.min(scales.x(drag.from), scales.x(drag.to))}
            width={Math.abs(scales.x(drag.to) - scales.x(drag.from))}
            y={top}
            height={bottom - top}
            fill={data.chosen}
            fillOpacity={0.12}
          />
        )}
        <text x={(left + right) / 2} y={height - 4} textAnchor="middle" fill={data.muted}>
          {props.xLabel}
        </text>
        <text transform={`translate(10 ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle" fill={data.muted}>
          {props.yLabel}
        </text>
      </svg>
    </Box>
  );
}
