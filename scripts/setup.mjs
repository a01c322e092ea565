#!/usr/bin/env node
// npm run setup: everything a checkout needs to run, each step skipped when its result is already there.
import { pathToFileURL } from 'node:url';
import { explain } from './lib/errors.mjs';
import { duration, say, step } from './lib/log.mjs';
import { isUsable, readManifest, writeManifest } from './lib/manifest.mjs';
import { checkFreeSpace, removeLeftovers } from './steps/disk.mjs';
import { installNodeModules } from './steps/node-modules.mjs';
import { checkElectronLibraries, installSystemLibraries } from './steps/system-libraries.mjs';
import { installElectron } from './steps/electron.mjs';
import { checkSqlite, installSqlite } from './steps/sqlite.mjs';
import { installAddon, installByPackageScript, installLibrary } from './steps/tensorflow.mjs';
import { linkBin } from './steps/bin-link.mjs';

export async function setup({ withBuild = true } = {}) {
  const started = Date.now();
  requireNode();
  say('SamPO Studio set-up');
  const before = await readManifest();
  if (!isUsable(before)) {
    await removeLeftovers();
    checkFreeSpace();
  }

  // Three long waits on different servers that need nothing of each other; libtensorflow is awaited last.
  const library = fetchTensorflow();
  await Promise.all([step('Node packages', installNodeModules), step('System libraries', installSystemLibraries)]);

  let runtime;
  await step('Electron', async () => {
    runtime = await installElectron();
    await checkElectronLibraries(runtime.electron);
    const note =
      runtime.electronSource === 'cypress'
        ? ' (from the Cypress npm package; for development and tests)'
        : ' (official)';
    return `${runtime.electronVersion}${note}`;
  });

  let sqlite;
  await step('SQLite', async () => {
    sqlite = await installSqlite(runtime);
    if (before?.electron === runtime.electron && before.sqlite === sqlite) return 'checked before';
    return checkSqlite(runtime.electron, sqlite);
  });

  let found;
  await step('TensorFlow', async () => {
    found = await finishTensorflow(library);
    return found.tensorflow
      ? found.tensorflow.version
      : `not available, the slower wasm engine will be used: ${found.tensorflowReason}`;
  });

  await linkBin();
  const { electron, electronVersion, electronSource } = runtime;
  const manifest = { electron, electronVersion, electronSource, sqlite, ...found };
  await writeManifest(manifest);
  if (withBuild) {
    // The build needs esbuild, which only exists after the first step.
    const { build } = await import('./build.mjs');
    await step('Build', build);
  }
  say(`Ready in ${duration(Date.now() - started)}`);
  return manifest;
}

function fetchTensorflow() {
  if (process.env.SAMPO_TENSORFLOW === 'none')
    return Promise.resolve({ reason: 'switched off by SAMPO_TENSORFLOW=none' });
  if (process.platform !== 'linux') return Promise.resolve({});
  if (process.arch !== 'x64')
    return Promise.resolve({ reason: `there is no build for ${process.platform} ${process.arch}` });
  return installLibrary().then(
    (tensorflow) => ({ tensorflow }),
    (error) => ({ reason: error.message }),
  );
}

async function finishTensorflow(library) {
  const { tensorflow, reason } = await library;
  if (reason) return { tensorflow: null, tensorflowReason: reason };
  try {
    if (process.platform !== 'linux') return { tensorflow: await installByPackageScript(), tensorflowReason: null };
    await installAddon();
    return { tensorflow, tensorflowReason: null };
  } catch (error) {
    return { tensorflow: null, tensorflowReason: error.message };
  }
}

function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 20) return;
  console.error(`SamPO Studio needs Node 20 or newer, this is ${process.version}.`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setup().catch((error) => {
    console.error(explain(error));
    process.exit(1); // at once, even while a download is still under way
  });
}
