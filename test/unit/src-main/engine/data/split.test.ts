import { describe, expect, it } from 'vitest';
import { splitPairs } from '../../../../../src-main/engine/data/split';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);
const sizes = (count: number, share: number, seed = 42): readonly [number, number] => {
  const { train, held } = splitPairs(numbers(count), share, seed);
  return [train.length, held.length];
};

describe('held-out pairs', () => {
  it.each([
    [9, 0.5, 9, 0], // too few to hold any out
    [10, 0.5, 5, 5],
    [10, 0.01, 9, 1], // a positive share holds out at least one
    [10, 0, 10, 0],
    [100, 0, 100, 0],
    [100, 0.1, 90, 10],
    [14, 0.1, 13, 1],
    [15, 0.1, 13, 2], // 1.5, rounded
    [10, 1, 1, 9], // training keeps one
    [1, 1, 1, 0],
    [0, 0.5, 0, 0],
  ])('of %d with a share of %d: %d to train on, %d held out', (count, share, train, held) =>
    expect(sizes(count, share)).toEqual([train, held]),
  );
  it('and those trained on are all pairs, once each, in file order', () => {
    const { train, held } = splitPairs(numbers(200), 0.2, 42);
    expect([...train, ...held].sort((x, y) => x - y)).toEqual(numbers(200));
    for (const part of [train, held]) expect(part).toEqual([...part].sort((x, y) => x - y));
  });
  it('are drawn by the seed alone', () => {
    const held = (seed: number): readonly number[] => splitPairs(numbers(200), 0.1, seed).held;
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
    // a split that changes with a version would test a resumed run on pairs that it was trained on
    expect(splitPairs(numbers(20), 0.25, 42).held).toEqual([3, 6, 9, 11, 19]);
  });
  it('are any of them, equally often', () => {
    const times = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++)
      for (const one of splitPairs(numbers(20), 0.25, seed).held) times[one - 1]!++;
    // 500 each on average, with a standard deviation of 19
    for (const count of times) expect(Math.abs(count - 500)).toBeLessThan(95);
  });
});
