import { Random } from '../../shared/random';

export interface Split<T> {
  readonly train: readonly T[];
  readonly held: readonly T[];
}

/**
 * Holds out a share of the pairs, drawn by the seed and kept in file order. From 10 pairs on a positive share holds out
 * at least one; below that nothing is held out, and training always keeps at least one pair.
 */
export function splitPairs<T>(pairs: readonly T[], evalFraction: number, seed: number): Split<T> {
  const wanted = evalFraction > 0 && pairs.length >= 10 ? Math.max(1, Math.round(pairs.length * evalFraction)) : 0;
  const count = Math.min(wanted, pairs.length - 1);
  if (count <= 0) return { train: pairs, held: [] };
  const random = Random.keyed(seed, 0x51717);
  const order = pairs.map((_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random.next() * (order.length - i));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const chosen = new Set(order.slice(0, count));
  return { train: pairs.filter((_, i) => !chosen.has(i)), held: pairs.filter((_, i) => chosen.has(i)) };
}
