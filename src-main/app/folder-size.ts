import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Bytes of all files under a folder; 0 where there is none. */
export function folderBytes(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((total, entry) => {
      const inner = path.join(folder, entry.name);
      return (
        total + (entry.isDirectory() ? folderBytes(inner) : (statSync(inner, { throwIfNoEntry: false })?.size ?? 0))
      );
    }, 0);
  } catch {
    return 0; // it may vanish while it is counted
  }
}
