import { largest, smallest } from '../../src-main/shared/extremes';
/** Arithmetic of charts, without pixels of any framework. */
export interface XY {
  readonly x: number;
  readonly y: number;
  /** Range that a downsampled point stands for. */
  readonly min?: number;
  readonly max?: number;
}

export type Range = readonly [number, number];

/** Round steps (1, 2, 2.5, 5 times a power of ten) that fall inside the range. */
export function ticks([low, high]: Range, wanted: number, wholeNumbers = false): readonly number[] {
  const span = high - low;
  if (!(span > 0) || wanted < 1) return Number.isFinite(low) ? [low] : [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((f) => f * power >= rough * 0.75) ?? 10;
  const step = wholeNumbers ? Math.max(1, Math.ceil(factor * power)) : factor * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** As many decimals as neighbouring ticks need. */
export function tickText(values: readonly number[]): (value: number) => string {
  const step = values.length > 1 ? Math.abs((values[1] ?? 0) - (values[0] ?? 0)) : Math.abs(values[0] ?? 1);
  const biggest = largest(values, Math.abs) ?? 0;
  if (biggest > 0 && (biggest >= 1e6 || biggest < 1e-3))
    return (value) =>
      value === 0
        ? '0'
        : value
            .toExponential(step / 10 ** Math.floor(Math.log10(biggest)) < 0.999 ? 1 : 0)
            .replace('e+', 'e')
            .replace(/^-/, '−');
  const decimals =
    step >= 1 || step === 0
      ? Number.isInteger(step)
        ? 0
        : 1
      : Math.min(6, Math.ceil(-Math.log10(step) - 1e-9) + (isTwoPointFive(step) ? 1 : 0));
  return (value) =>
    value
      .toFixed(decimals)
      .replace(/^-(?=.*[1-9])/, '−')
      .replace(/^-/, '');
}

const isTwoPointFive = (step: number): boolean => Math.abs(step / 10 ** Math.floor(Math.log10(step)) - 2.5) < 1e-6;

export function extent(values: Iterable<number>): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : null;
}

/** A little air above and below; a flat series gets a band around it. `include` keeps a value (zero, ln 2) in view. */
export function padded(range: Range | null, include: readonly number[] = [], share = 0.06): Range {
  const [low, high] = extent([...(range ?? []), ...include]) ?? [0, 1];
  if (low === high) {
    const half = low === 0 ? 1 : Math.abs(low) * 0.25;
    return [low - half, high + half];
  }
  const air = (high - low) * share;
  return [low - air, high + air];
}

export const scale =
  ([fromLow, fromHigh]: Range, [toLow, toHigh]: Range) =>
  (value: number): number =>
    fromHigh === fromLow ? (toLow + toHigh) / 2 : toLow + ((value - fromLow) / (fromHigh - fromLow)) * (toHigh - toLow);

/**
 * Exponential moving average, corrected for its start (Kingma & Ba 2015, section 3), so that the first values are not
 * pulled to zero.
 */
export function smooth(points: readonly XY[], halfLife: number): readonly XY[] {
  if (halfLife <= 0) return points;
  const keep = 0.5 ** (1 / halfLife);
  let sum = 0;
  let weight = 0;
  return points.map(({ x, y }) => {
    sum = keep * sum + (1 - keep) * y;
    weight = keep * weight + (1 - keep);
    return { x, y: sum / weight };
  });
}

/** Enough smoothing to see a trend: about a thirtieth of what is shown. */
export const halfLifeFor = (count: number): number => (count < 12 ? 0 : Math.max(1.5, count / 30));

/** Index of the point nearest to `x`; points are sorted by x. */
export function nearest(points: readonly { readonly x: number }[], x: number): number {
  let low = 0;
  let high = points.length - 1;
  if (high < 0) return -1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.x ?? 0) <= x) low = middle;
    else high = middle;
  }
  return Math.abs((points[low]?.x ?? 0) - x) <= Math.abs((points[high]?.x ?? 0) - x) ? low : high;
}

/** At most `limit` points; each bucket gives its mean and keeps its lowest and highest value. */
export function thin(points: readonly XY[], limit: number): readonly XY[] {
  if (points.length <= limit || limit < 1) return points;
  const size = Math.ceil(points.length / limit);
  const result: XY[] = [];
  for (let start = 0; start < points.length; start += size) {
    const part = points.slice(start, start + size);
    const last = part.at(-1);
    if (last === undefined) continue;
    const mean = part.reduce((sum, p) => sum + p.y, 0) / part.length;
    result.push({
      x: last.x,
      y: mean,
      min: smallest(part, (p) => p.min ?? p.y)!,
      max: largest(part, (p) => p.max ?? p.y)!,
    });
  }
  return result;
}

export const within = <T extends { readonly x: number }>(points: readonly T[], range: Range | null): readonly T[] =>
  range === null ? points : points.filter((p) => p.x >= range[0] && p.x <= range[1]);

/** An SVG path; gaps where a value is missing. One decimal is a tenth of a pixel. */
export function linePath(points: readonly XY[], x: (v: number) => number, y: (v: number) => number): string {
  let path = '';
  let isOpen = false;
  for (const point of points) {
    if (!Number.isFinite(point.y)) {
      isOpen = false;
      continue;
    }
    path += `${isOpen ? 'L' : 'M'}${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`;
    isOpen = true;
  }
  return path;
}

/** The band between the lowest and highest value of downsampled points; empty when every point stands for itself. */
export function bandPath(points: readonly XY[], x: (v: number) => number, y: (v: number) => number): string {
  if (!points.some((p) => p.min !== undefined && p.max !== undefined && p.max > p.min)) return '';
  const upper = points.map((p) => `${x(p.x).toFixed(1)},${y(p.max ?? p.y).toFixed(1)}`);
  const lower = [...points].reverse().map((p) => `${x(p.x).toFixed(1)},${y(p.min ?? p.y).toFixed(1)}`);
  return `M${upper.join('L')}L${lower.join('L')}Z`;
}
