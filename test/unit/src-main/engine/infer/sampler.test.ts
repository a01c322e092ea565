import { describe, expect, it } from 'vitest';
import { greedy, sample } from '../../../../../src-main/engine/infer/sampler';
import { Random } from '../../../../../src-main/shared/random';

describe('sampler', () => {
  it('takes the first of equal maxima', () => expect(greedy(Float32Array.of(1, 3, 3, 2))).toBe(1));
  it('is greedy at temperature 0 and draws no random number', () => {
    const random = Random.keyed(1);
    const before = random.state;
    expect(sample(Float32Array.of(0, 5, 1), 0, random)).toBe(1);
    expect(random.state).toEqual(before);
  });
  it('draws from softmax(logits / temperature)', () => {
    const logits = Float32Array.of(0, 1, 2, -Infinity, 1000 - 1000);
    const powers = [0, 1, 2, -Infinity, 0].map((z) => Math.exp(z / 0.7));
    const total = powers.reduce((a, b) => a + b);
    const counts = new Array<number>(5).fill(0);
    const random = Random.keyed(5);
    for (let i = 0; i < 20_000; i++) counts[sample(logits, 0.7, random)]!++;
    expect(counts[3]).toBe(0);
    const chiSquare = [0, 1, 2, 4].reduce(
      (sum, v) => sum + (counts[v]! - (20_000 * powers[v]!) / total) ** 2 / ((20_000 * powers[v]!) / total),
      0,
    );
    expect(chiSquare).toBeLessThan(16.3); // 3 degrees of freedom, p = 0.001
  });
  it('stays finite with extreme logits', () => expect(sample(Float32Array.of(-1e4, 1e4), 1, Random.keyed(2))).toBe(1));
  it('is repeatable', () => {
    const logits = Float32Array.from({ length: 50 }, (_, v) => Math.sin(v));
    const draw = (): readonly number[] => {
      const random = Random.keyed(3);
      return Array.from({ length: 20 }, () => sample(logits, 1, random));
    };
    expect(draw()).toEqual(draw());
  });
});
