import { readdirSync, statSync, type BigIntStats } from 'node:fs';
import path from 'node:path';

/**
 * Differs whenever a file does, or, of a folder, a file right in it: also where another one of its size and time has
 * taken its place. null: it cannot be looked at.
 */
export function fileState(file: string): string | null {
  try {
    const own = statSync(file, { bigint: true });
    const inside = own.isDirectory() ? readdirSync(file) : [];
    return [
      shown(own),
      ...inside.map((name) => {
        const info = statSync(path.join(file, name), { bigint: true, throwIfNoEntry: false });
        return `${name} ${info ? shown(info) : ''}`;
      }),
    ].join('\n');
  } catch {
    return null;
  }
}

const shown = ({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string => [ino, size, mtimeNs, ctimeNs].join(' ');
