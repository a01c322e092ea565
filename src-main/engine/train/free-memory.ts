import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';

/** Memory that a new process can take without swapping, in bytes. */
export function freeMemoryBytes(): number {
  return Math.min(availableBytes(), limitBytes());
}

/** Linux counts caches as used in `freemem` of some versions; MemAvailable is what can really be had. */
function availableBytes(): number {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
    if (match) return Number(match[1]) * 1024;
  } catch {
    // not Linux
  }
  return freemem();
}

/** What a container (cgroup) leaves; Infinity without a limit. */
function limitBytes(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  if (!limit || limit > 2 ** 50) return Infinity;
  return Math.max(0, limit - process.memoryUsage.rss());
}
