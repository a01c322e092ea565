import { describe, expect, it } from 'vitest';
import { estimateMemory, fitPlan, freeMemoryBytes, memoryParts, memoryWarning, type MemoryPlan } from '../../../../../src-main/engine/train/memory';
import type { Bucket } from '../../../../../src-main/engine/train/types';
import { tinyLlama } from '../../../support/tiny-config';

const smol = tinyLlama({ layers: 30, width: 576, heads: 9, kvHeads: 3, headDim: 64, ffWidth: 1536, vocabulary: 49152, contextLength: 8192 });
const weights = 134_515_008;
const needs = { config: smol, weightBytes: 4 * weights, trainableParameters: 4_884_480, lora: true, liveReference: false, divergence: false, generation: null } as const;
const shape = (rows: number, tokens: number): readonly Bucket[] => [{ rows, tokens, completions: Math.round(0.56 * rows * tokens) }];
const plan = (tokens: number, residuals: MemoryPlan['residuals'] = 'products', more: Partial<MemoryPlan> = {}): MemoryPlan => ({ ...needs, buckets: shape(1, tokens), residuals, ...more });

describe('estimateMemory', () => {
  // peak resident memory of the process, measured with TensorFlow 2.21 on Linux
  it.each([
    [900, 2.17e9],
    [640, 1.89e9],
  ])('is within 15 %% of what %i tokens took', (tokens, measured) => {
    expect(Math.abs(estimateMemory(plan(tokens)) - measured) / measured).toBeLessThan(0.15);
  });
  it('is the sum of its parts, each of which follows from the plan', () => {
    const parts = memoryParts(plan(640));
    expect(Object.values(parts).reduce((a, b) => a + b)).toBe(estimateMemory(plan(640)));
    expect([parts.parameters, parts.adapters, parts.optimizer, parts.gradients]).toEqual([4 * weights, 4 * 4_884_480, 8 * 4_884_480, 4 * 4_884_480]);
    expect([parts.liveReference, parts.generation, parts.graphs]).toEqual([0, 0, 0]);
    const full = memoryParts(plan(640, 'products', { lora: false, trainableParameters: weights, liveReference: true }));
    expect([full.adapters, full.optimizer, full.liveReference, full.updates]).toEqual([0, 8 * weights, 4 * weights, 4 * weights]);
    expect(memoryParts(plan(640, 'products', { divergence: true })).logits).toBe(2 * parts.logits);
    expect(memoryParts(plan(640, 'products', { generation: { rows: 6, promptTokens: 512, capacity: 576 } })).generation).toBe(2 * 2 * 4 * 30 * 6 * 3 * 576 * 64);
    expect(memoryParts(plan(640, 'products', { buckets: [...shape(1, 64), ...shape(1, 640)] })).graphs).toBeGreaterThan(0);
  });
  it('counts a large model’s loading where training adds little', () => {
    const parts = memoryParts(plan(8, 'none', { buckets: shape(1, 8), trainableParameters: 1000 }));
    expect(parts.transfer).toBe(2 * (128 << 20));
    expect(parts.activations).toBe(0);
  });
  it('keeps less where more is recomputed', () => {
    expect(estimateMemory(plan(640, 'none'))).toBeLessThan(estimateMemory(plan(640)));
    expect(estimateMemory(plan(640))).toBeLessThan(estimateMemory(plan(640, 'all')));
  });
});

describe('fitPlan', () => {
  const shapes = [4, 2, 1].map((rows) => () => shape(rows, 512));
  const needed = (rows: number, residuals: MemoryPlan['residuals']): number => estimateMemory({ ...needs, buckets: shape(rows, 512), residuals });
  const fit = (free: number): readonly [number, string] => {
    const { buckets, residuals } = fitPlan(needs, shapes, free);
    return [buckets[0]!.rows, residuals];
  };
  it('takes fewer rows a call first, then recomputes whole layers', () => {
    expect(fit(64e9)).toEqual([4, 'products']);
    expect(fit(needed(4, 'products') / 0.8 - 1)).toEqual([2, 'products']);
    expect(fit(needed(2, 'products') / 0.8 - 1)).toEqual([1, 'products']);
    expect(fit(needed(1, 'products') / 0.8 - 1)).toEqual([1, 'none']);
  });
  it('gives its smallest plan where nothing fits, which the warning then names', () => {
    expect(fit(1e8)).toEqual([1, 'none']);
  });
});

describe('memoryWarning', () => {
  it('is silent where there is room, and says what takes most where there is not', () => {
    const parts = memoryParts(plan(512));
    expect(memoryWarning(parts, 64e9, false)).toBeNull();
    expect(memoryWarning(parts, 1.1 * estimateMemory(plan(512)), false)).toMatch(/close other programs/);
    expect(memoryWarning(memoryParts(plan(2048, 'products', { buckets: shape(4, 2048) })), 1e9, false)).toMatch(/may be killed.*training\.maxLength/);
    expect(memoryWarning(memoryParts(plan(64, 'none', { lora: false, trainableParameters: weights })), 1e9, true)).toMatch(/LoRA adapter instead/);
    expect(memoryWarning(memoryParts(plan(64, 'none')), 1e8, false)).toMatch(/smaller model/);
  });
  it('knows what is free', () => expect(freeMemoryBytes()).toBeGreaterThan(1e6));
});
