/**
 * The largest and the smallest of any number of values. `Math.max(...values)` puts every value on the stack and ends in
 * "Maximum call stack size exceeded" at about 125,000 of them, so no collection is spread into arguments anywhere
 * (test/unit/spread-arguments.test.ts). None: null, so that the caller says what holds then (`Math.max()` is
 * −Infinity). Infinities are values like any other; one NaN makes the answer NaN, as with `Math.max`.
 */
export function largest(values: Iterable<number>): number | null;
export function largest<T>(items: Iterable<T>, of: (item: T) => number): number | null;
export function largest<T>(items: Iterable<T>, of: (item: T) => number = Number): number | null {
  let most: number | null = null;
  for (const item of items) most = most === null ? of(item) : Math.max(most, of(item));
  return most;
}

export function smallest(values: Iterable<number>): number | null;
export function smallest<T>(items: Iterable<T>, of: (item: T) => number): number | null;
export function smallest<T>(items: Iterable<T>, of: (item: T) => number = Number): number | null {
  let least: number | null = null;
  for (const item of items) least = least === null ? of(item) : Math.min(least, of(item));
  return least;
}
