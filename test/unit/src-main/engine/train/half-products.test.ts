import { describe, expect, it } from 'vitest';
import { randomPairs, series, specOf, tinyRun } from './fixture';

const adapters = { LoRA: { kind: 'lora', rank: 4, alpha: 8 }, 'full fine-tuning': { kind: 'none' } } as const;
const pairs = randomPairs(8);

const norm = (v: readonly number[]): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/** Cosine of the angle between what two runs learned. */
function sameDirection(a: Awaited<ReturnType<typeof tinyRun>>, b: typeof a): number {
  const learned = ({ weights, before }: typeof a): readonly number[] =>
    Object.keys(weights).flatMap((name) => [...weights[name]!].map((w, i) => w - before[name]![i]!));
  const [u, v] = [learned(a), learned(b)];
  return u.reduce((sum, x, i) => sum + x * v[i]!, 0) / norm(u) / norm(v);
}

describe.each(['LoRA', 'full fine-tuning'] as const)('%s', (kind) => {
  const spec = specOf({
    method: { id: 'dpo' },
    adapter: adapters[kind],
    training: { maxSteps: 10, pairsPerStep: 4, learningRate: 1e-3 },
  });

  it.each(['bf16', 'f16'] as const)(
    'a run whose layers multiply in %s learns what one in float32 learns',
    async (products) => {
      const storage = kind === 'LoRA' ? products : 'f32';
      const widened = await tinyRun({ spec, pairs, storage });
      const halves = await tinyRun({ spec, pairs, storage, products });
      const [expected, found] = [widened, halves].map(({ events }) => series(events, 'loss'));
      expect(found).toHaveLength(10);
      expect(found).not.toEqual(expected); // it did compute in halves
      found!.forEach((loss, i) =>
        expect(Math.abs(loss - expected![i]!)).toBeLessThan(products === 'bf16' ? 0.02 : 0.005),
      );
      expect(expected!.at(-1)!).toBeLessThan(expected![0]! - 0.05); // and there was something to learn
      expect(sameDirection(halves, widened)).toBeGreaterThan(products === 'bf16' ? 0.9 : 0.98);
    },
  );
});
