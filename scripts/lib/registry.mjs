// Fetches from npm and PyPI through their own clients, so that the user's registry, proxy and certificate settings
// count.
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { cacheDir } from './paths.mjs';
import { download } from './download.mjs';
import { SetupError } from './errors.mjs';
import { exists, sha256File } from './files.mjs';
import { waiting } from './log.mjs';
import { answers, run } from './run.mjs';

/** One package of npm as its tarball in the cache. */
export function npmTarball({ spec, file, sha256 }) {
  return fetchOnce(file, sha256, (folder) =>
    run('npm', ['pack', spec, '--ignore-scripts', '--pack-destination', folder], { cwd: tmpdir() }),
  );
}

/** One wheel of PyPI in the cache. Machines without pip take the same file from PyPI's file host, resumably. */
export async function pypiWheel({ requirement, pythonVersion, platform, file, sha256, url }) {
  const python = pythonWithPip();
  if (!python) return download({ url, target: join(cacheDir(), 'downloads', file), sha256, name: 'libtensorflow' });
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--python-version',
    pythonVersion,
    '--platform',
    platform,
    '--quiet',
  ];
  return fetchOnce(file, sha256, (folder) => run(python, [...args, '--dest', folder, requirement], { cwd: tmpdir() }));
}

export const pythonWithPip = () => ['python3', 'python'].find((name) => answers(name, ['-m', 'pip', '--version']));

/** Runs a client into an empty folder, checks what it brought, and only then gives it its name in the cache. */
async function fetchOnce(file, sha256, client) {
  const downloads = join(cacheDir(), 'downloads');
  const target = join(downloads, file);
  if (await exists(target)) {
    if ((await sha256File(target)) === sha256) return target;
    await rm(target); // damaged since; fetch it again
  }
  const folder = join(downloads, `.partial-${randomBytes(6).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  const done = waiting(`downloading ${file}`);
  try {
    await client(folder);
    const fetched = join(folder, file);
    if (!(await exists(fetched))) throw new SetupError(`the package client did not bring ${file}`);
    const actual = await sha256File(fetched);
    if (actual !== sha256)
      throw new SetupError(
        `${file} has SHA-256 ${actual}, expected ${sha256}`,
        'The registry served something else than what this version was built with; it was deleted.',
      );
    await rename(fetched, target);
    return target;
  } finally {
    done();
    await rm(folder, { recursive: true, force: true });
  }
}
