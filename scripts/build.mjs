#!/usr/bin/env node
// Bundles the four processes and the page into dist/. Skipped as a whole when no input is newer than the last build.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { explain } from './lib/errors.mjs';
import { writeAtomic } from './lib/files.mjs';
import { say } from './lib/log.mjs';
import { modulesDir, root } from './lib/paths.mjs';

const dist = join(root, 'dist');
/**
 * Native modules and what finds files beside itself cannot be bundled: of all packages, a release carries these and no
 * others.
 */
export const besideBundles = ['better-sqlite3', '@tensorflow/tfjs-node-gpu', 'google-protobuf'];
const inputs = [
  'src-main',
  'src-renderer',
  'scripts/build.mjs',
  'package-lock.json',
  'tsconfig.base.json',
  'tsconfig.main.json',
  'tsconfig.renderer.json',
];

/**
 * A release goes into a folder of its own: `dist` stays what the checkout runs on. It heeds no variable that leads to
 * other code (src-main/shared/build-kind.ts).
 */
export async function build({ force = false, release = false, into = dist } = {}) {
  const stamp = join(into, '.built');
  const built = await stat(stamp).then(
    (s) => s.mtimeMs,
    () => 0,
  );
  if (!force && built > 0 && !(await anyNewer(built))) return 'up to date';
  const started = new Date();
  const done = [];
  const bundled = new Set();
  const { build: bundle } = createRequire(join(root, 'package.json'))('esbuild');
  const results = await Promise.allSettled(
    bundles(release)
      .filter(({ from }) => existsSync(join(root, from)))
      .map(async ({ from, to, options }) => {
        const { outputFiles, metafile } = await bundle({
          ...options,
          entryPoints: [join(root, from)],
          outfile: join(into, to),
          metafile: true,
          absWorkingDir: root,
          bundle: true,
          sourcemap: true,
          write: false,
          logLevel: 'warning',
        });
        // An engine that starts meanwhile reads the old bundle or the new one, never half of it.
        for (const { path, contents } of outputFiles) await writeAtomic(path, contents);
        for (const input of Object.keys(metafile.inputs)) bundled.add(input);
        done.push(to);
      }),
  );
  // Every bundle that can be built is: a page in pieces must not keep the command line from running.
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  await copyPage(into);
  await copyWasm(into);
  await writeAtomic(join(into, '.inputs.json'), JSON.stringify([...bundled].sort()));
  if (done.length === 0) return 'nothing to build yet';
  // A file saved while we built is newer than this stamp, so the next build takes it.
  await writeAtomic(stamp, started.toISOString());
  await utimes(stamp, started, started);
  return done.sort().join(', ');
}

function bundles(release) {
  const kind = { SAMPO_RELEASE: String(release) };
  const node = {
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: kind,
    external: ['electron', ...besideBundles],
    // Modules that also run unbundled in tests ask for __filename first; in the bundle that is always there.
    logOverride: { 'empty-import-meta': 'silent' },
  };
  const browser = {
    platform: 'browser',
    format: 'esm',
    target: 'chrome130',
    jsx: 'automatic',
    minify: true,
    define: { ...kind, 'process.env.NODE_ENV': '"production"' },
    loader: { '.woff': 'file', '.woff2': 'file', '.svg': 'dataurl', '.png': 'dataurl' },
  };
  return [
    { from: 'src-main/main.ts', to: 'main.cjs', options: node },
    { from: 'src-main/preload.ts', to: 'preload.cjs', options: node },
    { from: 'src-main/engine.ts', to: 'engine.cjs', options: node },
    { from: 'src-main/cli.ts', to: 'cli.cjs', options: node },
    { from: 'src-renderer/index.tsx', to: 'renderer/index.js', options: browser },
  ];
}

async function copyPage(into) {
  const page = join(root, 'src-renderer', 'index.html');
  if (!existsSync(page)) return;
  await mkdir(join(into, 'renderer'), { recursive: true });
  await copyFile(page, join(into, 'renderer', 'index.html'));
}

async function copyWasm(into) {
  const from = join(modulesDir, '@tensorflow', 'tfjs-backend-wasm', 'dist');
  if (!existsSync(from)) return;
  await mkdir(join(into, 'wasm'), { recursive: true });
  for (const file of await readdir(from)) {
    if (file.endsWith('.wasm')) await copyFile(join(from, file), join(into, 'wasm', basename(file)));
  }
}

async function anyNewer(time) {
  for (const input of inputs) if (await newerIn(join(root, input), time)) return true;
  return false;
}

/** A folder's own time counts as well: it changes when a file in it is removed or renamed. */
async function newerIn(path, time) {
  const info = await stat(path).catch(() => null);
  if (!info) return false;
  if (info.mtimeMs > time) return true;
  if (!info.isDirectory()) return false;
  for (const name of await readdir(path)) if (await newerIn(join(path, name), time)) return true;
  return false;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  build({ force: process.argv.includes('--force') }).then(
    (result) => say(`Build: ${result}`),
    (error) => {
      console.error(explain(error));
      process.exitCode = 1;
    },
  );
}
