import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../lib/errors.mjs';
import { completeFolder } from '../lib/files.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { sqlite11 } from '../lib/pins.mjs';
import { npmTarball } from '../lib/registry.mjs';
import { run } from '../lib/run.mjs';

/**
 * The folder to require for SQLite, or null for the installed better-sqlite3. Version 13 needs Node-API 10, which
 * Electron 33 lacks (it crashes at load), so the fallback runtime gets 11.5.0 with the addon built for it.
 */
export async function installSqlite({ electronSource, electronVersion, sqliteAddon }) {
  if (electronSource === 'official') return null;
  const folder = join(cacheDir(), 'sqlite', `${sqlite11.version}-electron-${electronVersion}-direct`);
  await completeFolder(folder, async (temporary) => {
    const tarball = await npmTarball(sqlite11);
    await run('tar', [
      '-xzf',
      tarball,
      '-C',
      temporary,
      '--strip-components=1',
      'package/lib',
      'package/package.json',
      'package/LICENSE',
    ]);
    await mkdir(join(temporary, 'build', 'Release'), { recursive: true });
    await copyFile(sqliteAddon, join(temporary, 'build', 'Release', 'better_sqlite3.node'));
    // Its search for the addon (the package `bindings`) is not wanted: there is one place, in a checkout and in a
    // package.
    const database = join(temporary, 'lib', 'database.js');
    const source = await readFile(database, 'utf8');
    await writeFile(
      database,
      source.replace("require('bindings')('better_sqlite3.node')", "require('../build/Release/better_sqlite3.node')"),
    );
    await rm(tarball, { force: true });
  });
  return folder;
}

/** Opens a database in memory on the chosen runtime: a wrong addon shows here, not on the user's first click. */
export async function checkSqlite(electron, folder) {
  const script =
    `const D=require(${JSON.stringify(folder ?? 'better-sqlite3')});const d=new ` +
    `D(':memory:');console.log(d.prepare('select sqlite_version() v').get().v)`;
  try {
    const { stdout } = await run(electron, ['-e', script], {
      cwd: root,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    return stdout.trim();
  } catch (error) {
    throw new SetupError('better-sqlite3 does not load in the chosen Electron', error.message, { cause: error });
  }
}
