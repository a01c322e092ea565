import { describe, expect, it } from 'vitest';
import type { Halves } from '../../../../../../src-main/engine/graph/types';
import { precisionInUse, productsOf, storageOf } from '../../../../../../src-main/engine/train/plan/precision';
import type { EngineInfo } from '../../../../../../src-main/shared/ipc/engine-events';
import { specOf } from '../fixture';

const adapters = { lora: { kind: 'lora', rank: 4, alpha: 8 }, full: { kind: 'none' } } as const;
const spec = (adapter: keyof typeof adapters, precision: 'float32' | 'bfloat16' | 'float16') =>
  specOf({ adapter: adapters[adapter], training: { precision } });
const engine = (halves: readonly Halves[], backend: EngineInfo['backend'] = 'tensorflow') => ({
  halves: new Set(halves),
  info: { backend, library: '', devices: [], reason: null },
});

it('keeps matrices as halves only where an adapter leaves them alone', () => {
  expect((['float32', 'bfloat16', 'float16'] as const).map((precision) => storageOf(spec('lora', precision)))).toEqual([
    'f32',
    'bf16',
    'f16',
  ]);
  expect(storageOf(spec('full', 'bfloat16'))).toBe('f32');
});

describe('products', () => {
  it.each(['lora', 'full'] as const)(
    'are in the precision of the run where the device multiplies that (%s)',
    (adapter) => {
      expect(productsOf(spec(adapter, 'bfloat16'), engine(['bf16']))).toBe('bf16');
      expect(productsOf(spec(adapter, 'float16'), engine(['bf16', 'f16']))).toBe('f16');
      expect(productsOf(spec(adapter, 'float32'), engine(['bf16']))).toBe('f32');
      expect(productsOf(spec(adapter, 'float32'), engine([], 'wasm'))).toBe('f32');
    },
  );
  it('are in float32 where it does not, which only an adapter gains from', () => {
    expect(productsOf(spec('lora', 'float16'), engine(['bf16']))).toBe('f32');
    expect(() => productsOf(spec('full', 'float16'), engine(['bf16']))).toThrow(/does not multiply float16 as such/);
  });
  it('need TensorFlow', () =>
    expect(() => productsOf(spec('lora', 'bfloat16'), engine([], 'wasm'))).toThrow(
      /wasm engine computes in float32 only/,
    ));
});

it(
  'what is in use is said: what products are in, and frozen weights where that differs; a card says itself how it ' +
    'multiplies float32',
  () => {
    const [float32, bfloat16, float16] = [
      spec('lora', 'float32').training,
      spec('lora', 'bfloat16').training,
      spec('lora', 'float16').training,
    ];
    expect(precisionInUse(float32, 'f32', false)).toEqual(['products in float32']);
    expect(precisionInUse(float32, 'f32', true)).toEqual([]);
    expect([false, true].map((onGpu) => precisionInUse(bfloat16, 'bf16', onGpu))).toEqual([
      ['products in bfloat16'],
      ['products in bfloat16'],
    ]);
    expect(precisionInUse(float16, 'f32', false)).toEqual(['frozen weights in float16, products in float32']);
  },
);
