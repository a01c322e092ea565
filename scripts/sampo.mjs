#!/usr/bin/env node
// The `sampo` command: the app's own CLI (dist/cli.cjs) on the app's own runtime, Electron run as Node.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { explain } from './lib/errors.mjs';
import { logToStderr } from './lib/log.mjs';
import { childEnvironment, isUsable, readManifest } from './lib/manifest.mjs';
import { root } from './lib/paths.mjs';
import { runInherited } from './lib/run.mjs';

const cli = join(root, 'dist', 'cli.cjs');

async function main() {
  logToStderr(); // stdout belongs to the command: with --json it carries nothing else
  let manifest = await readManifest();
  if (!isUsable(manifest) || !existsSync(cli)) manifest = await (await import('./setup.mjs')).setup();
  else await rebuild();
  if (process.argv[2] === 'engine')
    return (await import('./lib/engine-command.mjs')).engineCommand(process.argv.slice(3), manifest);
  const env = { ...childEnvironment(manifest), ELECTRON_RUN_AS_NODE: '1', SAMPO_COMMAND: String(process.pid) };
  return runInherited(manifest.electron, [cli, ...process.argv.slice(2)], { env });
}

/** After a pull or an edit the command should be the new one; a source in pieces still leaves the last one that was built. */
async function rebuild() {
  try {
    await build();
  } catch (error) {
    console.error(`The build failed, so this runs the last one: ${error.message.split('\n')[0]}`);
  }
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(explain(error));
    process.exit(1);
  },
);
