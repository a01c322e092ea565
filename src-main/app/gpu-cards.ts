import { execFileSync } from 'node:child_process';
import type { DeviceChoice, GpuCard } from '../shared/views/app';

const fields = ['index', 'name', 'memory.total', 'memory.free', 'driver_version'] as const;
const mebibyte = 2 ** 20;

/** The NVIDIA cards of this machine, as `nvidia-smi` tells; none where there is no driver. */
export function gpuCards(): readonly GpuCard[] {
  try {
    return parseCards(
      execFileSync('nvidia-smi', [`--query-gpu=${fields.join()}`, '--format=csv,noheader,nounits'], {
        encoding: 'utf8',
        timeout: 5000,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    return []; // no driver, or one that does not answer: nothing can be computed on a card then
  }
}

/** Lines of `0, NVIDIA H100 80GB HBM3, 81559, 80995, 550.54.15`; memory in MiB. */
export function parseCards(text: string): readonly GpuCard[] {
  return text.split('\n').flatMap((line) => {
    const [index, name, total, free, driver] = line.split(',').map((cell) => cell.trim());
    if (!name || !driver || !/^\d+$/.test(index!) || !/^\d+$/.test(total!) || !/^\d+$/.test(free!)) return [];
    return [
      { index: Number(index), name, totalBytes: Number(total) * mebibyte, freeBytes: Number(free) * mebibyte, driver },
    ];
  });
}

/**
 * The card that a job will use; undefined: the processor. Without the CUDA library (`isCuda`) no card is used; left to
 * itself TensorFlow takes the first.
 */
export function cardInUse(cards: readonly GpuCard[], device: DeviceChoice, isCuda: boolean): GpuCard | undefined {
  if (!isCuda || device === 'cpu') return undefined;
  return device === 'auto' ? cards[0] : cards.find((card) => device === `gpu:${card.index}`);
}

/** Set with the paths of the CUDA library (scripts/lib/cuda.mjs). */
export const isCudaLibrary = (): boolean => process.env.SAMPO_CUDA === '1';
