import type { Interval } from '../statistics';

/**
 * Numbers inside verdicts: a true minus, never "−0", and every interval (of 95 %) in the unit of its number; that of a
 * length names it, since a percentage may stand between the two.
 */
const minus = '−';

function fixed(x: number, digits: number): { readonly text: string; readonly sign: -1 | 0 | 1 } {
  const text = Math.abs(x).toFixed(digits);
  return { text, sign: /[1-9]/.test(text) ? (x < 0 ? -1 : 1) : 0 };
}

export function plainNumber(x: number, digits: number): string {
  const { text, sign } = fixed(x, digits);
  return sign < 0 ? minus + text : text;
}

export function signedNumber(x: number, digits = 0): string {
  const { text, sign } = fixed(x, digits);
  return sign === 0 ? text : (sign < 0 ? minus : '+') + text;
}

export const percent = (share: number): string => `${plainNumber(100 * share, 0)} %`;
export const signedPercent = (share: number): string => `${signedNumber(100 * share)} %`;
/** Means of lengths: small ones have a digit more. */
export const tokenCount = (x: number): string => (Math.abs(x) < 10 ? x.toFixed(1) : Math.round(x).toString());

export const correlationRange = ([low, high]: Interval): string =>
  `interval ${plainNumber(low, 2)} to ${plainNumber(high, 2)}`;
export const pointRange = ([low, high]: Interval): string =>
  `interval ${signedNumber(100 * low)} to ${signedNumber(100 * high)}`;
export const shareRange = ([low, high]: Interval): string => `interval ${percent(low)} to ${percent(high)}`;
export function tokenRange([low, high]: Interval): string {
  const digits = Math.max(Math.abs(low), Math.abs(high)) < 10 ? 1 : 0;
  return `interval ${signedNumber(low, digits)} to ${signedNumber(high, digits)} tokens`;
}

/** A whole number, its digits in groups of three. */
export const grouped = (n: number): string => n.toString().replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
export const plural = (count: number, one: string): string => `${grouped(count)} ${count === 1 ? one : `${one}s`}`;
export const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
