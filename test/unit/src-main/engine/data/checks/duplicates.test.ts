import { describe, expect, it } from 'vitest';
import { DuplicateFinder, hash } from '../../../../../../src-main/engine/data/checks/duplicates';
import type { PreferencePair } from '../../../../../../src-main/shared/data/dataset';

const found = (...pairs: readonly Omit<PreferencePair, 'row'>[]): readonly string[] => {
  const finder = new DuplicateFinder();
  pairs.forEach((pair, i) => finder.add({ row: i + 1, ...pair }));
  return finder.warnings.list().map(({ row, code, message }) => `${row} ${code} ${/row (\d+)/.exec(message)![1]}`);
};
const text = (prompt: string, chosen: string, rejected: string): Omit<PreferencePair, 'row'> => ({
  prompt: { kind: 'text', text: prompt },
  chosen,
  rejected,
});

describe('duplicates', () => {
  it('name the first row of the same pair, in either order of the answers', () => {
    const [one, other] = [text('p', 'x', 'y'), text('p', 'y', 'x')];
    expect(found(one, one, other, other)).toEqual(['2 duplicate 1', '3 swapped 1', '4 swapped 1']);
    expect(found(other, other, one, one)).toEqual(['2 duplicate 1', '3 swapped 1', '4 swapped 1']);
    expect(found(text('q', 'a', 'b'), one, other, one)).toEqual(['3 swapped 2', '4 duplicate 2']);
    expect(found(text('q', 'a', 'b'), other, one, other)).toEqual(['3 swapped 2', '4 duplicate 2']);
  });
  it('are not pairs that share a prompt, an answer or both', () => {
    const answers = ['a', 'b', 'c', 'd', 'e', 'f'];
    const pairs = ['p', 'q'].flatMap((prompt) =>
      answers.flatMap((chosen, i) => answers.slice(i + 1).map((rejected) => text(prompt, chosen, rejected))),
    );
    expect(found(...pairs)).toEqual([]);
  });
  it('are found among messages, by all that they say', () => {
    const turns = (prompt: string, chosen: string): Omit<PreferencePair, 'row'> => ({
      prompt: { kind: 'messages', messages: [{ role: 'user', content: prompt }] },
      chosen: [{ role: 'assistant', content: chosen }],
      rejected: [{ role: 'assistant', content: 'no' }],
    });
    expect(found(turns('p', 'x'), turns('p', 'y'), turns('q', 'x'), turns('p', 'x'))).toEqual(['4 duplicate 1']);
  });
  it('are warnings about a row, not about one of its fields', () => {
    const finder = new DuplicateFinder();
    for (const [row, pair] of [text('p', 'x', 'y'), text('p', 'x', 'y'), text('p', 'y', 'x')].entries())
      finder.add({ row, ...pair });
    expect(finder.warnings.groups().map(({ field }) => field)).toEqual(['', '']);
  });
});

describe('the hash of texts', () => {
  const differing = (a: string, b: string): readonly number[] => {
    const [x, y] = [BigInt(hash(a)), BigInt(hash(b))];
    return Array.from({ length: 52 }, (_, bit) => Number(((x ^ y) >> BigInt(bit)) & 1n));
  };
  it('is a whole number of 52 bits', () => {
    for (const one of ['', 'a', 'the prompt', '日本語', 'x'.repeat(10_000)]) {
      expect(Number.isInteger(hash(one))).toBe(true);
      expect(hash(one)).toBeGreaterThanOrEqual(0);
      expect(hash(one)).toBeLessThan(2 ** 52);
    }
  });
  it('changes each of its bits for half of the texts that differ by one character, wherever it stands', () => {
    const trials = 1000;
    for (const at of [0, 7, 15]) {
      const flips = new Array<number>(52).fill(0);
      for (let i = 0; i < trials; i++) {
        const one = `${String(i).padStart(8, '0')}abcdefgh`;
        const other = `${one.slice(0, at)}${String.fromCharCode(one.charCodeAt(at) ^ 1)}${one.slice(at + 1)}`;
        differing(one, other).forEach((flipped, bit) => (flips[bit]! += flipped));
      }
      // 500 of 1000 on average, with a standard deviation of 16
      for (const count of flips) expect(Math.abs(count - trials / 2)).toBeLessThan(90);
    }
  });
  it('tells texts of one character repeated apart by their number', () => {
    const hashes = new Set(Array.from({ length: 2000 }, (_, n) => hash('\u0000'.repeat(n))));
    expect(hashes.size).toBe(2000);
  });
});
