import { describe, expect, it } from 'vitest';
import { chooseAllocator } from '../../../../../../src-main/engine/lower/tensorflow/allocator';

const chosen = (bytes: number, given: Record<string, string | undefined> = {}): Record<string, string | undefined> => {
  chooseAllocator(bytes, given);
  return given;
};

describe('the allocator of a run', () => {
  it('is the pool for small runs, with a limit that keeps its last region under 2 GiB', () => {
    const limit = Number(chosen(1e9)['TF_MKL_ALLOC_MAX_BYTES']);
    expect(limit - 2 ** 31).toBeLessThan(2 ** 31); // regions of 1 MiB to 1 GiB come first, 2 GiB in all
    expect(limit).toBeGreaterThan(1.05 * 3.5 * 2 ** 30);
    expect(chosen(2.7e9)).toEqual(chosen(1e9)); // LoRA of 135 M parameters at 512 tokens
  });
  it('is the system’s where the pool would have to grow beyond that', () => expect(chosen(5e9)).toEqual({ TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '1' }));
  it('leaves alone what somebody set', () => expect(chosen(5e9, { TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' })).toEqual({ TF_ONEDNN_USE_SYSTEM_ALLOCATOR: '0' }));
});
