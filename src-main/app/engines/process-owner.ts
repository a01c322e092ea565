import { readFileSync } from 'node:fs';

/**
 * Names a process so that another one can tell later whether it still runs: its pid and, where the system tells, when
 * it started.
 */
export const processOwner = (pid = process.pid): string => `${pid}:${startTime(pid) ?? ''}`;

export function isOwnerAlive(owner: string): boolean {
  const [pid, started] = owner.split(':');
  try {
    process.kill(Number(pid), 0);
  } catch {
    return false;
  }
  const now = startTime(Number(pid));
  return now === null || started === '' || now === started;
}

/** Field 22 of /proc/PID/stat: ticks since boot. Null on other systems. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
