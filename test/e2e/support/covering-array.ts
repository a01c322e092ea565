/** One choice for each factor: an index into its values; 0 is the default. */
export type Choice = Readonly<Record<string, number>>;

export interface CoveringArray {
  readonly rows: readonly Choice[];
  /** Pairs of values that no row may hold. */
  readonly refused: readonly Choice[];
}

/**
 * Rows in which every pair of values of every two factors occurs at least once (greedy, as AETG: Cohen et al. 1997, "The AETG system"), always the same ones.
 * `isAllowed` is asked about choices where all other factors stand at their default; `ways` are choices under which a pair may be allowed that is not so by itself.
 * Factors given first are chosen first.
 */
export function coveringArray(factors: Readonly<Record<string, number>>, isAllowed: (choice: Choice) => boolean, ways: readonly Choice[]): CoveringArray {
  const names = Object.keys(factors);
  const open = new Map<string, Choice>(); // pairs no row has yet
  names.forEach((a, i) => {
    for (const b of names.slice(i + 1)) {
      for (let x = 0; x < factors[a]!; x++) for (let y = 0; y < factors[b]!; y++) open.set(keyOf(a, x, b, y), { [a]: x, [b]: y });
    }
  });
  const rows: Choice[] = [];
  const refused: Choice[] = [];
  let turn = 0; // where equal values are tried from, so that rows do not all lean on the first one
  for (const [key, pair] of open) {
    if (!open.has(key)) continue;
    const start = [{}, ...ways].map((way): Choice => ({ ...way, ...pair })).find(isAllowed);
    if (start === undefined) {
      open.delete(key);
      refused.push(pair);
      continue;
    }
    const row: Record<string, number> = { ...start };
    for (const name of names) {
      if (row[name] !== undefined) continue;
      const count = factors[name]!;
      turn++;
      const gain = (value: number): number => Object.entries(row).filter(([other, x]) => open.has(keyOf(name, value, other, x))).length;
      const ranked = Array.from({ length: count }, (_, i) => (i + turn) % count).map((value) => ({ value, gain: gain(value) })).sort((a, b) => b.gain - a.gain);
      const best = ranked.find(({ value }) => isAllowed({ ...row, [name]: value }));
      if (best) row[name] = best.value;
    }
    const chosen = Object.entries(row);
    chosen.forEach(([a, x], i) => {
      for (const [b, y] of chosen.slice(i + 1)) open.delete(keyOf(a, x, b, y));
    });
    rows.push(row);
  }
  return { rows, refused };
}

const keyOf = (a: string, x: number, b: string, y: number): string => (a < b ? `${a}=${x}|${b}=${y}` : `${b}=${y}|${a}=${x}`);
