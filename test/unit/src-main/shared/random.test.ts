import { describe, expect, it } from 'vitest';
import { Random, randomPurpose } from '../../../../src-main/shared/random';

describe('Random', () => {
  it('gives the reference stream of xoshiro128** 1.1', () => {
    // state 1, 2, 3, 4: results worked out by hand from the reference C code (rotl(s[1] * 5, 7) * 9)
    const random = new Random([1, 2, 3, 4]);
    expect([random.nextUint32(), random.nextUint32(), random.nextUint32()]).toEqual([11520, 0, 5927040]);
  });

  it('continues from a stored state', () => {
    const random = Random.keyed(42, 7);
    for (let i = 0; i < 10; i++) random.next();
    const copy = new Random(random.state);
    expect(Array.from({ length: 5 }, () => copy.next())).toEqual(Array.from({ length: 5 }, () => random.next()));
  });

  it('gives every list of keys its own stream', () => {
    const firsts = [[1], [2], [1, 0], [0, 1], [1, 2, 3], [3, 2, 1], [2 ** 32 + 1]].map((keys) =>
      Random.keyed(...keys).next(),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('is uniform: mean, variance and deciles of neighbouring keys', () => {
    const values = Array.from({ length: 20_000 }, (_, row) => Random.keyed(42, 0, row).next());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.002);
    const deciles = new Array<number>(10).fill(0);
    for (const x of values) deciles[Math.floor(x * 10)]!++;
    const chiSquare = deciles.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
  });

  it('shuffles every item to every place equally often', () => {
    const counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    for (let trial = 0; trial < 10_000; trial++) {
      const items = [0, 1, 2, 3, 4];
      Random.keyed(9, trial).shuffleInPlace(items);
      items.forEach((item, place) => counts[item]![place]!++);
    }
    const chiSquare = counts.flat().reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(chiSquare).toBeLessThan(39.3); // 16 degrees of freedom, p = 0.001
  });

  it('stays what it is: a resumed run draws what it would have drawn', () => {
    expect(Random.keyed(42, 1, 7).state).toEqual([2764860391, 1306295854, 58198818, 798801656]);
    expect(Random.keyed(2 ** 40 + 3).state).toEqual([3130484541, 3610787478, 1200777851, 302943796]);
    expect(Random.keyed(1).next()).toBe(0.10731196587380143);
  });
  it('leaves the state of zeros, and no other', () => {
    expect(new Random([0, 0, 0, 0]).state).toEqual([1, 0, 0, 0]);
    for (const state of [
      [0, 0, 0, 2],
      [0, 5, 0, 0],
      [0, 0, 1, 0],
    ] as const)
      expect(new Random(state).state).toEqual(state);
    expect(new Random([-1, 2 ** 32, 2 ** 31, 1.5]).state).toEqual([2 ** 32 - 1, 0, 2 ** 31, 1]);
  });
  it('draws whole numbers below a limit, each of them', () => {
    const random = Random.keyed(5);
    const drawn = new Set(Array.from({ length: 200 }, () => random.below(6)));
    expect([...drawn].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(random.below(1)).toBe(0);
  });
  it('has all of its bits in a number between 0 and 1', () => {
    const random = Random.keyed(6);
    const values = Array.from({ length: 500 }, () => random.next());
    expect(values.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 53))).toBe(true);
    expect(values.some((x) => !Number.isInteger(x * 2 ** 52))).toBe(true);
    expect(values.some((x) => !Number.isInteger(x * 2 ** 26))).toBe(true);
  });
  it('keeps its purposes apart', () => {
    const purposes = Object.values(randomPurpose);
    expect(new Set(purposes).size).toBe(purposes.length);
  });
});
