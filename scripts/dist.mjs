#!/usr/bin/env node
// npm run dist [-- --dir]: packages the app. --dir makes the unpacked test build, which Playwright can drive.
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { explain } from './lib/errors.mjs';
import { writeAtomic } from './lib/files.mjs';
import { say } from './lib/log.mjs';
import { root } from './lib/paths.mjs';
import { setup } from './setup.mjs';

const require = createRequire(join(root, 'package.json'));
const isTestBuild = process.argv.includes('--dir');

async function main() {
  const manifest = await setup();
  if (manifest.electronSource !== 'official' && !isTestBuild) {
    throw new Error('Releases need the official Electron, which cannot be had here. `npm run dist -- --dir` makes a test build with the fallback.');
  }
  const builder = require('electron-builder');
  // As a file: an object would be merged with electron-builder.yml, which doubles its lists.
  const config = join(root, 'release', '.builder.json');
  await writeAtomic(config, JSON.stringify(await configuration(manifest), null, 2));
  const files = await builder.build({ dir: isTestBuild, publish: 'never', projectDir: root, config });
  say(isTestBuild ? `Unpacked build: ${join(root, 'release', `${process.platform === 'linux' ? 'linux' : process.platform}-unpacked`)}` : files.join('\n'));
}

async function configuration(manifest) {
  const config = require('js-yaml').load(await readFile(join(root, 'electron-builder.yml'), 'utf8'));
  config.electronVersion = manifest.electronVersion;
  if (isTestBuild) {
    // Playwright starts the app with --inspect.
    config.electronFuses = { ...config.electronFuses, enableNodeCliInspectArguments: true };
  }
  if (manifest.electronSource === 'cypress') {
    config.electronDist = await plainFallback(dirname(manifest.electron));
    // The installed better-sqlite3 crashes on this Electron; its place is taken by the one the checkout runs on.
    config.files.push('!node_modules/better-sqlite3/**', { from: manifest.sqlite, to: 'node_modules/better-sqlite3', filter: ['**/*'] });
  }
  if (manifest.tensorflow && process.platform === 'linux' && !isTestBuild) {
    // 850 MB: only a release carries the library; a test build finds it in this machine's cache by rpath.
    config.files.push({ from: manifest.tensorflow.libDir, to: 'node_modules/@tensorflow/tfjs-node-gpu/deps/lib' });
  }
  return config;
}

/** A copy of the fallback runtime without the stand-in app, which would otherwise be started instead of ours. */
async function plainFallback(runtime) {
  const copy = join(root, 'release', '.electron');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  const left = new Set([join(runtime, 'resources', 'app'), join(runtime, 'resources', 'app-update.yml'), join(runtime, 'better_sqlite3.node')]);
  await cp(runtime, copy, { recursive: true, filter: (source) => !left.has(source) });
  return copy;
}

main().catch((error) => {
  console.error(explain(error));
  process.exitCode = 1;
});
