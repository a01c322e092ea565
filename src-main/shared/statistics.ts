/** Small statistics in plain doubles. Null: not defined for this input (too few points, or no spread). */
export const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, x) => sum + x, 0) / values.length;

interface Moments {
  readonly meanX: number;
  readonly meanY: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

/** Centred sums of squares and products; two passes, so that large means lose no digits. */
function moments(x: readonly number[], y: readonly number[]): Moments {
  if (x.length !== y.length) throw new Error(`both series need the same length, got ${x.length} and ${y.length}`);
  const meanX = mean(x) ?? 0;
  const meanY = mean(y) ?? 0;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return { meanX, meanY, xx, yy, xy };
}

export function pearson(x: readonly number[], y: readonly number[]): number | null {
  const { xx, yy, xy } = moments(x, y);
  if (x.length < 2 || xx === 0 || yy === 0) return null;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end++;
    for (let i = start; i <= end; i++) result[order[i]!] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return result;
}

export const spearman = (x: readonly number[], y: readonly number[]): number | null => pearson(ranks(x), ranks(y));

export interface LinearFit {
  readonly slope: number;
  readonly intercept: number;
  readonly r2: number;
}

/** Ordinary least squares y = slope x + intercept. */
export function linearFit(x: readonly number[], y: readonly number[]): LinearFit | null {
  const { meanX, meanY, xx, yy, xy } = moments(x, y);
  if (x.length < 2 || xx === 0) return null;
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: yy === 0 ? 0 : (xy * xy) / (xx * yy) };
}

/** Low and high end of a 95 % interval. */
export type Interval = readonly [number, number];

/** The interval leaves out zero. */
export const excludesZero = ([low, high]: Interval): boolean => low > 0 || high < 0;

/** The whole interval lies within ±size: an effect that matters is ruled out. */
export const isWithin = ([low, high]: Interval, size: number): boolean => low >= -size && high <= size;

/** 95 % interval of a correlation by Fisher's z. */
export function correlationInterval(r: number, points: number): Interval | null {
  if (points < 4) return null;
  const z = Math.atanh(Math.max(-0.999999, Math.min(0.999999, r)));
  const half = 1.959964 / Math.sqrt(points - 3);
  return [Math.tanh(z - half), Math.tanh(z + half)];
}

const studentTable = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

/**
 * The 97.5 % quantile of Student's t: a table up to 10 degrees of freedom, Cornish-Fisher beyond (error below 0.001).
 */
export function studentQuantile(degrees: number): number {
  const known = studentTable[degrees - 1];
  if (known !== undefined) return known;
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

export interface MeanInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Mean of paired differences with its 95 % interval (Student). */
export function meanInterval(differences: readonly number[]): MeanInterval | null {
  const n = differences.length;
  const average = mean(differences);
  if (average === null || n < 2) return null;
  const variance = differences.reduce((sum, d) => sum + (d - average) ** 2, 0) / (n - 1);
  const half = studentQuantile(n - 1) * Math.sqrt(variance / n);
  return { mean: average, low: average - half, high: average + half };
}

/** Wilson's 95 % interval of a share (Wilson 1927): honest near 0 and 1 and for few cases. */
export function wilson(successes: number, total: number): Interval {
  const z = 1.959964;
  const share = successes / total;
  const centre = (share + (z * z) / (2 * total)) / (1 + (z * z) / total);
  const spread = (z / (1 + (z * z) / total)) * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  return [Math.max(0, centre - spread), Math.min(1, centre + spread)];
}

/**
 * 95 % interval of the difference of two shares, first minus second (Newcombe 1998, method 10: from Wilson's
 * intervals).
 */
export function shareDifference(
  first: readonly [right: number, total: number],
  second: readonly [right: number, total: number],
): Interval | null {
  if (first[1] === 0 || second[1] === 0) return null;
  const [a, b] = [first[0] / first[1], second[0] / second[1]];
  const [lowA, highA] = wilson(first[0], first[1]);
  const [lowB, highB] = wilson(second[0], second[1]);
  return [a - b - Math.hypot(a - lowA, highB - b), a - b + Math.hypot(highA - a, b - lowB)];
}
