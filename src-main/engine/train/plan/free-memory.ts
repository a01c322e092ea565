import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** Memory that a new process can take without swapping, in bytes. */
export function freeMemoryBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return Math.min(availableBytes(meminfo()) ?? freemem(), leftOf(limit, process.memoryUsage.rss()));
}

function meminfo(): string {
  try {
    return readFileSync('/proc/meminfo', 'utf8');
  } catch {
    return ''; // not Linux
  }
}

/** Linux counts caches as used in `freemem` of some versions; MemAvailable is what can really be had. */
export function availableBytes(meminfo: string): number | null {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo);
  return match ? Number(match[1]) * 1024 : null;
}

/** What a container (cgroup) leaves of its limit; Infinity without one. */
export const leftOf = (limit: number, used: number): number =>
  limit === 0 || limit > 2 ** 50 ? Infinity : Math.max(0, limit - used);
