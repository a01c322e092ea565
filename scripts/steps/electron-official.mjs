import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { download } from '../lib/download.mjs';
import { SetupError } from '../lib/errors.mjs';
import { completeFolder, readJson } from '../lib/files.mjs';
import { cacheDir, modulesDir } from '../lib/paths.mjs';
import { extractZip } from '../lib/unzip.mjs';

export const executableIn = {
  linux: 'electron',
  win32: 'electron.exe',
  darwin: 'Electron.app/Contents/MacOS/Electron',
};

export const officialFolder = (version) =>
  join(cacheDir(), 'electron', `${version}-official-${process.platform}-${process.arch}`);

/**
 * Electron's release zip, with the hash that its npm package pins. The package's own downloader wants Node 22.12; this
 * does not.
 */
export async function fetchOfficial(version) {
  const file = `electron-v${version}-${process.platform}-${process.arch}.zip`;
  const checksums = await readJson(join(modulesDir, 'electron', 'checksums.json'));
  const sha256 = checksums?.[file];
  if (!sha256) throw new SetupError(`Electron ${version} has no build named ${file}`);
  // The mirror variable is the one that Electron's own tools honour.
  const base = process.env.ELECTRON_MIRROR ?? 'https://github.com/electron/electron/releases/download/';
  const url = `${base}v${version}/${file}`;
  const zip = await download({
    url,
    target: join(cacheDir(), 'downloads', file),
    sha256,
    name: 'Electron',
    tries: 2,
    connectTimeoutMs: 5000,
  });
  await completeFolder(officialFolder(version), async (folder) => {
    await extractZip(zip, folder, (name) => name);
    await writeFile(join(folder, '.complete'), '');
  });
  await rm(zip, { force: true }); // 120 MB that nothing reads again
}
