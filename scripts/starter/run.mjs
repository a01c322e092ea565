#!/usr/bin/env node
// Bundles one of this folder's programs and runs it on the app's own runtime: node scripts/starter/run.mjs make|check
// [key=value …]
import { createRequire } from 'node:module';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment, isUsable, readManifest } from '../lib/manifest.mjs';
import { modulesDir, root } from '../lib/paths.mjs';
import { runInherited } from '../lib/run.mjs';

const [program = 'make', ...settings] = process.argv.slice(2);
const manifest = await readManifest();
if (!isUsable(manifest)) throw new Error('Run npm run setup first.');
const folder = join(modulesDir, '.cache'); // inside node_modules, so that what is not bundled is found
await mkdir(folder, { recursive: true });
const bundle = join(folder, `starter-${program}-${process.pid}.cjs`);
try {
  const { build } = createRequire(join(root, 'package.json'))('esbuild');
  await build({
    entryPoints: [join(root, 'scripts', 'starter', `${program}.ts`)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    external: ['electron', 'better-sqlite3', '@tensorflow/*'],
    logOverride: { 'empty-import-meta': 'silent' },
  });
  const env = { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1', SAMPO_ROOT: root };
  process.exitCode = await runInherited(manifest.electron, [bundle, ...settings], { env, cwd: root });
} finally {
  await rm(bundle, { force: true });
}
