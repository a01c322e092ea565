import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir, root } from '../lib/paths.mjs';
import { SetupError } from '../lib/errors.mjs';

// What a first set-up was seen to write: node_modules, and in the cache both downloads and what they unpack to.
const neededBytes = { repository: 1.2e9, cache: 2.6e9 };

/** Only a first set-up needs room; running out in its middle would be a worse message than this one. */
export function checkFreeSpace() {
  mkdirSync(cacheDir(), { recursive: true });
  for (const [what, folder] of [
    ['repository', root],
    ['cache', cacheDir()],
  ]) {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    if (free < neededBytes[what]) {
      throw new SetupError(
        `${folder} has ${(free / 1e9).toFixed(1)} GB free, a first set-up needs about ` +
          `${(neededBytes[what] / 1e9).toFixed(1)} GB there`,
        'Free some space, or set SAMPO_CACHE to a folder on a larger disk.',
      );
    }
  }
}

/** What a killed set-up left half done. Young folders may belong to a set-up that runs right now. */
export async function removeLeftovers(cache = cacheDir(), olderThanMs = 6 * 3600_000) {
  for (const part of ['downloads', 'electron', 'tensorflow', 'addon', 'sqlite']) {
    const folder = join(cache, part);
    if (!existsSync(folder)) continue;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (name.startsWith('.partial-') && Date.now() - (await stat(path)).mtimeMs > olderThanMs)
        await rm(path, { recursive: true, force: true });
    }
  }
}
