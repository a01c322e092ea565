import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const modulesDir = join(root, 'node_modules');
/** Stamps and the manifest live here so that deleting node_modules forgets them with it. */
const stampDir = join(modulesDir, '.sampo');
export const manifestPath = join(stampDir, 'runtime.json');

/** Big things survive a fresh clone: one cache a user, outside any checkout. */
export function cacheDir(env = process.env) {
  if (env.SAMPO_CACHE) return resolve(env.SAMPO_CACHE);
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'sampo-studio');
  return join(homedir(), '.cache', 'sampo-studio');
}
