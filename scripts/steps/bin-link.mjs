import { chmod, lstat, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { modulesDir, root } from '../lib/paths.mjs';

/** npm does not link a root package's own bin, and npx looks there: without it `npx sampo` would ask the registry. */
export async function linkBin() {
  if (process.platform === 'win32') return;
  const link = join(modulesDir, '.bin', 'sampo');
  await chmod(join(root, 'scripts', 'sampo.mjs'), 0o755);
  if (await lstat(link).catch(() => null)) return;
  await mkdir(join(modulesDir, '.bin'), { recursive: true });
  await symlink('../../scripts/sampo.mjs', link).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
