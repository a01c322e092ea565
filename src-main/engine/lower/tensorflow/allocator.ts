/**
 * Which of oneDNN's two allocators TensorFlow uses on a processor; to be called before the library is loaded (it reads the environment then).
 *
 * Its own pool keeps what was freed, which spares the kernel's work of mapping and clearing pages, but grows by regions of 1 MiB, 2 MiB and so on, each twice the one before.
 * Electron's allocator rounds an aligned request up to a power of two and ends the process (SIGTRAP) at 2 GiB, so no region may be larger than 1 GiB: the limit leaves no
 * more than that once regions up to 1 GiB are there. (In a utility process also 1 GiB is too much, unless start.ts takes Chromium's few bytes more off it.) The system's allocator needs no regions, but halves the speed (RESULTS.md, "Allocators"), so it is for what does not fit.
 */
export function chooseAllocator(expectedBytes: number, environment: Record<string, string | undefined> = process.env): void {
  if (expectedBytes > mostForPool) environment['TF_ONEDNN_USE_SYSTEM_ALLOCATOR'] ??= '1';
  else environment['TF_MKL_ALLOC_MAX_BYTES'] ??= String(poolLimit);
}

/** The largest tensor that Electron's allocator can hold, whichever of the two asks for it. */
export const mostTensorBytes = 2 ** 30;
const poolLimit = 3 * 2 ** 30 - 2 ** 20; // 1 MiB + 2 MiB + … + 1 GiB, and 1 GiB
/** Of the whole process; some 0.4 GiB of it lie outside the pool, and as much again is for fragments. */
const mostForPool = 3 * 2 ** 30;
