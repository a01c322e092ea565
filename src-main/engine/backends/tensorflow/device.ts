import { readFileSync } from 'node:fs';
import type { EngineSettings } from '../../protocol';
import type { Halves } from '../../graph/types';

/**
 * Tells TensorFlow which device to use, to be called before the library is loaded (it reads the environment then).
 * Where the choice is `auto`, what somebody set stays. TensorFlow uses TF32 by itself on cards that have it; CUDA's own
 * switch turns it off for all libraries. Card memory is taken as it is needed, not all at once, so that other programs
 * can use the card too.
 */
export function chooseDevice(
  { device, tf32 }: Pick<EngineSettings, 'device' | 'tf32'>,
  environment: Record<string, string | undefined> = process.env,
): void {
  if (device !== 'auto') environment['CUDA_VISIBLE_DEVICES'] = device === 'cpu' ? '-1' : device.slice('gpu:'.length);
  if (!tf32) environment['NVIDIA_TF32_OVERRIDE'] = '0';
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/** How a card computes float32 products, to be shown beside it. */
export const gpuPrecision = (environment: Record<string, string | undefined> = process.env): string =>
  environment['NVIDIA_TF32_OVERRIDE'] === '0' ? 'float32' : 'TF32 where the card has it';

/** How a processor is shown that multiplies bfloat16 as such. */
export const cpuBfloat16 = 'bfloat16 (AMX)';

/**
 * Formats that the device in use multiplies as such and faster than widened to float32: both on a card; bfloat16 on a
 * processor with Intel's AMX (measured: RESULTS.md, "Products in bfloat16"). `SAMPO_HALVES=none` widens everywhere.
 */
export function nativeHalves(
  onGpu: boolean,
  cpuFlags: () => string = linuxCpuFlags,
  environment: Record<string, string | undefined> = process.env,
): ReadonlySet<Halves> {
  if (environment['SAMPO_HALVES'] === 'none') return new Set();
  if (onGpu) return new Set(['bf16', 'f16']);
  return new Set(/\bamx_bf16\b/.test(cpuFlags()) ? ['bf16'] : []);
}

function linuxCpuFlags(): string {
  try {
    return /^flags\s*:.*$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[0] ?? '';
  } catch {
    return ''; // not Linux
  }
}
