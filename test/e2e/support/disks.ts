import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const mounted: string[] = [];

/**
 * A disk in memory of so many kilobytes; null where this machine does not let us mount (no root, or a container without
 * the right).
 */
export function smallDisk(kilobytes: number): string | null {
  if (process.platform !== 'linux') return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'sampo-disk-'));
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder)) return null;
  mounted.push(folder);
  return folder;
}

export const growDisk = (folder: string, kilobytes: number): boolean =>
  run('mount', '-o', `remount,size=${kilobytes}k`, folder);

/** A folder that may be read and not written. Permissions do not hold root back, a read-only disk does. */
export function readOnlyFolder(): string | null {
  if (process.getuid?.() === 0) {
    const disk = smallDisk(64);
    return disk !== null && run('mount', '-o', 'remount,ro', disk) ? disk : null;
  }
  if (process.platform === 'win32') return null;
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'sampo-locked-')), 'locked');
  mkdirSync(folder);
  chmodSync(folder, 0o555);
  return folder;
}

export function removeDisks(): void {
  for (const folder of mounted.splice(0)) run('umount', folder);
}
