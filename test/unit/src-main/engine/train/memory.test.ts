import { describe, expect, it } from 'vitest';
import { chooseResiduals, estimateMemory, freeMemoryBytes, type MemoryPlan } from '../../../../../src-main/engine/train/memory';
import { tinyLlama } from '../../../support/tiny-config';

const smol = tinyLlama({ layers: 30, width: 576, heads: 9, kvHeads: 3, headDim: 64, ffWidth: 1536, vocabulary: 49152, contextLength: 8192 });
const plan = (tokens: number, completions: number): Omit<MemoryPlan, 'residuals'> => ({
  config: smol,
  totalParameters: 134_515_008 + 4_884_480,
  trainableParameters: 4_884_480,
  buckets: [{ rows: 1, tokens, completions }],
  generation: null,
});

describe('estimateMemory', () => {
  // peak resident memory of the process, measured with TensorFlow 2.21 on Linux
  it.each([
    [900, 500, 2.17e9],
    [640, 360, 1.89e9],
  ])('is within 15 %% of what %i tokens took', (tokens, completions, measured) => {
    const estimate = estimateMemory({ ...plan(tokens, completions), residuals: 'products' });
    expect(Math.abs(estimate - measured) / measured).toBeLessThan(0.15);
  });
  it('grows with what is kept, what is trained and how many shapes there are', () => {
    const of = (residuals: MemoryPlan['residuals'], more: Partial<MemoryPlan> = {}): number => estimateMemory({ ...plan(640, 360), residuals, ...more });
    expect(of('none')).toBeLessThan(of('products'));
    expect(of('products')).toBeLessThan(of('all'));
    expect(of('products', { trainableParameters: 134_515_008 }) - of('products')).toBeGreaterThan(1.5e9);
    expect(of('products', { buckets: [...plan(640, 360).buckets, { rows: 1, tokens: 64, completions: 32 }] })).toBeGreaterThan(of('products'));
    expect(of('products', { generation: { rows: 6, promptTokens: 512, capacity: 576 } })).toBeGreaterThan(of('products'));
  });
});

describe('chooseResiduals', () => {
  it('recomputes whole layers only when memory demands it', () => {
    expect(chooseResiduals(plan(640, 360), 16e9)).toBe('products');
    expect(chooseResiduals(plan(640, 360), 1.8e9)).toBe('none');
  });
  it('knows what is free', () => expect(freeMemoryBytes()).toBeGreaterThan(1e6));
});
