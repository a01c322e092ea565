#!/usr/bin/env node
// npm run dist [-- --dir]: packages the app. --dir makes the unpacked test build, which Playwright can drive.
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { explain } from './lib/errors.mjs';
import { writeAtomic } from './lib/files.mjs';
import { say } from './lib/log.mjs';
import { bundledPackages, notices } from './lib/notices.mjs';
import { modulesDir, root } from './lib/paths.mjs';
import { besideBundles, build } from './build.mjs';
import { setup } from './setup.mjs';

const require = createRequire(join(root, 'package.json'));
const bundles = join(root, 'release', '.dist');
const noticesFile = join(root, 'release', 'THIRD-PARTY-NOTICES.txt');
const isTestBuild = process.argv.includes('--dir');

async function main() {
  const manifest = await setup();
  if (manifest.electronSource !== 'official' && !isTestBuild) {
    throw new Error(
      'Releases need the official Electron, which cannot be had here. `npm run dist -- --dir` makes a test build ' +
        'with the fallback.',
    );
  }
  // Of a release in a test build too: what it heeds is tested there.
  await build({ force: true, release: true, into: bundles });
  await writeAtomic(noticesFile, await allNotices(manifest));
  const builder = require('electron-builder');
  // As a file: an object would be merged with electron-builder.yml, which doubles its lists.
  const config = join(root, 'release', '.builder.json');
  await writeAtomic(config, JSON.stringify(await configuration(manifest), null, 2));
  const files = await builder.build({ dir: isTestBuild, publish: 'never', projectDir: root, config });
  say(
    isTestBuild
      ? 'Unpacked build: ' +
          `${join(root, 'release', `${process.platform === 'linux' ? 'linux' : process.platform}-unpacked`)}`
      : files.join('\n'),
  );
}

async function configuration(manifest) {
  const config = require('js-yaml').load(await readFile(join(root, 'electron-builder.yml'), 'utf8'));
  config.electronVersion = manifest.electronVersion;
  const bundled = { from: bundles, to: 'dist', filter: ['**/*', '!**/*.map', '!.*'] };
  config.files = [bundled, ...config.files, ...withoutAllOthers(besideBundles)];
  config.extraResources.push({ from: noticesFile, to: 'THIRD-PARTY-NOTICES.txt' });
  if (isTestBuild) {
    // Playwright starts the app with --inspect.
    config.electronFuses = { ...config.electronFuses, enableNodeCliInspectArguments: true };
  }
  if (manifest.electronSource === 'cypress') {
    config.electronDist = await plainFallback(dirname(manifest.electron));
    // The installed better-sqlite3 crashes on this Electron; its place is taken by the one the checkout runs on.
    config.files.push('!node_modules/better-sqlite3/**', {
      from: manifest.sqlite,
      to: 'node_modules/better-sqlite3',
      filter: ['**/*'],
    });
  }
  if (manifest.tensorflow && process.platform === 'linux' && !isTestBuild) {
    // 850 MB: only a release carries the library; a test build finds it in this machine's cache by rpath.
    config.files.push({ from: manifest.tensorflow.libDir, to: 'node_modules/@tensorflow/tfjs-node-gpu/deps/lib' });
  }
  return config;
}

/** The packager takes all dependencies and theirs; what is in the bundles, or is used by nothing, stays out. */
function withoutAllOthers(names) {
  const [scoped, plain] = [names.filter((name) => name.startsWith('@')), names.filter((name) => !name.startsWith('@'))];
  const scopes = [...new Set(scoped.map((name) => name.split('/')[0]))];
  const inside = scopes.map(
    (scope) =>
      `!node_modules/${scope}/!(${scoped
        .filter((name) => name.startsWith(`${scope}/`))
        .map((name) => name.split('/')[1])
        .join('|')})/**`,
  );
  return [`!node_modules/!(${[...plain, ...scopes].join('|')})/**`, ...inside];
}

/**
 * Of the bundles' parts, the packages beside them, Electron and TensorFlow. Electron's own notices of Chromium lie
 * beside the program as well.
 */
async function allNotices(manifest) {
  const inputs = JSON.parse(await readFile(join(bundles, '.inputs.json'), 'utf8'));
  const beside = [...besideBundles, 'electron'].map((name) => join(modulesDir, name));
  const folders = new Set([...bundledPackages(inputs, root), ...beside]);
  const tensorflow = manifest.tensorflow
    ? [
        {
          title: `TensorFlow ${manifest.tensorflow.version}`,
          licence: 'Apache-2.0, and those of its parts',
          text: await tensorflowLicences(manifest.tensorflow),
        },
      ]
    : [];
  return notices([...folders].sort(), tensorflow);
}

/**
 * What libtensorflow is made of: our copy of what lies in its wheel, or what the package's own script put beside the
 * library (macOS, Windows).
 */
async function tensorflowLicences({ version, libDir }) {
  const ours = join(root, 'resources', 'licences', `tensorflow-${version}.txt`);
  const beside = ['LICENSE', 'THIRD_PARTY_TF_C_LICENSES'].map((name) => join(dirname(libDir), name));
  const files = existsSync(ours) ? [ours] : beside.filter((file) => existsSync(file));
  if (files.length === 0)
    throw new Error(
      `The licences of TensorFlow ${version} are not in ${dirname(ours)}: they must be in every package that ` +
        'carries it.',
    );
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n\n').trim();
}

/** A copy of the fallback runtime without the stand-in app, which would otherwise be started instead of ours. */
async function plainFallback(runtime) {
  const copy = join(root, 'release', '.electron');
  await rm(copy, { recursive: true, force: true });
  await mkdir(copy, { recursive: true });
  const left = new Set([
    join(runtime, 'resources', 'app'),
    join(runtime, 'resources', 'app-update.yml'),
    join(runtime, 'better_sqlite3.node'),
  ]);
  await cp(runtime, copy, { recursive: true, filter: (source) => !left.has(source) });
  return copy;
}

main().catch((error) => {
  console.error(explain(error));
  process.exitCode = 1;
});
