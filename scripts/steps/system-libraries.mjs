import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from '../lib/errors.mjs';
import {
  debianPackages,
  knownToLdconfig,
  missingFromLdd,
  openedAtRunTime,
  packagesFor,
} from '../lib/shared-libraries.mjs';
import { say, waiting } from '../lib/log.mjs';
import { cacheDir } from '../lib/paths.mjs';
import { answers, run } from '../lib/run.mjs';

/** Libraries that can be missed before Electron is there: asks the linker's cache, so it takes milliseconds. */
export async function installSystemLibraries() {
  if (process.platform !== 'linux') return 'nothing to check on this platform';
  const ldconfig = ['/sbin/ldconfig', '/usr/sbin/ldconfig'].find(existsSync);
  if (!ldconfig) return 'not checked (no ldconfig here)';
  const known = knownToLdconfig((await run(ldconfig, ['-p'])).stdout);
  const missing = Object.keys(debianPackages).filter((soname) => !known.has(soname));
  const { packages } = packagesFor(missing);
  if (!onPath('Xvfb')) packages.push('xvfb', 'xauth');
  // The addon's compiler, in the same run of apt; on other systems the TensorFlow step asks for it.
  if (canInstall() && !onPath('g++') && !existsSync(join(cacheDir(), 'addon'))) packages.push('g++');
  if (packages.length === 0) return 'all there';
  return installPackages(packages, missing);
}

/** The last word on the matter: what the binary itself still misses. */
export async function checkElectronLibraries(electron) {
  if (process.platform !== 'linux') return;
  const { stdout } = await run('ldd', [electron]);
  const { packages, unknown } = packagesFor(
    missingFromLdd(stdout).filter((soname) => !openedAtRunTime.includes(soname)),
  );
  // Electron's own libffmpeg.so and friends lie beside the binary and are found by its rpath.
  if (packages.length > 0) await installPackages(packages, packages);
  if (unknown.length > 0)
    throw new SetupError(
      `Electron misses shared libraries: ${unknown.join(', ')}`,
      'Install the packages of your system that contain them.',
    );
}

/** Tools that only some machines need, e.g. a compiler where the addon has to be built. False: ask the user. */
export async function ensureTool(isThere, packages) {
  if (isThere()) return true;
  if (!canInstall()) return false;
  await installPackages(packages, packages);
  return isThere();
}

const canInstall = () => process.getuid?.() === 0 && answers('apt-get', ['--version']);

async function installPackages(packages, missing) {
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!canInstall()) {
    throw new SetupError(
      `missing on this system: ${missing.join(', ')}`,
      `Install them and run the command again. On Debian or Ubuntu: sudo ${command}`,
    );
  }
  say(`    installing ${packages.join(' ')}`);
  const done = waiting('apt-get');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Two of our steps may want apt at once; the second waits for the first.
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const install = (names) =>
    run('apt-get', [...wait, 'install', '-y', '-q', '--no-install-recommends', ...names], { env });
  try {
    await run('apt-get', [...wait, 'update', '-q'], { env });
    // Debian 13 and Ubuntu 24.04 renamed some libraries for 64-bit time; where the old name fails the new one works.
    await install(packages).catch(() => install(packages.map((name) => (renamed.has(name) ? `${name}t64` : name))));
  } finally {
    done();
  }
  return `installed ${packages.join(' ')}`;
}

const renamed = new Set(['libgtk-3-0', 'libasound2']);

const onPath = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
