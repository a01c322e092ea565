/**
 * Which of oneDNN's two allocators TensorFlow uses on a processor; to be called before the library is loaded (it reads the environment then).
 *
 * Its own pool keeps what was freed, which spares the kernel's work of mapping and clearing pages, but grows by doubling: beyond 2 GiB in all it asks for 2 GiB at once, and
 * Electron's allocator ends the process (SIGTRAP) at such a request. A limit below 4 GiB makes the last region smaller. The system's allocator has no such limit,
 * but halves the speed (RESULTS.md, "Allocators"), so it is for what does not fit.
 */
export function chooseAllocator(expectedBytes: number, environment: Record<string, string | undefined> = process.env): void {
  if (expectedBytes > mostForPool) environment['TF_ONEDNN_USE_SYSTEM_ALLOCATOR'] ??= '1';
  else environment['TF_MKL_ALLOC_MAX_BYTES'] ??= String(poolLimit);
}

/** Of the whole process; some 0.4 GiB of it lie outside the pool, and the rest of the distance to its limit is for fragments. */
const mostForPool = 3.5 * 2 ** 30;
const poolLimit = 4 * 2 ** 30 - 2 ** 27;
