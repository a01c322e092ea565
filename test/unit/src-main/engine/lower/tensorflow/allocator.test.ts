import { describe, expect, it } from 'vitest';
import { chooseAllocator } from '../../../../../../src-main/engine/lower/tensorflow/allocator';

const chosen = (bytes: number, given: Record<string, string | undefined> = {}): Record<string, string | undefined> => {
  chooseAllocator(bytes, given);
  return given;
};

describe('the allocator of a run', () => {
  it('is the pool for small runs, with a limit under which no region passes 1 GiB, which Electron would make 2 GiB of', () => {
    const limit = Number(chosen(1e9)['TF_MKL_ALLOC_MAX_BYTES']);
    let held = 0;
    for (let region = 2 ** 20; held < limit; region *= 2) {
      const taken = Math.min(region, limit - held); // BFCAllocator::Extend
      expect(taken).toBeLessThanOrEqual(2 ** 30);
      held += taken;
    }
    expect(chosen(2.7e9)).toEqual(chosen(1e9)); // LoRA of 135 M parameters at 512 tokens
  });
  it('is the system’s where the pool would have to grow beyond that', () => expect(chosen(3.3e9)).toEqual({ TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '1' }));
  it('leaves alone what somebody set', () => expect(chosen(5e9, { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' })).toEqual({ TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' }));
});
