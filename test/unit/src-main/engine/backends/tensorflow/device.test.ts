import { describe, expect, it } from 'vitest';
import { chooseDevice, gpuPrecision, nativeHalves } from '../../../../../../src-main/engine/backends/tensorflow/device';

const chosen = (
  device: Parameters<typeof chooseDevice>[0]['device'],
  tf32 = true,
  given: Record<string, string | undefined> = {},
): Record<string, string | undefined> => {
  chooseDevice({ device, tf32 }, given);
  return given;
};

describe('the device of a job', () => {
  it('is what TensorFlow finds, the processor alone, or one card', () => {
    expect(chosen('auto')).toEqual({ TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
    expect(chosen('cpu')['CUDA_VISIBLE_DEVICES']).toBe('-1');
    expect(chosen('gpu:3')['CUDA_VISIBLE_DEVICES']).toBe('3');
  });
  it('leaves what somebody set where nothing was chosen, and only there', () => {
    const given = { CUDA_VISIBLE_DEVICES: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
    expect(chosen('auto', true, { ...given })).toEqual(given);
    expect(chosen('gpu:0', true, { ...given })['CUDA_VISIBLE_DEVICES']).toBe('0');
  });
  it('computes in float32 proper where TF32 is not wanted, and says so', () => {
    expect(gpuPrecision(chosen('auto', false))).toBe('float32');
    expect(chosen('auto', false)['NVIDIA_TF32_OVERRIDE']).toBe('0');
    expect(gpuPrecision(chosen('auto'))).toMatch(/TF32/);
  });
});

describe('formats that are multiplied as they are stored', () => {
  const flags = (text: string) => (): string => `flags\t\t: fpu ${text} avx512f`;
  it('are both on a card, bfloat16 on a processor with AMX, none elsewhere', () => {
    expect([...nativeHalves(true, flags(''), {})]).toEqual(['bf16', 'f16']);
    expect([...nativeHalves(false, flags('amx_tile amx_bf16'), {})]).toEqual(['bf16']);
    expect([...nativeHalves(false, flags('amx_tile avx512_bf16'), {})]).toEqual([]);
    expect([...nativeHalves(false, () => '', {})]).toEqual([]);
  });
  it('can be switched off', () => expect(nativeHalves(true, flags('amx_bf16'), { SAMPO_HALVES: 'none' }).size).toBe(0));
});
