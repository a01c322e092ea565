import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installedMatches } from '../lib/lock-check.mjs';
import { readJson } from '../lib/files.mjs';
import { waiting } from '../lib/log.mjs';
import { modulesDir, root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

/** Dependencies' install scripts never run: what they would do is done by the other steps, visibly. */
export async function installNodeModules() {
  const lock = await readJson(join(root, 'package-lock.json'));
  const hidden = await readJson(join(modulesDir, '.package-lock.json'));
  if (installedMatches(lock, hidden)) return 'up to date';
  const done = waiting('npm ci');
  try {
    await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root });
  } finally {
    done();
  }
  return `installed ${(await readdir(modulesDir)).length} packages`;
}
