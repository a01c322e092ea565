import { Random } from '../../../src-main/shared/random';

/** One choice for each factor: an index into its values; 0 is the default. */
export type Choice = Readonly<Record<string, number>>;

export interface CoveringArray {
  readonly rows: readonly Choice[];
  /** Pairs of values that no row may hold. */
  readonly refused: readonly Choice[];
}

export interface Rules {
  /** Asked about choices where all other factors stand at their default. */
  readonly isAllowed: (choice: Choice) => boolean;
  /** Choices under which a pair may be allowed that is not so by itself. */
  readonly ways: readonly Choice[];
  /** Whether these two factors' pairs are wanted. */
  readonly meet: (a: string, b: string) => boolean;
}

const candidatesForARow = 10;

/**
 * Rows in which every wanted pair of values of two factors occurs at least once, always the same ones. Greedy, as AETG
 * (Cohen et al. 1997, "The AETG system"): of some candidates for a row, the one with the most pairs that no row has
 * yet.
 */
export function coveringArray(
  factors: Readonly<Record<string, number>>,
  { isAllowed, ways, meet }: Rules,
): CoveringArray {
  const names = Object.keys(factors);
  const starts = names.map((_, i) => names.slice(0, i).reduce((sum, name) => sum + factors[name]!, 0));
  const size = names.reduce((sum, name) => sum + factors[name]!, 0);
  const open = new Uint8Array(size * size); // pairs no row has yet, by the places of both values, both ways round
  const wanted: { readonly pair: Choice; readonly start: Choice; readonly places: readonly [number, number] }[] = [];
  const refused: Choice[] = [];
  const bound = new Set(ways.flatMap((way) => Object.keys(way))); // factors that some choice forbids something
  names.forEach((a, i) => {
    for (let j = i + 1; j < names.length; j++) {
      const b = names[j]!;
      if (!meet(a, b)) continue;
      for (let x = 0; x < factors[a]!; x++) {
        for (let y = 0; y < factors[b]!; y++) {
          const pair = { [a]: x, [b]: y };
          const start = [{}, ...ways].map((way): Choice => ({ ...way, ...pair })).find(isAllowed);
          if (start === undefined || Object.keys(start).length > 2) for (const name of [a, b]) bound.add(name);
          const places = [starts[i]! + x, starts[j]! + y] as const;
          if (start === undefined) refused.push(pair);
          else {
            wanted.push({ pair, start, places });
            open[places[0] * size + places[1]] = open[places[1] * size + places[0]] = 1;
          }
        }
      }
    }
  });

  /**
   * The rest of a row, in an order of its own; every value is the one with the most open pairs among those that are
   * allowed.
   */
  const fill = (start: Choice, random: Random): { readonly row: Choice; readonly gain: number } => {
    const row: Record<string, number> = { ...start };
    const chosen = names.flatMap((name, i) => (row[name] === undefined ? [] : [starts[i]! + row[name]]));
    const rest = names.map((_, i) => i).filter((i) => row[names[i]!] === undefined);
    // what others depend on comes first
    const order = rest
      .map((i) => [random.next() + (bound.has(names[i]!) ? 0 : 1), i] as const)
      .sort(([p], [q]) => p - q);
    for (const [, i] of order) {
      const [name, count] = [names[i]!, factors[names[i]!]!];
      const from = random.below(count); // where equal values are tried from
      const gainOf = (place: number): number => chosen.reduce((sum, other) => sum + open[place * size + other]!, 0);
      const ranked = Array.from({ length: count }, (_, k) => (k + from) % count)
        .map((value) => ({ value, gain: gainOf(starts[i]! + value) }))
        .sort((p, q) => q.gain - p.gain);
      // left out it is as the row stands, so that need not be asked; nor what brings nothing
      const isFree = ({ value, gain }: (typeof ranked)[number]): boolean =>
        value === 0 || !bound.has(name) || (gain > 0 && isAllowed({ ...row, [name]: value }));
      row[name] = ranked.find(isFree)!.value;
      chosen.push(starts[i]! + row[name]);
    }
    return {
      row,
      gain: chosen.reduce(
        (sum, p, k) => sum + chosen.slice(k + 1).reduce((inner, q) => inner + open[p * size + q]!, 0),
        0,
      ),
    };
  };

  const random = Random.keyed(1);
  const rows: Choice[] = [];
  for (const {
    start,
    places: [p, q],
  } of wanted) {
    if (open[p * size + q] === 0) continue;
    const candidates = Array.from({ length: candidatesForARow }, () => fill(start, random));
    const { row } = candidates.reduce((best, other) => (other.gain > best.gain ? other : best));
    const chosen = names.map((name, i) => starts[i]! + row[name]!);
    for (const a of chosen) for (const b of chosen) open[a * size + b] = 0;
    rows.push(row);
  }
  return { rows, refused };
}
